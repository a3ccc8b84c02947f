using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>What a pull request that is over ends, and what is owed to the remote host until then.</summary>
public sealed class PullRequestEndTests
{
    private static readonly PullRequestRef There = DeliverySituations.There;
    private static readonly string Head = DeliverySituations.Head;

    [Theory]
    [InlineData("alice", " by alice")]
    [InlineData("", "")]
    public void A_merge_ends_whatever_is_under_way_and_says_whose_it_was(string by, string words)
    {
        var merged = new TaskReport.Merged("c", by);
        var fact = new TaskFact.Merged("c", by);
        var cancel = new TaskFact.CancelRequested(by, $"The pull request was merged{words}.")
        {
            KeepsReplies = true,
        };
        var queued = With(d => d) with { Phase = TaskPhase.Queued };

        Assert.Equal(
            [fact, new TaskFact.Delivered(1)],
            Decide(DeliverySituations.InReview, merged).Facts
        );
        Assert.Equal([fact, cancel], Decide(DeliverySituations.NextTurn, merged).Facts);
        Assert.Equal(
            [fact, new TaskFact.Delivered(2)],
            Decide(DeliverySituations.NextTurnFailed, merged).Facts
        );
        Assert.Equal(
            [fact],
            Decide(DeliverySituations.NextTurn with { Cancelling = true }, merged).Facts
        );
        Assert.Equal(
            [fact, cancel, new TaskFact.Cancelled("before_start")],
            Decide(queued with { TurnAttempts = 0 }, merged).Facts
        );
        Assert.Equal(
            [fact, cancel, new TaskFact.Cancelled("during_execution")],
            Decide(queued with { TurnAttempts = 1 }, merged).Facts
        );
        Assert.True(Decide(With(d => d with { Over = true }), merged).Stale);
        Assert.True(Decide(DeliverySituations.Pushed, merged).Stale);
    }

    [Theory]
    [InlineData("bob", " by bob")]
    [InlineData("", "")]
    public void A_close_without_a_merge_fails_the_task_and_says_where_the_work_is(
        string by,
        string words
    )
    {
        var closed = new TaskReport.PullRequestClosed(by);
        var fact = new TaskFact.PullRequestClosed(by);

        Assert.Equal(
            [
                fact,
                new TaskFact.Failed(
                    new Failure(
                        FailureCodes.NotPossibleNow,
                        $"https://github.com/o/n/pull/7 was closed without a merge{words}. The work is kept: 'orchestrator diff', 'orchestrator git-commit'."
                    ),
                    ErrorClass.PermissionBlock
                ),
            ],
            Decide(DeliverySituations.InReview, closed).Facts
        );
        Assert.Equal(
            [
                fact,
                new TaskFact.CancelRequested(
                    by,
                    $"The pull request was closed without a merge{words}."
                )
                {
                    KeepsReplies = true,
                },
            ],
            Decide(DeliverySituations.NextTurn, closed).Facts
        );
        Assert.Equal([fact], Decide(DeliverySituations.NextTurnFailed, closed).Facts);
        Assert.True(Decide(With(d => d with { Over = true }), closed).Stale);
    }

    [Fact]
    public void What_is_owed_to_the_remote_host_changes_with_what_is_to_do_there()
    {
        Assert.Equal(
            new TaskEffect.TendPullRequest(1, 0, false, "", 0),
            Tend(DeliverySituations.Owed)
        );
        Assert.Equal(
            new TaskEffect.TendPullRequest(1, 1, false, "", 0),
            Tend(DeliverySituations.Pushed)
        );
        Assert.Equal(
            new TaskEffect.TendPullRequest(1, 1, true, Head, 0),
            Tend(DeliverySituations.Merging)
        );
        Assert.Equal(
            new TaskEffect.TendPullRequest(1, 1, true, "", 1),
            Tend(With(d => d with { Unanswered = [DeliverySituations.Item("line:1")] }))
        );
        Assert.NotNull(Tend(DeliverySituations.NextTurnFailed));
        Assert.NotNull(Tend(DeliverySituations.InReview with { Phase = TaskPhase.Cancelled }));
        Assert.Null(Tend(DeliverySituations.InReview with { Phase = TaskPhase.Done }));
        Assert.Null(Tend(With(d => d with { Over = true }) with { Phase = TaskPhase.Failed }));
        Assert.Null(Tend(DeliverySituations.NextTurn));
    }

    [Fact]
    public void Work_goes_to_the_remote_host_when_there_is_some_or_a_pull_request_to_show_it_in()
    {
        var owed = DeliverySituations.Owed;
        var empty = owed with { Result = new RunResult() };

        Assert.True(owed.DeliveryOwed);
        Assert.False((owed with { Spec = TaskSituations.Spec }).DeliveryOwed);
        Assert.False(empty.DeliveryOwed);
        Assert.False((owed with { Result = null }).DeliveryOwed);
        Assert.False((empty with { Delivery = new DeliveryState() }).DeliveryOwed);
        Assert.True(
            (empty with { Delivery = new DeliveryState { PullRequest = There } }).DeliveryOwed
        );
        Assert.False((owed with { Delivery = new DeliveryState { Over = true } }).DeliveryOwed);
    }

    [Fact]
    public void Accepted_work_for_a_remote_host_is_done_only_when_that_host_has_it()
    {
        var local = TaskSituations.Named("Validating");
        var remote = local with
        {
            Spec = DeliverySituations.Spec,
            Result = DeliverySituations.Owed.Result,
        };
        var green = new TaskReport.Verified(1, 1, TaskSituations.Green);

        Assert.Equal(
            [typeof(TaskFact.Verified), typeof(TaskFact.Judged), typeof(TaskFact.Delivered)],
            Kinds(Decide(local, green))
        );
        Assert.Equal(
            [typeof(TaskFact.Verified), typeof(TaskFact.Judged)],
            Kinds(Decide(remote, green))
        );
    }

    [Fact]
    public void A_pull_request_that_opens_after_the_turn_was_given_up_is_an_echo() =>
        Assert.True(
            Decide(
                DeliverySituations.Pushed with
                {
                    Phase = TaskPhase.Cancelled,
                },
                new TaskReport.PullRequestOpened(1, There)
            ).Stale
        );

    private static TaskEffect? Tend(TaskState state) =>
        TaskDecider.Owed(state).SingleOrDefault(e => e is TaskEffect.TendPullRequest);

    private static TaskState With(Func<DeliveryState, DeliveryState> change) =>
        DeliverySituations.InReview with
        {
            Delivery = change(DeliverySituations.InReview.Delivery!),
        };

    private static IEnumerable<Type> Kinds(TaskDecision decision) =>
        decision.Facts.Select(f => f.GetType());

    private static TaskDecision Decide(TaskState state, TaskReport report) =>
        TaskDecider.Decide(state, TaskSituations.Report(report), TaskSituations.Limits);
}
