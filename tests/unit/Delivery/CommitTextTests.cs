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
}
