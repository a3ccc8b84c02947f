using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

public sealed class CommitTextTests
{
    [Theory]
    [InlineData(TaskKind.Fix, "Retry lost connections", "fix: retry lost connections")]
    [InlineData(TaskKind.Fix, "Add a retry to src/db.cs", "feat: add a retry to src/db.cs")]
    [InlineData(TaskKind.Fix, "Add tests for the pool", "test: add tests for the pool")]
    [InlineData(TaskKind.Fix, "Rename Pool to Connections", "refactor: rename Pool to Connections")]
    [InlineData(TaskKind.Documentation, "Explain the pool.", "docs: explain the pool")]
    [InlineData(TaskKind.Fix, "SQL is slow", "fix: SQL is slow")]
    [InlineData(TaskKind.Documentation, "fix: keep my words", "fix: keep my words")]
    [InlineData(TaskKind.Fix, "", "fix: the work of a task")]
    public void A_subject_names_the_kind_of_work(TaskKind kind, string title, string expected) =>
        Assert.Equal(expected, CommitText.Subject(kind, title));

    [Theory]
    [InlineData("a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m")]
    [InlineData(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    )]
    [InlineData(
        "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"
    )]
    [InlineData("x\ny")]
    public void A_subject_is_one_line_of_at_most_72_characters_and_no_half_ones(string title)
    {
        var subject = CommitText.Subject(TaskKind.Fix, title);

        Assert.InRange(subject.Length, 1, 72);
        Assert.DoesNotContain('\n', subject);
        Assert.False(char.IsHighSurrogate(subject[^2]) && subject[^1] == '…');
    }

    [Theory]
    [InlineData(
        "task_1",
        "Retry: lost (DB) connections!",
        "orchestrator/task_1-retry-lost-db-connections"
    )]
    [InlineData("a..b", "", "orchestrator/a-b")]
    [InlineData("x", "Größe — ändern.lock", "orchestrator/x-gr-e-ndern-lock")]
    [InlineData("x.lock", "", "orchestrator/x-lock")]
    public void A_branch_made_from_a_task_is_one_that_git_takes(
        string id,
        string title,
        string expected
    )
    {
        var branch = CommitText.Branch(CommitText.BranchDefault, id, title);

        Assert.Equal(expected, branch);
        Assert.True(CommitText.IsBranch(branch));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("a b")]
    [InlineData("a..b")]
    [InlineData("a/.b")]
    [InlineData("a.lock")]
    [InlineData("a.lock/b")]
    [InlineData("HEAD")]
    [InlineData("a@{b")]
    [InlineData("a//b")]
    [InlineData("a\u0001b")]
    [InlineData("a\\b")]
    public void A_name_that_git_refuses_is_no_branch(string name) =>
        Assert.False(CommitText.IsBranch(name));

    [Fact]
    public void A_message_keeps_the_persons_words_and_ends_with_the_trailers() =>
        Assert.Equal(
            "My words\n\nand more\n\nOrchestrator-Task: t1\nOrchestrator-Work: abc\n",
            CommitText.Message("My words\r\n\r\nand more\n", TaskKind.Fix, "T", "t1", "abc")
        );

    [Theory]
    [InlineData("refactor", "refactor rename extract simplify restructure inline move split")]
    [InlineData("docs", "document describe")]
    [InlineData("test", "test")]
    [InlineData("feat", "add implement create introduce support build allow")]
    [InlineData("fix", "repair write")]
    public void The_first_verb_says_the_kind(string kind, string verbs) =>
        Assert.All(
            verbs.Split(' '),
            verb =>
                Assert.Equal(
                    $"{kind}: {verb} the pool",
                    CommitText.Subject(TaskKind.Fix, verb + " the pool.")
                )
        );

