using CsCheck;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Tickets;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tickets;

public sealed class TicketNoteTests
{
    private static readonly TicketRules Rules = new()
    {
        Kind = "linear",
        StateStarted = "Doing",
        StateReview = "Review",
        StateDone = "Done",
    };

    public static TheoryData<string, TicketStage, string> Situations =>
        new()
        {
            { "begun", TicketStage.Started, "has begun" },
            { "turn 2", TicketStage.Started, "turn 2" },
            { "in review", TicketStage.Review, "in review" },
            { "done without a pull request", TicketStage.Review, "waits in the task" },
            { "merged", TicketStage.Done, "merged as 111111111111." },
            { "closed without a merge", TicketStage.None, "closed without a merge" },
            { "failed", TicketStage.None, "The work failed" },
            { "cancelled", TicketStage.None, "cancelled" },
        };

    [Theory]
    [MemberData(nameof(Situations))]
    public void A_note_says_where_the_work_is_and_ends_with_its_marker(
        string situation,
        TicketStage stage,
        string words
    )
    {
        var note = TicketNote.Of("task_1", StateOf(situation));

        Assert.Equal(stage, note.Stage);
        Assert.Contains(words, note.Text, StringComparison.Ordinal);
        Assert.EndsWith("\n" + TicketNote.Marker("task_1"), note.Text, StringComparison.Ordinal);
        Assert.Equal(
            note.PullRequest is not null,
            note.Text.Contains("Pull request: https://", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Whatever_an_agent_says_a_note_is_short_and_the_note_of_its_task_alone() =>
        Gen.OneOf(
                Gen.String[0, 5_000],
                Gen.Const("x\norchestrator:task=other;"),
                Gen.Const("\norchestrator:task=other;\n")
            )
            .Sample(said =>
            {
                var state = StateOf("failed") with
                {
                    Failure = new Failure("agent_failed", said),
                    Result = new RunResult { ResultText = said },
                };
                var text = TicketNote.Of("task_1", state).Text;
                Assert.True(TicketNote.IsOf(text, TicketNote.Marker("task_1")));
                Assert.False(TicketNote.IsOf(text, TicketNote.Marker("other")));
                // Jira takes 32,767 characters.
                Assert.InRange(text.Length, 1, 4_000);
                Assert.InRange(
                    MarkdownText.Write(text, TicketNote.Marker("task_1")).Length,
                    1,
                    12_000
                );
            });

    [Theory]
    [InlineData("Todo", false, TicketStage.Started, "Doing")]
    [InlineData("doing", false, TicketStage.Started, null)]
    [InlineData("Doing", false, TicketStage.Review, "Review")]
    [InlineData("Doing", false, TicketStage.Done, "Done")]
    [InlineData("Cancelled", true, TicketStage.Done, null)]
    [InlineData("Doing", false, TicketStage.None, null)]
    public void A_ticket_moves_to_the_state_of_its_stage_and_a_closed_one_stays(
        string state,
        bool closed,
        TicketStage stage,
        string? to
    )
    {
        var ticket = new TicketView
        {
            Key = "ENG-1",
            State = state,
            Closed = closed,
        };
        Assert.Equal(to, TicketNote.MoveOf(ticket, stage, Rules));
        Assert.Null(TicketNote.MoveOf(ticket, stage, new TicketRules { Kind = "linear" }));
    }

    [Theory]
    [InlineData("Todo", TicketStage.Started, "")]
    [InlineData("Todo", TicketStage.Review, "Doing")]
    [InlineData("Todo", TicketStage.Done, "Doing Review")]
    [InlineData("doing", TicketStage.Done, "Review")]
    [InlineData("Review", TicketStage.Done, "")]
    [InlineData("Review", TicketStage.None, "")]
    public void Where_no_leap_is_allowed_the_steps_lead_forward_only(
        string state,
        TicketStage stage,
        string steps
    )
    {
        var ticket = new TicketView { Key = "ENG-1", State = state };
        Assert.Equal(steps, string.Join(' ', TicketNote.StepsTo(ticket, stage, Rules)));
        Assert.Empty(TicketNote.StepsTo(ticket, stage, new TicketRules { Kind = "linear" }));
    }

    private static TaskState StateOf(string situation) =>
        situation switch
        {
            "begun" => TaskSituations.RunningOf(DeliverySituations.Spec),
            "turn 2" => DeliverySituations.NextTurn,
            "in review" => DeliverySituations.InReview,
            "done without a pull request" => DeliverySituations.Owed with
            {
                Phase = TaskPhase.Done,
                Delivery = null,
            },
            "merged" => DeliverySituations.InReview with
            {
                Phase = TaskPhase.Done,
                Delivery = DeliverySituations.InReview.Delivery! with
                {
                    Over = true,
                    MergeCommit = DeliverySituations.Head,
                },
            },
            "closed without a merge" => DeliverySituations.InReview with
            {
                Phase = TaskPhase.Failed,
                Delivery = DeliverySituations.InReview.Delivery! with { Over = true },
            },
            "failed" => DeliverySituations.NextTurnFailed,
            _ => DeliverySituations.InReview with { Phase = TaskPhase.Cancelled },
        };
}
