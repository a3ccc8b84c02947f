namespace Orchestrator.UnitTests.Tasks;

/// <summary>
/// What is recorded when a task is told something, situation by situation. <c>-&gt; X</c> names the phase after it when
/// that is another one. <c>nothing</c> = already so or not due; <c>stale</c> = recorded nowhere and counted;
/// <c>refused</c> = the one who asked is told why. What a situation does not name is answered as under <c>Otherwise</c>.
/// </summary>
internal static partial class TaskTable
{
    public const string Text = """
        Otherwise
            Submit                    nothing
            Submit, other content     refused conflict
            Submit, queue full        nothing
            Screened, allow           stale
            Screened, deny            stale
            Screened, ask             stale
            PlanMade                  stale
            SlotOffered               stale
            WorkspaceReady            stale
            AgentStarted              stale
            Progressed                stale
            Checkpointed              stale
            RunEnded, well            stale
            RunEnded, may be retried  stale
            RunEnded, fatal           stale
            RunEnded, usage limit     stale
            RunEnded, command asked   stale
            RunRefused                stale
            Verified, green           stale
            Verified, red             stale
            Released                  stale
            Woke, early               nothing
            Woke, due                 nothing
            HostLost                  nothing
            CancelAsked               refused not_possible_now
            RetryAsked                refused not_possible_now
            ResumeAsked               refused not_possible_now
            Answered, yes             refused not_possible_now
            Answered, no              refused not_possible_now
            Answered, yes to another diff  refused not_possible_now
            ApplyAsked                refused not_possible_now
            ApplyAsked, late          refused not_possible_now
            RestageAsked              refused not_possible_now
            Applied                   stale
            ApplyRefused              stale
            BranchPushed              stale
            DeliveryRefused           stale
            PullRequestOpened         stale
            FeedbackSeen              stale
            FeedbackSeen, before      stale
            FeedbackAnswered          stale
            MergeHeld                 stale
            MergeHeld, refused        stale
            MergeHeld, another head   stale
            MergeReady                stale
            MergeReady, another head  stale
            BaseMoved                 stale
            Merged                    stale
            PullRequestClosed         stale
            Committed                 CommitMade

        None
            Submit                    Submitted -> Received
            Submit, other content     Submitted -> Received
            Submit, queue full        refused queue_full
            CancelAsked               refused not_found
            RetryAsked                refused not_found
            ResumeAsked               refused not_found
            Answered, yes             refused not_found
            Answered, no              refused not_found
            Answered, yes to another diff  refused not_found
            ApplyAsked                refused not_found
            ApplyAsked, late          refused not_found
            RestageAsked              refused not_found
            Committed                 refused not_found

        Received
            Screened, allow           Screened -> Mediating
            Screened, deny            Screened, Failed -> Failed
            Screened, ask             Screened, ApprovalAsked -> AwaitingApproval
            CancelAsked               CancelRequested, Cancelled -> Cancelled

        Mediating
            PlanMade                  PlanMade -> Queued
            CancelAsked               CancelRequested, Cancelled -> Cancelled

        Queued
            SlotOffered               RunStarted -> Preparing
            CancelAsked               CancelRequested, Cancelled -> Cancelled

        Queued, backing off
            Released                  Released
            Woke, due                 Resumed
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            RetryAsked                Resumed

        Preparing
            WorkspaceReady            WorkspaceReady
            AgentStarted              AgentStarted -> Running
            RunEnded, well            RunEnded -> Validating
            RunEnded, may be retried  RunEnded, RetryScheduled -> Queued
            RunEnded, fatal           RunEnded, Failed -> Failed
            RunEnded, usage limit     RunEnded, Paused -> Paused
            RunEnded, command asked   RunEnded, ApprovalAsked -> AwaitingApproval
            RunRefused                RetryScheduled -> Queued
            Woke, due                 RetryScheduled -> Queued
            HostLost                  RetryScheduled -> Queued
            CancelAsked               CancelRequested
            Committed                 refused not_possible_now

        Preparing, cancelling
            WorkspaceReady            WorkspaceReady
            AgentStarted              AgentStarted -> Running
            RunEnded, well            RunEnded, Cancelled -> Cancelled
            RunEnded, may be retried  RunEnded, Cancelled -> Cancelled
            RunEnded, fatal           RunEnded, Cancelled -> Cancelled
            RunEnded, usage limit     RunEnded, Cancelled -> Cancelled
            RunEnded, command asked   RunEnded, Cancelled -> Cancelled
            RunRefused                Cancelled -> Cancelled
            Released                  Cancelled -> Cancelled
            Woke, due                 Cancelled -> Cancelled
            HostLost                  Cancelled -> Cancelled
            CancelAsked               nothing
            Committed                 refused not_possible_now

        Running
            Progressed                Progressed
            Checkpointed              Checkpointed
            RunEnded, well            RunEnded -> Validating
            RunEnded, may be retried  RunEnded, RetryScheduled -> Queued
            RunEnded, fatal           RunEnded, Failed -> Failed
            RunEnded, usage limit     RunEnded, Paused -> Paused
            RunEnded, command asked   RunEnded, ApprovalAsked -> AwaitingApproval
            RunRefused                RetryScheduled -> Queued
            Woke, due                 RetryScheduled -> Queued
            HostLost                  RetryScheduled -> Queued
            CancelAsked               CancelRequested
            Committed                 refused not_possible_now

        Running, cancelling
            Progressed                Progressed
            Checkpointed              Checkpointed
            RunEnded, well            RunEnded, Cancelled -> Cancelled
            RunEnded, may be retried  RunEnded, Cancelled -> Cancelled
            RunEnded, fatal           RunEnded, Cancelled -> Cancelled
            RunEnded, usage limit     RunEnded, Cancelled -> Cancelled
            RunEnded, command asked   RunEnded, Cancelled -> Cancelled
            RunRefused                Cancelled -> Cancelled
            Released                  Cancelled -> Cancelled
            Woke, due                 Cancelled -> Cancelled
            HostLost                  Cancelled -> Cancelled
            CancelAsked               nothing
            Committed                 refused not_possible_now

        Validating
            RunRefused                RetryScheduled -> Queued
            Verified, green           Verified, Judged, Delivered -> Done
            Verified, red             Verified, Judged, RetryScheduled -> Queued
            Woke, due                 RetryScheduled -> Queued
            CancelAsked               CancelRequested
            Committed                 refused not_possible_now

        Validating, cancelling
            RunRefused                Cancelled -> Cancelled
            Verified, green           Verified, Cancelled -> Cancelled
            Verified, red             Verified, Cancelled -> Cancelled
            Released                  Cancelled -> Cancelled
            Woke, due                 Cancelled -> Cancelled
            HostLost                  Cancelled -> Cancelled
            CancelAsked               nothing
            Committed                 refused not_possible_now

        Delivering
            Released                  Released
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            BranchPushed              BranchPushed
            DeliveryRefused           Failed -> Failed

        Delivering, to a remote host
            Released                  Released
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            BranchPushed              BranchPushed
            DeliveryRefused           Failed -> Failed

        Delivering, pushed
            Released                  Released
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            DeliveryRefused           Failed -> Failed
            PullRequestOpened         PullRequestOpened -> InReview
            FeedbackAnswered          nothing

        InReview
            Released                  Released
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            RetryAsked                TurnStarted -> Mediating
            FeedbackSeen              FeedbackReceived, TurnStarted -> Mediating
            FeedbackSeen, before      nothing
            FeedbackAnswered          nothing
            MergeHeld                 MergeHeld
            MergeHeld, refused        MergeHeld
            MergeReady                MergeStarted
            BaseMoved                 TurnStarted -> Queued
            Merged                    Merged, Delivered -> Done
            PullRequestClosed         PullRequestClosed, Failed -> Failed

        InReview, merging
            Released                  Released
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            RetryAsked                TurnStarted -> Mediating
            FeedbackSeen              FeedbackReceived, TurnStarted -> Mediating
            FeedbackSeen, before      nothing
            FeedbackAnswered          nothing
            MergeHeld                 MergeHeld
            MergeHeld, refused        MergeHeld
            Merged                    Merged, Delivered -> Done
            PullRequestClosed         PullRequestClosed, Failed -> Failed

        Done
            Released                  Released
            RetryAsked                TurnStarted -> Mediating

        Done, diff approved
            Released                  Released
            RetryAsked                TurnStarted -> Mediating
            ApplyAsked                ApplyStarted
            ApplyAsked, late          refused needs_approval
            RestageAsked              TurnStarted -> Queued

        Done, diff being applied
            Released                  Released
            ApplyAsked                nothing
            ApplyAsked, late          nothing
            Applied                   Applied
            ApplyRefused              ApplyRefused

        Done, diff applied
            Released                  Released
            RetryAsked                TurnStarted -> Mediating
            ApplyAsked                nothing
            ApplyAsked, late          nothing

        AwaitingApproval
            Woke, due                 Rejected, Failed -> Failed
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            Answered, yes             Approved -> Queued
            Answered, no              Rejected, Failed -> Failed
            Answered, yes to another diff  refused conflict

        AwaitingApproval, guarded diff
            Released                  Released
            Woke, due                 Rejected, Failed -> Failed
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            Answered, yes             Approved, Delivered -> Done
            Answered, no              Rejected, Failed -> Failed
            Answered, yes to another diff  refused conflict
            ApplyAsked                refused needs_approval
            ApplyAsked, late          refused needs_approval
            RestageAsked              TurnStarted -> Queued

        AwaitingApproval, command
            Released                  Released
            Woke, due                 ApprovalReminded
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            Answered, yes             Approved -> Queued
            Answered, no              Rejected, Failed -> Failed
            Answered, yes to another diff  refused conflict

        Paused
            Released                  Released
            Woke, due                 Resumed -> Queued
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            ResumeAsked               Resumed -> Queued

        Paused, budget
            CancelAsked               CancelRequested, Cancelled -> Cancelled
            ResumeAsked               Resumed -> Queued
            Answered, yes             Resumed -> Queued
            Answered, no              Rejected, Failed -> Failed
            Answered, yes to another diff  Resumed -> Queued

        Failed
            Released                  Released
            RetryAsked                TurnStarted -> Mediating

        Cancelled
            Released                  Released
            CancelAsked               nothing
            RetryAsked                TurnStarted -> Mediating

        Running, pull request open
            Progressed                Progressed
            Checkpointed              Checkpointed
            RunEnded, well            RunEnded -> Validating
            RunEnded, may be retried  RunEnded, RetryScheduled -> Queued
            RunEnded, fatal           RunEnded, Failed -> Failed
            RunEnded, usage limit     RunEnded, Paused -> Paused
            RunEnded, command asked   RunEnded, ApprovalAsked -> AwaitingApproval
            RunRefused                RetryScheduled -> Queued
            Woke, due                 RetryScheduled -> Queued
            HostLost                  RetryScheduled -> Queued
            CancelAsked               CancelRequested
            FeedbackSeen              FeedbackReceived
            FeedbackSeen, before      nothing
            FeedbackAnswered          nothing
            Merged                    Merged, CancelRequested
            PullRequestClosed         PullRequestClosed, CancelRequested
            Committed                 refused not_possible_now

        Failed, pull request open
            Released                  Released
            RetryAsked                TurnStarted -> Mediating
            FeedbackSeen              FeedbackReceived, TurnStarted -> Mediating
            FeedbackSeen, before      nothing
            FeedbackAnswered          nothing
            Merged                    Merged, Delivered -> Done
            PullRequestClosed         PullRequestClosed
        """;

