using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>What a turn begins with: whose words, what is remembered, on which commit, and what of the last one is over.</summary>
public sealed class TaskTurnTests
{
    private static readonly TaskSpec Spec = TaskSituations.Spec with
    {
        Requester = "ann",
        Kind = TaskKind.Fix,
    };

    [Fact]
    public void A_submission_brings_all_that_was_sent_and_where_a_fork_goes_on()
    {
        var spec = Spec with
        {
            Priority = TaskPriority.High,
            Constraints = ["c"],
            Attachments = [new Attachment { Name = "a", Blob = "b" }],
            Script = "s",
            Earlier = [new TurnMemory { Turn = 4 }],
            StartCommit = "commit",
            StartBundle = "bundle",
            StartPatchBlob = "patch",
            StartPatchAccepted = true,
        };

        var state = Fold(TaskState.Empty, new TaskFact.Submitted(spec));

        Assert.Equal(
            (TaskPriority.High, spec.Constraints, spec.Attachments, "ann", "s", spec.Earlier),
            (
                state.Priority,
                state.Constraints,
                state.Attachments,
                state.Speaker,
                state.Script,
                state.Memory
            )
        );
        Assert.Equal(
            ("commit", "bundle", "patch", "commit", "patch"),
            (
                state.BaseCommit,
                state.BaseBundle,
                state.PatchBlob,
                state.PatchBase,
                state.AcceptedPatch
            )
        );
        var rejected = Fold(
            TaskState.Empty,
            new TaskFact.Submitted(spec with { StartPatchAccepted = false })
        );
        Assert.Equal(("patch", ""), (rejected.PatchBlob, rejected.AcceptedPatch));
        var bare = Fold(
            TaskState.Empty,
            new TaskFact.Submitted(spec with { StartPatchBlob = "", StartPatchAccepted = false })
        );
        Assert.Equal(("commit", "", ""), (bare.BaseCommit, bare.PatchBase, bare.AcceptedPatch));
    }

    [Theory]
    [InlineData("reply", "bob", "bob", "new words")]
    [InlineData("retry", "bob", "ann", "first words")]
    [InlineData("restage", "bob", "ann", "first words")]
    [InlineData("feedback", "bob", "eve", "new words")]
    public void Whose_turn_it_is_and_whose_words_it_is_about_follow_from_what_caused_it(
        string kind,
        string by,
        string speaker,
        string words
    )
    {
        // Ann spoke last in a task that Eve asked for.
        var state = Ended with
        {
            Spec = Spec with { Requester = "eve" },
            Speaker = "ann",
            TurnMessage = "first words",
        };

        var next = Fold(state, new TaskFact.TurnStarted(2, kind, by, "new words"));

        Assert.Equal(
            (speaker, words, kind, kind == "restage"),
            (next.Speaker, next.TurnMessage, next.TurnKind, next.CheckOnly)
        );
        Assert.Equal(kind == "restage" ? TaskPhase.Queued : TaskPhase.Mediating, next.Phase);
        Assert.Equal(
            "",
            Fold(
                state with
                {
                    Spec = null,
                },
                new TaskFact.TurnStarted(2, "feedback", "b", "")
            ).Speaker
        );
    }

    [Fact]
    public void A_turn_keeps_the_base_unless_it_is_told_another_or_is_to_find_the_newest()
    {
        var state = Ended with { BaseCommit = "old", BaseBundle = "o" };
        var same = Fold(state, Turn("reply"));
        var newest = Fold(state, Turn("restage"));
        var told = Fold(state, Turn("restage") with { BaseCommit = "new", BaseBundle = "n" });

        Assert.Equal(("old", "o"), (same.BaseCommit, same.BaseBundle));
        Assert.Equal(("", "o"), (newest.BaseCommit, newest.BaseBundle));
        Assert.Equal(("new", "n"), (told.BaseCommit, told.BaseBundle));
    }

    [Fact]
    public void What_was_asked_about_the_last_turn_is_over_when_the_next_one_begins()
    {
        var asked = TaskSituations.Named("AwaitingApproval, guarded diff") with
        {
            ApprovalRoles = ["keeper"],
            ApprovalTo = "bob",
            ApprovedBy = ["ann"],
            Questions = ["q"],
            Assumptions = ["a"],
            Clarified = "c",
        };

        AssertNothingAsked(Fold(asked, Turn("reply")));
        Assert.Null(Fold(asked, Turn("reply")).Guarded);
        Assert.Equal(
            ("", 0),
            (Fold(asked, Turn("reply")).Clarified, Fold(asked, Turn("reply")).ApprovedBy.Count)
        );
        AssertNothingAsked(Fold(asked, new TaskFact.Rejected("bob", "")));
        AssertNothingAsked(Fold(asked, new TaskFact.Cancelled("w")));
        AssertNothingAsked(Fold(asked with { Questions = [] }, new TaskFact.Approved("bob", "")));
    }

    [Theory]
    [InlineData(TaskPhase.Done, "done")]
    [InlineData(TaskPhase.Failed, "failed")]
    [InlineData(TaskPhase.Cancelled, "cancelled")]
    [InlineData(TaskPhase.InReview, "done")]
    public void The_next_turn_remembers_what_was_asked_answered_and_how_it_ended(
        TaskPhase phase,
        string outcome
    )
    {
        var state = Ended with
        {
            Phase = phase,
            Turn = 3,
            ResultTurn = 3,
            Result = new RunResult { ResultText = "It was the lock." },
        };

        Assert.Equal(
            new TurnMemory
            {
                Turn = 3,
                Asked = "Fix it",
                Answered = "It was the lock.",
                Outcome = outcome,
            },
            Assert.Single(Fold(state, Turn("reply")).Memory)
        );
        Assert.Equal(state.MemoryWithThisTurn, Fold(state, Turn("reply")).Memory);
        // The words of the turn, not of the first one; and no answer of another turn.
        var silent = Fold(state with { TurnMessage = "And now", ResultTurn = 2 }, Turn("reply"));
        Assert.Equal(("And now", ""), (silent.Memory[0].Asked, silent.Memory[0].Answered));
        var nothing = Fold(state with { Spec = null, Result = null }, Turn("reply"));
        Assert.Equal(("", ""), (nothing.Memory[0].Asked, nothing.Memory[0].Answered));
        Assert.Empty(Fold(state with { CheckOnly = true }, Turn("reply")).Memory);
    }

