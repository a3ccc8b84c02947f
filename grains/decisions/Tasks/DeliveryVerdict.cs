using System.Globalization;
using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>What follows from the remote host's word: pushed, shown, talked about, merged. Part of the decider's table.</summary>
public static class DeliveryVerdict
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>What ends the turn of accepted work: nothing yet where a remote host is owed it.</summary>
    internal static IReadOnlyList<TaskFact> HandOver(TaskState state) =>
        state.DeliveryOwed ? [] : [new TaskFact.Delivered(state.Turn)];

    /// <summary>The pull request's part of what a state owes, or null.</summary>
    internal static TaskEffect? Owed(TaskState state) =>
        state.Phase switch
        {
            TaskPhase.Delivering when state.DeliveryOwed => Tend(state),
            TaskPhase.InReview => Tend(state),
            // A turn that failed leaves its pull request open: what people say on it is the way on. One that was cancelled
            // is looked at until people have closed it.
            TaskPhase.Failed or TaskPhase.Cancelled when state.PullRequestOpen => Tend(state),
            _ => null,
        };

    /// <summary>The remote host's word; one that belongs to another turn or head is an echo.</summary>
    internal static TaskDecision Reported(
        TaskState state,
        TaskReport report,
        DateTimeOffset now,
        TaskLimits limits
    ) =>
        (report, state.Delivery) switch
        {
            (TaskReport.BranchPushed r, _) when Delivering(state, r.Turn) => Pushed(
                state,
                r,
                now,
                limits
            ),
            (TaskReport.DeliveryRefused r, _) when Delivering(state, r.Turn) => TaskDecision.Of(
                new TaskFact.Failed(r.Failure, ErrorClass.Workspace)
            ),
            (TaskReport.PullRequestOpened r, { PullRequest: null } d)
                when Delivering(state, r.Turn) && d.PushedTurn == r.Turn => TaskDecision.Of(
                new TaskFact.PullRequestOpened(r.PullRequest)
            ),
            (TaskReport.FeedbackSeen r, { PullRequest: not null, Over: false } d) => Said(
                state,
                d,
                r,
                now,
                limits
            ),
            (TaskReport.FeedbackAnswered r, { } d) => Answered(d, r),
            (TaskReport.MergeHeld r, { } d) when Judged(state, d, r.Head) => Held(d, r),
            (TaskReport.MergeReady r, { MergeHead: "", Pending.Count: 0 } d)
                when Judged(state, d, r.Head) => TaskDecision.Of(
                new TaskFact.MergeStarted(r.Head, r.Method)
            ),
            (TaskReport.BaseMoved r, { MergeHead: "", Pending.Count: 0 } d)
                when Judged(state, d, r.Head) && r.BaseCommit != d.BaseCommit => Moved(
                state,
                r,
                limits
            ),
            (TaskReport.Merged r, { PullRequest: not null, Over: false }) => Over(
                state,
                new TaskFact.Merged(r.Commit, r.By),
                "The pull request was merged",
                r.By,
                new TaskFact.Delivered(state.Turn)
            ),
            (TaskReport.PullRequestClosed r, { PullRequest: not null, Over: false } d) => Over(
                state,
                new TaskFact.PullRequestClosed(r.By),
                "The pull request was closed without a merge",
                r.By,
                new TaskFact.Failed(
                    new Failure(
                        FailureCodes.NotPossibleNow,
                        $"{d.PullRequest.WebAddress} was closed without a merge{By(r.By)}. The work is kept: 'orchestrator diff', 'orchestrator git-commit'."
                    ),
                    ErrorClass.PermissionBlock
                )
            ),
            _ => TaskDecision.Echo,
        };

    private static TaskEffect.TendPullRequest Tend(TaskState state) =>
        new(
            state.Turn,
            state.Delivery?.PushedTurn ?? 0,
            state.Delivery?.PullRequest is not null,
            state.Delivery?.MergeHead ?? "",
            state.Delivery?.Unanswered.Count ?? 0
        );

    private static bool Delivering(TaskState state, int turn) =>
        state.Phase == TaskPhase.Delivering && state.Turn == turn;

    private static bool Judged(TaskState state, DeliveryState delivery, string head) =>
        state.Phase == TaskPhase.InReview && !delivery.Over && delivery.Head == head;

    private static TaskDecision Pushed(
        TaskState state,
        TaskReport.BranchPushed report,
        DateTimeOffset now,
        TaskLimits limits
    )
    {
        if (state.Delivery is { } d && d.PushedTurn == report.Turn)
        {
            return TaskDecision.Echo; // said before; the pull request is what is missing
        }
        var pushed = new TaskFact.BranchPushed(
            report.Turn,
            report.Branch,
            report.Head,
            report.BaseCommit
        );
        // What was said while the turn was under way has waited for this moment.
        return state.Delivery is { PullRequest: not null, Pending.Count: > 0 } waiting
            ? TaskDecision.Of([
                pushed,
                .. NextRound(state, waiting, waiting.Pending, "", "", now, limits),
            ])
            : TaskDecision.Of(pushed);
    }

    private static TaskDecision Said(
        TaskState state,
        DeliveryState delivery,
        TaskReport.FeedbackSeen report,
        DateTimeOffset now,
        TaskLimits limits
    )
    {
        var fresh = report
            .Items.DistinctBy(i => i.Id)
            .Where(i => !delivery.Seen.Contains(i.Id))
            .ToList();
        if (fresh.Count == 0)
        {
            return TaskDecision.Nothing;
        }
        var received = new TaskFact.FeedbackReceived(fresh);
        return state.Phase is TaskPhase.InReview or TaskPhase.Failed
            ? TaskDecision.Of([
                received,
                .. NextRound(
                    state,
                    delivery,
                    [.. delivery.Pending, .. fresh],
                    report.BaseCommit,
                    report.BaseBundle,
                    now,
                    limits
                ),
            ])
            : TaskDecision.Of(received);
    }

    // Each round is a turn; too many of them, or too fast, and a person is asked before the next one runs.
    private static IReadOnlyList<TaskFact> NextRound(
        TaskState state,
        DeliveryState delivery,
        IReadOnlyList<Feedback> items,
        string baseCommit,
        string baseBundle,
        DateTimeOffset now,
        TaskLimits limits
    )
    {
        if (state.Turn >= limits.TurnsMax)
        {
            return [];
        }
        var turn = new TaskFact.TurnStarted(
            state.Turn + 1,
            TaskState.FeedbackTurn,
            items[0].By,
            FeedbackText.Message(items)
        )
        {
            BaseCommit = baseCommit,
            BaseBundle = baseBundle,
        };
        var lately = delivery.RoundsAt.Count(at => now - at < Hour);
        var why =
            delivery.Rounds >= limits.FeedbackRoundsMax
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"Feedback has caused {delivery.Rounds} turns of this task, the most before a person is asked. Another one?"
                )
            : lately >= limits.FeedbackRoundsPerHour
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"Feedback has caused {lately} turns of this task within an hour, the most before a person is asked. Another one?"
                )
            : "";
        return why.Length == 0
            ? [turn]
            :
            [
                turn,
                new TaskFact.ApprovalAsked(why, TaskPhase.Mediating, now + limits.ApprovalWaitMax),
            ];
    }

    private static TaskDecision Answered(DeliveryState delivery, TaskReport.FeedbackAnswered report)
    {
        var open = delivery
            .Unanswered.Select(i => i.Id)
            .Where(id => report.Ids.Contains(id))
            .ToList();
        return open.Count == 0
            ? TaskDecision.Nothing
            : TaskDecision.Of(new TaskFact.FeedbackAnswered(open));
    }

    private static TaskDecision Held(DeliveryState delivery, TaskReport.MergeHeld report) =>
        !report.Refused
        && delivery is { MergeHead: "" }
        && delivery.HeldHead == report.Head
        && delivery.HeldFor.SequenceEqual(report.Reasons)
            ? TaskDecision.Nothing
            : TaskDecision.Of(
                new TaskFact.MergeHeld(report.Head, report.Reasons) { Refused = report.Refused }
            );

    private static TaskDecision Moved(
        TaskState state,
        TaskReport.BaseMoved report,
        TaskLimits limits
    ) =>
        state.Turn >= limits.TurnsMax
            ? TaskDecision.Nothing
            : TaskDecision.Of(
                new TaskFact.TurnStarted(state.Turn + 1, TaskState.Restage, "merge queue", "")
                {
                    BaseCommit = report.BaseCommit,
                    BaseBundle = report.BaseBundle,
                }
            );

    // Whatever is under way for a pull request that is over has lost its purpose.
    private static TaskDecision Over(
        TaskState state,
        TaskFact over,
        string why,
        string by,
        TaskFact end
    ) =>
        state switch
        {
            { Phase: TaskPhase.InReview or TaskPhase.Delivering } => TaskDecision.Of(over, end),
            { Ended: true } when over is TaskFact.Merged => TaskDecision.Of(over, end),
            { Ended: true } => TaskDecision.Of(over),
            { Cancelling: true } => TaskDecision.Of(over),
            { RunLives: true } => TaskDecision.Of(
                over,
                new TaskFact.CancelRequested(by, why + By(by) + ".") { KeepsReplies = true }
            ),
            _ => TaskDecision.Of(
                over,
                new TaskFact.CancelRequested(by, why + By(by) + ".") { KeepsReplies = true },
                new TaskFact.Cancelled(
                    state.TurnAttempts == 0 ? RunVerdict.BeforeStart : RunVerdict.DuringExecution
                )
            ),
        };

    private static string By(string by) => by.Length > 0 ? " by " + by : "";
}
