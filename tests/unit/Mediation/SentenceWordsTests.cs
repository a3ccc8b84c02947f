using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Mediation;

public sealed class SentenceWordsTests
{
    [Fact]
    public void Every_word_for_a_review_asks_for_one_unless_an_article_makes_it_a_thing() =>
        Each(
            "review check audit inspect assess",
            w =>
                SentenceReader.KindOf($"{w} the login") == TaskKind.CodeReview
                && SentenceReader.KindOf($"look at the {w}") == TaskKind.Analyze
        );

    [Fact]
    public void Every_word_for_a_summary_asks_for_one() =>
        Each(
            "summary summarize summarise outline overview",
            w => SentenceReader.KindOf($"a short {w} please") == TaskKind.Summarize
        );

    [Fact]
    public void An_edit_of_what_documents_is_documentation() =>
        Each(
            "document documentation docs readme docstring docstrings",
            w => SentenceReader.KindOf($"update the {w}") == TaskKind.Documentation
        );

    [Theory]
    [InlineData("fix the typo in docs", TaskKind.Documentation)]
    [InlineData("fix the typo in the docs", TaskKind.Fix)]
    [InlineData("please fix the typo in docs", TaskKind.Documentation)]
    [InlineData("please fix the typo in the docs", TaskKind.Fix)]
    [InlineData("The docs are right, fix the code", TaskKind.Fix)]
    public void The_documents_must_stand_within_four_words_after_the_edit(
        string sentence,
        TaskKind kind
    ) => Assert.Equal(kind, SentenceReader.KindOf(sentence));

    [Fact]
    public void A_sentence_that_begins_with_a_question_is_only_answered() =>
        Each(
            "what why how where which who when explain analyze analyse find list show describe tell",
            w => SentenceReader.KindOf($"{w} fails, add a test") == TaskKind.Analyze
        );

    [Fact]
    public void A_question_stays_one_however_polite_it_is() =>
        Each(
            "please can could would will you kindly i we want need to like let's lets",
            w => SentenceReader.KindOf($"{w} explain it, add a test") == TaskKind.Analyze
        );

    [Fact]
    public void To_find_something_and_repair_it_is_an_order() =>
        Each(
            "fix repair correct resolve",
            w =>
                SentenceReader.KindOf($"find the bug and {w} it") == TaskKind.Fix
                && SentenceReader.KindOf($"please find the bug then {w} it") == TaskKind.Fix
        );

    [Theory]
    [InlineData("find the bug and fix it", TaskKind.Fix)]
    [InlineData("analyze the bug and fix it", TaskKind.Fix)]
    [InlineData("analyse the bug and fix it", TaskKind.Fix)]
    [InlineData("Find, analyze and fix it", TaskKind.Fix)]
    [InlineData("explain the bug and fix it", TaskKind.Analyze)]
    [InlineData("find the bug and add a test", TaskKind.Analyze)]
    [InlineData("find the bug, fix it", TaskKind.Analyze)]
    public void Only_a_search_joined_to_a_repair_may_write(string sentence, TaskKind kind) =>
        Assert.Equal(kind, SentenceReader.KindOf(sentence));

    [Theory]
    [InlineData("", "Untitled task")]
    [InlineData(" \n\t\n", "Untitled task")]
    [InlineData("Fix it", "Fix it")]
    [InlineData("\n\n  Fix it  \nand more", "Fix it")]
    [InlineData("Fix \t the   login", "Fix the login")]
    public void A_title_is_the_first_line_that_says_something(string sentence, string title) =>
        Assert.Equal(title, SentenceReader.TitleOf(sentence));

    [Theory]
    [InlineData(80, 0, "")] // whole
    [InlineData(41, 60, "…")] // at the blank
    [InlineData(80, 5, "…")] // at the blank, just in reach
    public void A_title_ends_with_a_word_within_80_characters(int first, int second, string mark)
    {
        var word = new string('x', first);
        var line = second > 0 ? word + " " + new string('y', second) : word;

        Assert.Equal(word + mark, SentenceReader.TitleOf(line));
    }

    [Theory]
    [InlineData(81, 0)]
    [InlineData(40, 60)] // a blank too early to cut there
    [InlineData(81, 5)] // a blank out of reach
    public void A_title_without_a_blank_in_its_second_half_is_cut_at_80(int first, int second)
    {
        var word = new string('x', first);
        var line = second > 0 ? word + " " + new string('y', second) : word;

        Assert.Equal(line[..80] + "…", SentenceReader.TitleOf(line));
    }

    [Theory]
    [InlineData("Fix src/a.cs, README.md and src/a.cs.", "src/a.cs README.md")]
    [InlineData("Fix src\\b\\a.cs: it fails", "src/b/a.cs")]
    [InlineData("Fix ./a.cs; then b_c-d.test.ts", "./a.cs b_c-d.test.ts")]
    [InlineData("Fix /etc/hosts.conf", "")]
    [InlineData("Fix \\etc\\hosts.conf", "")]
    [InlineData("Fix ../a.cs and src/../b.cs", "")]
    [InlineData("See https://example.com/a.js", "")]
    [InlineData("Fix the login. Now", "")]
    public void The_files_of_a_sentence_are_its_relative_paths_each_once(
        string sentence,
        string files
    ) => Assert.Equal(files, string.Join(' ', SentenceReader.FilesOf(sentence)));

    [Fact]
    public void The_first_20_files_of_a_sentence_are_taken()
    {
        var names = Enumerable.Range(1, 21).Select(i => $"f{i}.cs").ToList();

        Assert.Equal(names[..20], SentenceReader.FilesOf(string.Join(' ', names[..20])));
        Assert.Equal(names[..20], SentenceReader.FilesOf(string.Join(' ', names)));
    }

    [Fact]
    public void Only_the_first_32_000_characters_are_searched_for_files()
    {
        Assert.Equal(["ab.cs"], SentenceReader.FilesOf(new string(' ', 31_995) + "ab.cs"));
        Assert.Equal(["ab.c"], SentenceReader.FilesOf(new string(' ', 31_996) + "ab.cs"));
        Assert.Empty(SentenceReader.FilesOf(new string(' ', 32_000) + "ab.cs"));
    }

    private static void Each(string words, Func<string, bool> holds) =>
        Assert.All(words.Split(' '), w => Assert.True(holds(w), w));
}
