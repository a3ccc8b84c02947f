using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>As what the mediator reads a later turn, and what answers and replies change in it.</summary>
public sealed class TaskWordsTests
{
    private static readonly TaskSpec Spec = TaskSituations.Spec with
    {
        Requester = "ann",
        Kind = TaskKind.Fix,
    };

    [Theory]
    [InlineData("", false, null, false, TaskKind.Fix)]
    [InlineData("", true, TaskKind.Analyze, true, TaskKind.Fix)]
    [InlineData("reply", true, null, false, TaskKind.Unknown)]
    [InlineData("reply", false, null, false, TaskKind.Summarize)]
    [InlineData("reply", true, TaskKind.Analyze, false, TaskKind.Analyze)]
    [InlineData("feedback", true, null, true, TaskKind.Summarize)]
    [InlineData("retry", true, null, false, TaskKind.Fix)]
    [InlineData("retry", false, null, true, TaskKind.Summarize)]
    public void A_later_turn_is_mediated_as_the_kind_that_was_wished_or_written_before(
        string turn,
        bool readOnly,
        TaskKind? wished,
        bool feedback,
        TaskKind expected
    )
    {
        var state = Ended with
        {
            Spec = Spec,
            TurnKind = turn,
            WishedKind = wished,
            Plan = new Plan { Kind = TaskKind.Summarize, ReadOnly = readOnly },
            Delivery = new DeliveryState
            {
                InWork = feedback ? [DeliverySituations.Item("line:1")] : [],
            },
        };

        Assert.Equal(Spec with { Kind = expected }, state.MediatedSpec);
    }

    [Fact]
    public void A_reply_to_a_task_that_was_never_planned_is_read_for_its_kind() =>
        Assert.Equal(
            TaskKind.Unknown,
            (Ended with { Spec = Spec, TurnKind = "reply", Plan = null }).MediatedSpec.Kind
        );

    [Theory]
    [InlineData("", "", "")]
    [InlineData("And now", "", "And now")]
    [InlineData("And now", "Which? All.", "And now\n\nWhich? All.")]
    [InlineData("", "Which? All.", "Fix it\n\nWhich? All.")]
    public void The_mediator_reads_the_turn_s_words_and_what_they_were_clarified_to(
        string message,
        string clarified,
        string expected
    ) =>
        Assert.Equal(
            expected,
            (Ended with { TurnMessage = message, Clarified = clarified }).MediatedWords
        );

    [Fact]
    public void A_plain_yes_lets_every_assumption_stand_and_a_reply_answers_in_its_words()
    {
        var asked = TaskSituations.Named("AwaitingApproval, questions") with
        {
            Questions = ["Which?", "When?"],
            Assumptions = ["All."],
            Speaker = "ann",
            Replies =
            [
                new Reply
                {
                    Id = "r",
                    Text = "Both",
                    By = "bob",
                },
            ],
        };
        var yes = Fold(asked, new TaskFact.Approved("eve", ""));
        var said = Fold(asked, new TaskFact.Approved("bob", "") { ReplyId = "r" });

        Assert.Equal(
            ("Which? Assumed: All.\nWhen? Assumed: ", "ann", 1),
            (yes.Clarified, yes.Speaker, yes.Replies.Count)
        );
        Assert.Equal(
            ("Which?\nWhen?\nAnswered: Both", "bob", 0),
            (said.Clarified, said.Speaker, said.Replies.Count)
        );
        AssertNothingAsked(yes);
        Assert.Equal(TaskPhase.Mediating, yes.Phase);
    }

    [Fact]
    public void A_reply_changes_only_what_it_brings_and_only_when_its_turn_comes()
    {
        var empty = new Reply { Id = "r1", Text = "x" };
        var full = new Reply
        {
            Id = "r2",
            Text = "y",
            Script = "new",
            Constraints = ["b", "a"],
            Attachments = [new Attachment { Name = "n", Blob = "m" }],
        };
        var state = Ended with
        {
            Script = "old",
            Constraints = ["a"],
            WishedKind = TaskKind.Analyze,
            Priority = TaskPriority.High,
            Replies = [empty, full],
        };

        var one = Fold(state, Turn("reply") with { ReplyId = "r1" });
        var two = Fold(one, Turn("reply") with { ReplyId = "r2" });

        Assert.Equal(
            ("old", TaskKind.Analyze, TaskPriority.High, "x"),
            (one.Script, one.WishedKind, one.Priority, one.TurnMessage)
        );
        Assert.Equal([full], one.Replies);
        Assert.Equal("new", two.Script);
        Assert.Equal(["a", "b"], two.Constraints);
        Assert.Single(two.Attachments);
        Assert.Empty(two.Replies);
        Assert.Equal(state.Replies, Fold(state, Turn("reply") with { ReplyId = "?" }).Replies);
    }

    private static TaskState Ended => TaskSituations.Named("Done");

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