    private const string Rest = "Otherwise";

    private static readonly Dictionary<string, Dictionary<string, string>> Sections = Read();

    /// <summary>The situations that the table names.</summary>
    public static IEnumerable<string> Situations => Sections.Keys.Where(k => k != Rest);

    /// <summary>Everything that the table answers in general.</summary>
    public static IEnumerable<string> Told => Sections[Rest].Keys;

    /// <summary>What is answered where a situation says nothing of its own.</summary>
    public static string General(string told) => Sections[Rest][told];

    /// <summary>What the table says of a situation beyond the general.</summary>
    public static IReadOnlyDictionary<string, string> Of(string situation) => Sections[situation];

    /// <summary>The answer of one cell.</summary>
    public static string Cell(string situation, string told) =>
        Sections[situation].TryGetValue(told, out var own) ? own : General(told);

    private static Dictionary<string, Dictionary<string, string>> Read()
    {
        var sections = new Dictionary<string, Dictionary<string, string>>();
        Dictionary<string, string>? section = null;
        foreach (
            var line in (Text + '\n' + Talk)
                .Split('\n')
                .Select(l => l.TrimEnd())
                .Where(l => l.Length > 0)
        )
        {
            if (line[0] != ' ')
            {
                section = sections.TryGetValue(line, out var known) ? known : sections[line] = [];
            }
            else
            {
                // Two spaces or more part the columns.
                var text = line.Trim();
                var gap = text.IndexOf("  ", StringComparison.Ordinal);
                section!.Add(text[..gap], text[gap..].Trim());
            }
        }
        return sections;
    }
}
