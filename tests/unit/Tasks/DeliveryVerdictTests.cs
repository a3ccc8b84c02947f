using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>What the remote host's word comes to at the limits, and what a pull request that is over ends.</summary>
public sealed class DeliveryVerdictTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;
    private static readonly PullRequestRef There = DeliverySituations.There;
    private static readonly string Head = DeliverySituations.Head;

    [Fact]
    public void A_round_of_feedback_too_many_asks_a_person_in_these_words()
    {
        var many = Rounds(Limits.FeedbackRoundsMax, []);
        var fast = Rounds(4, [.. Enumerable.Range(0, 4).Select(i => Now.AddMinutes(-10 * i))]);

        Assert.Equal(
            (
                "Feedback has caused 10 turns of this task, the most before a person is asked. Another one?",
                TaskPhase.Mediating,
                Now + Limits.ApprovalWaitMax
            ),
            Asked(many)
        );
        Assert.Equal(
            (
                "Feedback has caused 4 turns of this task within an hour, the most before a person is asked. Another one?",
                TaskPhase.Mediating,
                Now + Limits.ApprovalWaitMax
            ),
            Asked(fast)
        );
        Assert.Equal(
            [typeof(TaskFact.FeedbackReceived), typeof(TaskFact.TurnStarted)],
            Kinds(Decide(Rounds(9, [Now, Now, Now]), Seen("line:1")))
        );
        // A round that began an hour ago to the second is no longer within the hour.
        Assert.DoesNotContain(
            Decide(Rounds(4, [Now, Now, Now, Now.AddHours(-1)]), Seen("line:1")).Facts,
            f => f is TaskFact.ApprovalAsked
        );
    }

    [Fact]
    public void At_the_last_turn_feedback_is_kept_and_starts_no_other()
    {
        var last = DeliverySituations.InReview with { Turn = Limits.TurnsMax };

        Assert.Equal([typeof(TaskFact.FeedbackReceived)], Kinds(Decide(last, Seen("line:1"))));
        Assert.Equal(
            [typeof(TaskFact.FeedbackReceived), typeof(TaskFact.TurnStarted)],
            Kinds(Decide(last with { Turn = Limits.TurnsMax - 1 }, Seen("line:1")))
        );
        Assert.Equal(TaskDecision.Nothing, Decide(last, Moved(Head)));
        Assert.Single(Decide(last with { Turn = Limits.TurnsMax - 1 }, Moved(Head)).Facts);
    }

    [Fact]
    public void Feedback_said_twice_at_once_counts_once_and_goes_with_what_waits()
    {
        var state = With(d => d with { Pending = [DeliverySituations.Item("line:0")] });
        var told = Seen("line:1", "line:1", "line:2") with
        {
            BaseCommit = "base",
            BaseBundle = "bundle",
        };

        var facts = Decide(state, told).Facts;

        Assert.Equal(
            ["line:1", "line:2"],
            Assert.IsType<TaskFact.FeedbackReceived>(facts[0]).Items.Select(i => i.Id)
        );
        var turn = Assert.IsType<TaskFact.TurnStarted>(facts[1]);
        Assert.Equal(("base", "bundle"), (turn.BaseCommit, turn.BaseBundle));
        var after = TaskSituations.Fold(state, facts);
        Assert.Equal(["line:0", "line:1", "line:2"], after.Delivery!.InWork.Select(i => i.Id));
    }

    [Fact]
    public void A_moved_base_is_merged_in_only_while_the_judged_head_waits_for_nothing_else()
    {
        var review = DeliverySituations.InReview;

        Assert.Equal(
            new TaskFact.TurnStarted(2, "restage", "merge queue", "")
            {
                BaseCommit = DeliverySituations.NewBase,
                BaseBundle = "bundle",
            },
            Assert.Single(Decide(review, Moved(Head)).Facts)
        );
        Assert.True(Decide(review, Moved("other")).Stale);
        Assert.True(Decide(DeliverySituations.Merging, Moved(Head)).Stale);
        Assert.True(
            Decide(
                With(d => d with { Pending = [DeliverySituations.Item("line:1")] }),
                Moved(Head)
            ).Stale
        );
        Assert.True(
            Decide(
                review,
                new TaskReport.BaseMoved(Head, review.Delivery!.BaseCommit, "bundle")
            ).Stale
        );
        Assert.True(Decide(With(d => d with { Over = true }), Moved(Head)).Stale);
    }

    [Fact]
    public void A_merge_waits_until_what_people_said_is_worked_on()
    {
        var ready = new TaskReport.MergeReady(Head, "squash");

        Assert.Equal(
            [new TaskFact.MergeStarted(Head, "squash")],
            Decide(DeliverySituations.InReview, ready).Facts
        );
        Assert.True(
            Decide(With(d => d with { Pending = [DeliverySituations.Item("line:1")] }), ready).Stale
        );
        Assert.True(Decide(DeliverySituations.Merging, ready).Stale);
        Assert.True(Decide(DeliverySituations.Owed, ready).Stale);
    }

    [Fact]
    public void Why_a_head_is_not_merged_is_told_once_until_something_about_it_changes()
    {
        var draft = new TaskReport.MergeHeld(Head, ["A draft."], false);
        var held = TaskSituations.Fold(
            DeliverySituations.InReview,
            Decide(DeliverySituations.InReview, draft).Facts
        );

        Assert.Equal(TaskDecision.Nothing, Decide(held, draft));
        Assert.Single(Decide(held, draft with { Reasons = ["A check is red."] }).Facts);
        Assert.Single(Decide(held, draft with { Refused = true }).Facts);
        Assert.Single(
            Decide(held with { Delivery = held.Delivery! with { MergeHead = Head } }, draft).Facts
        );
        Assert.Single(
            Decide(held with { Delivery = held.Delivery! with { HeldHead = "other" } }, draft).Facts
        );
        var refused = TaskSituations.Fold(held, Decide(held, draft with { Refused = true }).Facts);
        Assert.Equal((null, Now), (held.Delivery!.RefusedAt, refused.Delivery!.RefusedAt));
    }

    [Fact]
    public void Only_answers_that_are_owed_are_recorded()
    {
        var state = With(d =>
            d with
            {
                Unanswered = [DeliverySituations.Item("line:1"), DeliverySituations.Item("line:2")],
            }
        );

        var facts = Decide(state, new TaskReport.FeedbackAnswered(["line:2", "line:9"])).Facts;

        Assert.Equal(
            ["line:2"],
            Assert.IsType<TaskFact.FeedbackAnswered>(Assert.Single(facts)).Ids
        );
        Assert.Equal(
            ["line:1"],
            TaskSituations.Fold(state, facts).Delivery!.Unanswered.Select(i => i.Id)
        );
        Assert.Equal(
            TaskDecision.Nothing,
            Decide(state, new TaskReport.FeedbackAnswered(["line:9"]))
        );
    }

    [Fact]
    public void A_push_and_a_pull_request_of_another_turn_or_told_again_record_nothing()
    {
        var pushed = DeliverySituations.Pushed;
        TaskReport.BranchPushed Push(int turn) => new(turn, There.Branch, Head, "b");

        Assert.Equal(
            [new TaskFact.BranchPushed(1, There.Branch, Head, "b")],
            Decide(DeliverySituations.Owed, Push(1)).Facts
        );
        Assert.True(Decide(DeliverySituations.Owed, Push(2)).Stale);
        Assert.True(Decide(pushed, Push(1)).Stale);
        Assert.Single(Decide(pushed, new TaskReport.PullRequestOpened(1, There)).Facts);
        Assert.True(Decide(pushed, new TaskReport.PullRequestOpened(2, There)).Stale);
        Assert.True(
            Decide(DeliverySituations.Owed, new TaskReport.PullRequestOpened(1, There)).Stale
        );
        var failure = new Failure("conflict", "moved");
        Assert.Equal(
            [new TaskFact.Failed(failure, ErrorClass.Workspace)],
            Decide(pushed, new TaskReport.DeliveryRefused(1, failure)).Facts
        );
        Assert.True(Decide(pushed, new TaskReport.DeliveryRefused(2, failure)).Stale);
    }

    [Fact]
    public void A_push_that_shows_the_pull_request_is_in_review_and_keeps_what_waits_at_the_last_turn()
    {
        var state = DeliverySituations.Accepted(
            TaskSituations.Fold(
                DeliverySituations.NextTurn,
                new TaskFact.FeedbackReceived([DeliverySituations.Item("line:8")])
            ),
            2
        );
        var push = new TaskReport.BranchPushed(2, There.Branch, "h2", "b2");

        var facts = Decide(state with { Turn = 2 }, push, Limits with { TurnsMax = 2 }).Facts;
        var after = TaskSituations.Fold(state, facts);

        Assert.Single(facts);
        Assert.Equal((TaskPhase.InReview, null), (after.Phase, after.Due));
        Assert.Equal(["line:8"], after.Delivery!.Pending.Select(i => i.Id));
        Assert.Equal(["review:1"], after.Delivery.Unanswered.Select(i => i.Id));
        Assert.Equal(
            (2, "h2", "b2", 0),
            (
                after.Delivery.PushedTurn,
                after.Delivery.Head,
                after.Delivery.BaseCommit,
                after.Delivery.InWork.Count
            )
        );
    }

    [Fact]
    public void A_turn_that_waited_for_the_push_stays_on_its_base()
    {
        var state = DeliverySituations.Accepted(
            TaskSituations.Fold(
                DeliverySituations.NextTurn,
                new TaskFact.FeedbackReceived([DeliverySituations.Item("line:8")])
            ),
            2
        );

        var turn = Assert.IsType<TaskFact.TurnStarted>(
            Decide(state, new TaskReport.BranchPushed(2, There.Branch, "h2", "b2")).Facts[1]
        );

        Assert.Equal(("", ""), (turn.BaseCommit, turn.BaseBundle));
    }

    private static (string, TaskPhase, DateTimeOffset) Asked(TaskState state)
    {
        var facts = Decide(state, Seen("line:1")).Facts;
        Assert.IsType<TaskFact.TurnStarted>(facts[^2]);
        var asked = Assert.IsType<TaskFact.ApprovalAsked>(facts[^1]);
        return (asked.What, asked.ReturnTo, asked.Deadline);
    }

    private static TaskState Rounds(int rounds, DateTimeOffset[] at) =>
        With(d => d with { Rounds = rounds, RoundsAt = at });

    private static TaskState With(Func<DeliveryState, DeliveryState> change) =>
        DeliverySituations.InReview with
        {
            Delivery = change(DeliverySituations.InReview.Delivery!),
        };

    private static TaskReport.FeedbackSeen Seen(params string[] ids) =>
        new([.. ids.Select(DeliverySituations.Item)]);

    private static TaskReport.BaseMoved Moved(string head) =>
        new(head, DeliverySituations.NewBase, "bundle");

    private static IEnumerable<Type> Kinds(TaskDecision decision) =>
        decision.Facts.Select(f => f.GetType());

    private static TaskDecision Decide(
        TaskState state,
        TaskReport report,
        TaskLimits? limits = null
    ) => TaskDecider.Decide(state, TaskSituations.Report(report), limits ?? Limits);
}
