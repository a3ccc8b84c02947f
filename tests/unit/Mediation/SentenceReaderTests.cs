using CsCheck;
using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Mediation;

public sealed class SentenceReaderTests
{
    [Theory]
    // Orders.
    [InlineData("Fix the flaky test", TaskKind.Fix)]
    [InlineData("please add a retry to src/db.cs", TaskKind.Fix)]
    [InlineData("Could you fix the login?", TaskKind.Fix)]
    [InlineData("The login does not work, fix it", TaskKind.Fix)]
    [InlineData("Users cannot log in. Fix it", TaskKind.Fix)]
    [InlineData("Don't forget to add tests", TaskKind.Fix)]
    [InlineData("Fix the crash, do not modify the public API", TaskKind.Fix)]
    [InlineData("Fix the login bug. Do not change anything else.", TaskKind.Fix)]
    [InlineData("Refactor the parser without changing its behaviour", TaskKind.Fix)]
    [InlineData("Without touching the API, fix the bug", TaskKind.Fix)]
    [InlineData("Fix the bug with no changes to the public API", TaskKind.Fix)]
    [InlineData("Find and fix the bug in the parser", TaskKind.Fix)]
    [InlineData("review and fix the authentication", TaskKind.Fix)]
    [InlineData("Update the README", TaskKind.Documentation)]
    [InlineData("document the public API", TaskKind.Documentation)]
    // Readings.
    [InlineData("review the authentication code", TaskKind.CodeReview)]
    [InlineData("review the fix", TaskKind.CodeReview)]
    [InlineData("Check whether we should add caching", TaskKind.CodeReview)]
    [InlineData("Summarize the error handling", TaskKind.Summarize)]
    [InlineData("give me an overview of the update process", TaskKind.Summarize)]
    [InlineData("What does this repository do?", TaskKind.Analyze)]
    [InlineData("Please explain how to fix the login", TaskKind.Analyze)]
    [InlineData("look at the update of the schema", TaskKind.Analyze)]
    [InlineData("Describe what you would change", TaskKind.Analyze)]
    [InlineData("the prefix and the suffix of a fixture", TaskKind.Analyze)]
    [InlineData("", TaskKind.Analyze)]
    // Prohibitions.
    [InlineData("Do not create anything, only review auth", TaskKind.CodeReview)]
    [InlineData("Don’t change any files, review the parser", TaskKind.CodeReview)]
    [InlineData("Review auth and make no changes", TaskKind.CodeReview)]
    [InlineData("Review auth. Do not create, edit or delete files.", TaskKind.CodeReview)]
    [InlineData(
        "never under any circumstances modify or add files; audit them",
        TaskKind.CodeReview
    )]
    [InlineData("Check the login and change nothing", TaskKind.CodeReview)]
    [InlineData("Summarize the code without changing anything", TaskKind.Summarize)]
    [InlineData("Find the bug. Fix nothing.", TaskKind.Analyze)]
    [InlineData("You cannot modify files here", TaskKind.Analyze)]
    [InlineData("Read-only: how would you fix the login? Add your findings here", TaskKind.Analyze)]
    [InlineData("Do not document anything", TaskKind.Analyze)]
    public void D19_A_sentence_is_read_by_its_words_and_negations(string sentence, TaskKind kind) =>
        Assert.Equal(kind, SentenceReader.KindOf(sentence));

    [Theory]
    [InlineData("Do not create anything, only review auth", true)]
    [InlineData("no changes please", true)]
    [InlineData("Don't fix it", true)]
    [InlineData("Fix the crash, do not modify the public API", false)]
    [InlineData("Fix the login bug. Do not change anything else.", false)]
    [InlineData("The tests do not pass", false)]
    [InlineData("look at it", false)]
    public void A_prohibition_is_told_from_a_limit(string sentence, bool forbids) =>
        Assert.Equal(forbids, SentenceReader.ForbidsWriting(sentence));

    [Fact]
    public void A_prohibition_before_any_sentence_keeps_it_read_only()
    {
        string[] bans =
        [
            "Do not change anything. ",
            "Change nothing: ",
            "Make no changes. ",
            "Don't modify any file! ",
            "Only review. ",
        ];
        string[] orders =
        [
            "Fix the login",
            "add tests, then update docs",
            "refactor\nand rename",
            "Please implement the parser!",
        ];
        foreach (var text in bans.SelectMany(b => orders.Select(o => b + o)))
        {
            Assert.True(PlanReader.IsReadOnly(SentenceReader.KindOf(text)), text);
        }
    }

    [Fact]
    public void Any_text_has_a_kind_a_one_line_title_and_files_that_stay_inside() =>
        Gen.String.Sample(
            text =>
            {
                var title = SentenceReader.TitleOf(text);
                return SentenceReader.KindOf(text) != TaskKind.Unknown
                    && title.Length is > 0 and <= 81
                    && SentenceReader.FilesOf(text).Count <= 20
                    && SentenceReader
                        .FilesOf(text)
                        .All(f => !f.StartsWith('/') && !f.Contains(".."));
            },
            iter: 2_000
        );

    [Fact]
    public void A_request_of_200_000_characters_is_read_without_delay()
    {
        var words = string.Concat(Enumerable.Repeat("do not a-b.c ", 200_000 / 13));

        Assert.Equal(TaskKind.Analyze, SentenceReader.KindOf(words));
        Assert.NotEmpty(SentenceReader.TitleOf(words));
    }
}