    [Theory]
    [InlineData("fix")]
    [InlineData("refactor")]
    [InlineData("docs")]
    [InlineData("test")]
    [InlineData("feat")]
    public void A_title_that_names_its_kind_keeps_it(string kind)
    {
        Assert.Equal($"{kind}: X y", CommitText.Subject(TaskKind.Documentation, $"{kind}: X y"));
        Assert.Equal(
            $"docs: {kind} X y",
            CommitText.Subject(TaskKind.Documentation, $"{kind} X y")
        );
    }

    [Theory]
    [InlineData("add: one test", "test: add: one test")]
    [InlineData("write-tests for it", "test: write-tests for it")]
    [InlineData("add,test", "test: add,test")]
    [InlineData("repair tests", "fix: repair tests")]
    [InlineData("A", "fix: A")]
    [InlineData("Ab", "fix: ab")]
    [InlineData("AB", "fix: AB")]
    [InlineData("-,:", "fix: -,:")]
    [InlineData(": x", "fix: : x")]
    [InlineData("chore: x", "fix: chore: x")]
    public void A_title_is_read_by_its_words(string title, string subject) =>
        Assert.Equal(subject, CommitText.Subject(TaskKind.Fix, title));

    [Fact]
    public void A_long_subject_is_cut_at_a_word_behind_its_middle_else_at_the_limit()
    {
        // "fix: " and 67 make 72.
        Assert.Equal("fix: " + new string('a', 67), Cut(new string('a', 67)));
        Assert.Equal("fix: " + new string('a', 66) + "…", Cut(new string('a', 68)));
        // A space at 71 is the last that counts, at 37 the first.
        Assert.Equal("fix: " + new string('a', 66) + "…", Cut(new string('a', 66) + " bb"));
        Assert.Equal(
            "fix: " + new string('a', 32) + "…",
            Cut(new string('a', 32) + " " + new string('b', 60))
        );
        Assert.Equal(
            "fix: " + new string('a', 31) + " " + new string('b', 34) + "…",
            Cut(new string('a', 31) + " " + new string('b', 60))
        );
        // The 71st is the first half of a pair: neither half stays.
        Assert.Equal("fix: " + new string('a', 65) + "…", Cut(new string('a', 65) + "😀😀"));

        static string Cut(string title) => CommitText.Subject(TaskKind.Fix, title);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n")]
    public void Without_words_the_subject_is_made_of_the_task(string? words) =>
        Assert.Equal(
            "fix: t\n\nOrchestrator-Task: t1\n",
            CommitText
                .Message(words, TaskKind.Fix, "T", "t1", "")
                .Replace("fix: T", "fix: t", StringComparison.Ordinal)
        );

    [Fact]
    public void A_slug_has_at_most_fifty_characters_and_ends_with_none_of_its_dashes()
    {
        Assert.Equal(new string('a', 50), Slug(new string('a', 50)));
        Assert.Equal(new string('a', 50), Slug(new string('a', 51)));
        Assert.Equal(new string('a', 49), Slug(new string('a', 49) + " bc"));
        Assert.Equal("a-b", Slug("--a--b--"));
        Assert.Equal("", Slug("äöü"));
        Assert.Equal("", CommitText.Branch("{slug}", "t", null!));

        static string Slug(string title) => CommitText.Branch("{slug}", "t", title);
    }

    [Theory]
    [InlineData("a/b/c-1_2.x", true)]
    [InlineData("@x", true)]
    [InlineData("x@", true)]
    [InlineData("@", false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("a.", false)]
    [InlineData("a~b", false)]
    [InlineData("a^b", false)]
    [InlineData("a:b", false)]
    [InlineData("a?b", false)]
    [InlineData("a*b", false)]
    [InlineData("a[b", false)]
    [InlineData("A.LOCK", false)]
    [InlineData("locked", true)]
    public void The_rules_of_git_hold(string name, bool fine) =>
        Assert.Equal(fine, CommitText.IsBranch(name));

    [Fact]
    public void A_branch_has_at_most_two_hundred_characters()
    {
        Assert.True(CommitText.IsBranch(new string('a', 200)));
        Assert.False(CommitText.IsBranch(new string('a', 201)));
    }
}