    [Fact]
    public void Twenty_turns_are_remembered_with_the_first_1500_characters_of_what_was_said()
    {
        var state = Ended with
        {
            Turn = 21,
            Memory = [.. Enumerable.Range(1, 20).Select(i => new TurnMemory { Turn = i })],
        };

        Assert.Equal(Enumerable.Range(2, 20), state.MemoryWithThisTurn.Select(m => m.Turn));
        string Asked(int length) =>
            (state with { TurnMessage = new string('x', length) }).MemoryWithThisTurn[^1].Asked;
        Assert.Equal(new string('x', 1_500), Asked(1_500));
        Assert.Equal(new string('x', 1_499) + "…", Asked(1_501));
    }

    [Fact]
    public void A_check_keeps_the_agent_s_answer_and_takes_the_new_diff_and_end()
    {
        var agent = new RunResult
        {
            ResultText = "Done.",
            SessionId = "s",
            Diff = new DiffSummary { PatchBlob = "old" },
        };
        var check = new RunResult
        {
            ResultText = "",
            ErrorClass = ErrorClass.Workspace,
            Message = "moved",
            Diff = new DiffSummary { PatchBlob = "new" },
        };
        var state = Running with { CheckOnly = true, Turn = 2, ResultTurn = 1, Result = agent };

        var after = Fold(state, new TaskFact.RunEnded(2, check));

        Assert.Equal(
            ("Done.", "s", ErrorClass.Workspace, "moved", "new", 1),
            (
                after.Result!.ResultText,
                after.Result.SessionId,
                after.Result.ErrorClass,
                after.Result.Message,
                after.Result.Diff.PatchBlob,
                after.ResultTurn
            )
        );
        var first = Fold(state with { Result = null }, new TaskFact.RunEnded(2, check));
        Assert.Equal("moved", first.Result!.Message);
        Assert.Equal(
            2,
            Fold(state with { CheckOnly = false }, new TaskFact.RunEnded(2, check)).ResultTurn
        );
    }

    [Fact]
    public void Work_is_captured_on_the_base_it_was_made_on()
    {
        var state = Running with { PatchBlob = "p", PatchBase = "b" };
        var worked = new RunResult { Diff = new DiffSummary { PatchBlob = "q" } };

        Assert.Equal(
            ("q", TaskSituations.Workspace.BaseCommit),
            Patch(Fold(state, new TaskFact.RunEnded(1, worked)))
        );
        Assert.Equal(("p", "b"), Patch(Fold(state, new TaskFact.RunEnded(1, new RunResult()))));
        Assert.Equal(
            ("q", TaskSituations.Workspace.BaseCommit),
            Patch(Fold(state, new TaskFact.Checkpointed(1, new Checkpoint { PatchBlob = "q" })))
        );
        Assert.Equal(
            ("p", "b"),
            Patch(Fold(state, new TaskFact.Checkpointed(1, new Checkpoint())))
        );
        // A host that never told its workspace works on the task's base.
        Assert.Equal(
            ("q", "base"),
            Patch(
                Fold(
                    state with
                    {
                        Workspace = null,
                        BaseCommit = "base",
                    },
                    new TaskFact.RunEnded(1, worked)
                )
            )
        );

        static (string, string) Patch(TaskState s) => (s.PatchBlob, s.PatchBase);
    }

    [Fact]
    public void A_task_touches_what_was_planned_and_both_names_of_what_was_renamed()
    {
        var state = Running with { Paths = ["docs"] };
        var renamed = new RunResult
        {
            Diff = new DiffSummary
            {
                Files = [new FileChange("src/b.cs", "src/a.cs", "R", 1, 1, "100644", "100644")],
            },
        };
        var plan = TaskSituations.Plan with { TargetFiles = ["lib/x.cs"] };

        Assert.Equal(
            ["docs", "src/a.cs", "src/b.cs"],
            Fold(state, new TaskFact.RunEnded(1, renamed)).Paths
        );
        Assert.Equal(["docs", "lib/x.cs"], Fold(state, new TaskFact.PlanMade(1, plan)).Paths);
        // Who only reads claims nothing.
        Assert.Equal(
            ["docs"],
            Fold(state, new TaskFact.PlanMade(1, plan with { ReadOnly = true })).Paths
        );
    }

    private static TaskState Ended => TaskSituations.Named("Done");

    private static TaskState Running => TaskSituations.Named("Running");

    private static TaskFact.TurnStarted Turn(string kind) => new(2, kind, "bob", "");

    private static void AssertNothingAsked(TaskState state)
    {
        Assert.Equal(
            (0, 0, "", null, "", 0, 0),
            (
                state.ApprovalsNeeded,
                state.ApprovalRoles.Count,
                state.ApprovalHash,
                state.AskedUntil,
                state.ApprovalTo,
                state.Questions.Count,
                state.Assumptions.Count
            )
        );
        Assert.Equal(("", null), (state.WaitingFor, state.Due));
    }

    private static TaskState Fold(TaskState state, TaskFact fact) =>
        TaskSituations.Fold(state, fact);
}
