namespace Orchestrator.UnitTests.Tasks;

/// <content>The rows about replies, and the situations that only they lead to.</content>
internal static partial class TaskTable
{
    private const string Talk = """
        Otherwise
            HandOverAsked             refused not_possible_now
            Replied                             Replied
            Replied, interrupting               Replied, CancelRequested, Cancelled, TurnStarted -> Mediating
            Replied, the first again            Replied
            Replied, other words under its id   Replied

        None
            HandOverAsked             refused not_found
            Replied                             refused not_found
            Replied, interrupting               refused not_found
            Replied, the first again            refused not_found
            Replied, other words under its id   refused not_found

        Mediating
            Replied, interrupting               Replied, CancelRequested, Cancelled, TurnStarted

        Preparing
            Replied, interrupting               Replied, CancelRequested

        Running
            Replied, interrupting               Replied, CancelRequested

        Validating
            Replied, interrupting               Replied, CancelRequested

        Running, pull request open
            Replied, interrupting               Replied, CancelRequested

        Preparing, cancelling
            Replied, interrupting               Replied

        Running, cancelling
            Replied, interrupting               Replied

        Validating, cancelling
            Replied, interrupting               Replied

        InReview
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        InReview, merging
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        Done
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        Done, diff approved
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        Done, diff applied
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        AwaitingApproval
            HandOverAsked             ApprovalHandedOver
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        AwaitingApproval, guarded diff
            HandOverAsked             ApprovalHandedOver
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        AwaitingApproval, command
            HandOverAsked             ApprovalHandedOver
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        Failed
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        Cancelled
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        Failed, pull request open
            Replied                             Replied, TurnStarted -> Mediating
            Replied, interrupting               Replied, TurnStarted -> Mediating
            Replied, the first again            Replied, TurnStarted -> Mediating
            Replied, other words under its id   Replied, TurnStarted -> Mediating

        Done, diff being applied
            Replied                             refused not_possible_now
            Replied, interrupting               refused not_possible_now
            Replied, the first again            refused not_possible_now
            Replied, other words under its id   refused not_possible_now

        Running, reply waiting
            Progressed                Progressed
            Checkpointed              Checkpointed
            RunEnded, well            RunEnded -> Validating
            RunEnded, may be retried  RunEnded, RetryScheduled -> Queued
            RunEnded, fatal           RunEnded, Failed, TurnStarted -> Mediating
            RunEnded, usage limit     RunEnded, Paused -> Paused
            RunEnded, command asked   RunEnded, ApprovalAsked -> AwaitingApproval
            RunRefused                RetryScheduled -> Queued
            Woke, due                 RetryScheduled -> Queued
            HostLost                  RetryScheduled -> Queued
            CancelAsked               CancelRequested
            Committed                 refused not_possible_now
            Replied, interrupting     Replied, CancelRequested
            Replied, the first again  nothing
            Replied, other words under its id  refused conflict

        AwaitingApproval, questions
            HandOverAsked             ApprovalHandedOver
            Woke, due                 Approved -> Mediating
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            Answered, yes             Approved -> Mediating
            Answered, no              Rejected, Failed -> Failed
            Answered, yes to another diff  refused conflict
            Replied                   Replied, Approved -> Mediating
            Replied, interrupting     Replied, Approved -> Mediating
            Replied, the first again  Replied, Approved -> Mediating
            Replied, other words under its id  Replied, Approved -> Mediating
        """;
}
