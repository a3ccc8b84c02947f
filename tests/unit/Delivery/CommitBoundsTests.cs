using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>Guarded work becomes a commit once it is approved, and a commit's words keep turn, lines and characters whole.</summary>
public sealed class CommitBoundsTests
{
    [Theory]
    [InlineData(GuardedStep.Staged, false)]
    [InlineData(GuardedStep.Approved, true)]
    [InlineData(GuardedStep.Applied, true)]
    [InlineData(GuardedStep.Rejected, false)]
    public void Guarded_work_may_become_a_commit_once_it_is_approved(GuardedStep step, bool may) =>
        Assert.Equal(
            may
                ? null
                : new Failure(
                    FailureCodes.NeedsApproval,
                    "The work of task t1 is guarded and not approved. Look at it (orchestrator diff t1), then 'orchestrator approve t1'."
                ),
            CommitRules.Refusal(
                new TaskSnapshot
                {
                    TaskId = "t1",
                    Phase = TaskPhase.Done,
                    Repository = "/r",
                    Guarded = new GuardedState
                    {
                        Diff = new GuardedDiff { Hash = new string('e', 64) },
                        Step = step,
                    },
                },
                new CommitRequest()
            )
        );

    [Fact]
    public void Work_that_is_being_applied_is_not_committed_beside_it() =>
        Assert.Equal(
            new Failure(
                FailureCodes.NotPossibleNow,
                "The work of task t1 is being applied to its branch just now. See what comes of it: orchestrator show t1."
            ),
            CommitRules.Refusal(
                new TaskSnapshot
                {
                    TaskId = "t1",
                    Phase = TaskPhase.Done,
                    Repository = "/r",
                    Guarded = new GuardedState
                    {
                        Diff = new GuardedDiff { Hash = new string('e', 64) },
                        Step = GuardedStep.Applying,
                    },
                },
                new CommitRequest()
            )
        );

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "Orchestrator-Turn: 1\n")]
    [InlineData(12, "Orchestrator-Turn: 12\n")]
    public void A_message_names_the_turn_from_the_first_on(int turn, string trailer) =>
        Assert.Equal(
            $"fix: it broke\n\nOrchestrator-Task: t1\nOrchestrator-Work: abc\n{trailer}",
            CommitText.Message(null, TaskKind.Fix, "It broke", "t1", "abc", turn)
        );

    [Theory]
    [InlineData("x\ny", "fix: x y")]
    [InlineData("Mend it\r\nand go on", "fix: mend it and go on")]
    [InlineData("docs: a\nb", "docs: a b")]
    [InlineData("\nx\n", "fix: x")]
    public void A_title_of_two_lines_is_a_subject_of_one(string title, string subject) =>
        Assert.Equal(subject, CommitText.Subject(TaskKind.Fix, title));

    // A subject has 72 characters with the sign that it is cut; "fix: " and 65 make 70.
    [Theory]
    [InlineData(64, "😀bbbb", "😀")]
    [InlineData(65, "😀bb", "")]
    [InlineData(65, "😀😀", "")]
    [InlineData(66, "😀b", "")]
    [InlineData(67, "😀", "")]
    public void No_character_of_a_subject_is_cut_in_two(int letters, string end, string kept) =>
        Assert.Equal(
            "fix: " + new string('a', Math.Min(letters, 66)) + kept + "…",
            CommitText.Subject(TaskKind.Fix, new string('a', letters) + end)
        );
}
