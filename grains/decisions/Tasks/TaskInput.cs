using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>What a task is told. The instant is part of the telling: decisions own no clock.</summary>
/// <param name="Now">UTC instant of the telling.</param>
public abstract record TaskInput(DateTimeOffset Now)
{
    /// <summary>The other tasks of the same repository that hold a slot; empty when overlaps do not matter to what is told.</summary>
    public IReadOnlyList<PathClaim> Others { get; init; } = [];

    /// <summary>The active policy; null when none matters to what is told.</summary>
    public PolicyDocument? Policy { get; init; }

    /// <summary>True when none of the requester's tasks has ended well yet.</summary>
    public bool FirstTime { get; init; }

    /// <summary>A submission; <paramref name="Refusal"/> is the queue's, or null when it admitted the task.</summary>
    public sealed record Submit(TaskSpec Spec, Failure? Refusal, DateTimeOffset Now)
        : TaskInput(Now);

    /// <summary>A report of owed work.</summary>
    public sealed record Reported(TaskReport Report, DateTimeOffset Now) : TaskInput(Now);

    /// <summary>A slot is offered; the session id is handed in because decisions make none.</summary>
    public sealed record SlotOffered(SlotOffer Offer, string NewSessionId, DateTimeOffset Now)
        : TaskInput(Now)
    {
        /// <summary>The day's spending; null when no budget of a day is set.</summary>
        public DaySpending? Spending { get; init; }
    }

    /// <summary>The clock may have passed what the state waits for.</summary>
    public sealed record Woke(DateTimeOffset Now) : TaskInput(Now);

    /// <summary>Somebody wants it stopped.</summary>
    public sealed record CancelAsked(string By, string Reason, DateTimeOffset Now) : TaskInput(Now);

    /// <summary>Somebody wants another turn with the same request.</summary>
    public sealed record RetryAsked(string By, DateTimeOffset Now) : TaskInput(Now);

    /// <summary>Somebody says what the next turn is to be about.</summary>
    public sealed record Replied(Reply Reply, DateTimeOffset Now) : TaskInput(Now);

    /// <summary>Somebody ends a pause.</summary>
    public sealed record ResumeAsked(string By, DateTimeOffset Now) : TaskInput(Now);

    /// <summary>Somebody answers an approval.</summary>
    public sealed record Answered(string By, bool Yes, string Note, DateTimeOffset Now)
        : TaskInput(Now)
    {
        /// <summary>The patch they looked at, its hash or the beginning of it; empty = whichever is asked about.</summary>
        public string Hash { get; init; } = "";

        /// <summary>By which door.</summary>
        public string From { get; init; } = "";
    }

    /// <summary>Somebody hands what is asked to somebody else.</summary>
    public sealed record HandOverAsked(string By, string To, string Note, DateTimeOffset Now)
        : TaskInput(Now);

    /// <summary>Somebody wants the approved diff applied.</summary>
    public sealed record ApplyAsked(string By, bool ThreeWay, string From, DateTimeOffset Now)
        : TaskInput(Now);

    /// <summary>Somebody wants the guarded diff brought onto the branch as it is now.</summary>
    public sealed record RestageAsked(string By, DateTimeOffset Now) : TaskInput(Now);

    /// <summary>A host is dead, or began a newer epoch than the one given.</summary>
    public sealed record HostLost(string Host, long Epoch, DateTimeOffset Now) : TaskInput(Now);

    /// <summary>The work was committed in its repository.</summary>
    public sealed record Committed(TaskFact.CommitMade Commit, DateTimeOffset Now) : TaskInput(Now);
}

/// <summary>What a task owes in its state: scalars only, so that effects compare by value and the value is the idempotency key.</summary>
public abstract record TaskEffect
{
    private TaskEffect() { }

    /// <summary>Rule on the turn.</summary>
    public sealed record Screen(int Turn) : TaskEffect;

    /// <summary>Ask the mediator for the turn's plan.</summary>
    public sealed record AskMediator(int Turn) : TaskEffect;

    /// <summary>Wait for a slot.</summary>
    public sealed record JoinQueue(int Turn, int Tries, int Attempt) : TaskEffect;

    /// <summary>Have the host run the attempt.</summary>
    public sealed record StartRun(int Attempt, string Host, long Epoch) : TaskEffect;

    /// <summary>Have the host stop the attempt.</summary>
    public sealed record StopRun(int Attempt, string Host) : TaskEffect;

    /// <summary>Have the host check the attempt's work.</summary>
    public sealed record Verify(int Attempt, string Host, long Epoch) : TaskEffect;

    /// <summary>Give the place or slot back to the queue.</summary>
    public sealed record LeaveQueue(int Attempt) : TaskEffect;

    /// <summary>Have the host bring the guarded diff into its repository.</summary>
    public sealed record Apply(string Hash, string Host, bool ThreeWay) : TaskEffect;

    /// <summary>Have the pull request brought up to date: pushed, opened, answered, looked at, merged. What it is asked for is in the value, so that a change of it asks anew.</summary>
    public sealed record TendPullRequest(
        int Turn,
        int PushedTurn,
        bool Opened,
        string MergeHead,
        int Waiting
    ) : TaskEffect;

    /// <summary>Have the host drop the attempt.</summary>
    public sealed record Release(int Attempt, string Host) : TaskEffect;
}

/// <summary>What a decision says: facts to record, or why not. Neither = already so, or an echo of the past.</summary>
/// <param name="Facts">To append, all or none.</param>
/// <param name="Refusal">For the one who asked.</param>
/// <param name="Stale">True when a report belonged to another turn, attempt or epoch.</param>
public sealed record TaskDecision(
    IReadOnlyList<TaskFact> Facts,
    Failure? Refusal = null,
    bool Stale = false
)
{
    /// <summary>Nothing to record.</summary>
    public static TaskDecision Nothing { get; } = new([]);

    /// <summary>An echo of another attempt.</summary>
    public static TaskDecision Echo { get; } = new([], Stale: true);

    /// <summary>Facts to record.</summary>
    public static TaskDecision Of(params IReadOnlyList<TaskFact> facts) => new(facts);

    /// <summary>A refusal.</summary>
    public static TaskDecision Refuse(string code, string message, int retryAfterSeconds = 0) =>
        new([], new Failure(code, message, "", retryAfterSeconds));
}

/// <summary>Bounds of a task's life; each configurable.</summary>
public sealed record TaskLimits
{
    /// <summary>Runs that may count against a turn, 1 to 10. Default 4.</summary>
    public int TriesMax { get; init; } = 4;

    /// <summary>Runs of one turn whether they count or not, 1 to 1,000. Default 50.</summary>
    public int AttemptsPerTurnMax { get; init; } = 50;

    /// <summary>Turns, 1 to 100,000. Default 2,000.</summary>
    public int TurnsMax { get; init; } = 2_000;

    /// <summary>Replies that may wait for their turn, 1 to 1,000. Default 20.</summary>
    public int RepliesWaitingMax { get; init; } = 20;

    /// <summary>Constraints of a task, 1 to 1,000. Default 50.</summary>
    public int ConstraintsMax { get; init; } = 50;

    /// <summary>Facts of a task, 100 to 1,000,000. Default 100,000; progress is dropped first.</summary>
    public long FactsMax { get; init; } = 100_000;

    /// <summary>Wall clock of one run when the task names none. Default 30 minutes.</summary>
    public TimeSpan RunTimeMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Longest silence of an agent. Default 5 minutes.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What a host may take beyond the run's wall clock to prepare, stop and capture. Default 3 minutes.</summary>
    public TimeSpan HostGrace { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Pause when a usage limit names no reset time. Default 30 minutes.</summary>
    public TimeSpan UsagePause { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a question to a person stands, 1 minute to 90 days. Default 3 days: a weekend passes.</summary>
    public TimeSpan ApprovalWaitMax { get; init; } = TimeSpan.FromDays(3);

    /// <summary>After how long whoever is asked is reminded, once, 1 minute to 90 days; a question that ends before it reminds nobody. Default 4 hours.</summary>
    public TimeSpan ApprovalRemindAfter { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Commands that a turn may ask people about, 1 to 100; the next one ends the turn. Default 5.</summary>
    public int AskedCommandsMax { get; init; } = 5;

    /// <summary>How long the mediator's questions wait for an answer before its assumptions stand, 1 minute to 90 days. Default 1 hour.</summary>
    public TimeSpan QuestionsWaitMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long an approved guarded diff may be applied when the lane does not say, 1 hour to 1 year. Default 7 days.</summary>
    public TimeSpan GuardedFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Turns that feedback on one pull request may cause before a person is asked, 1 to 1,000. Default 10.</summary>
    public int FeedbackRoundsMax { get; init; } = 10;

    /// <summary>The same within one hour, 1 to 50. Default 4.</summary>
    public int FeedbackRoundsPerHour { get; init; } = 4;

    /// <summary>What may be spent. Default: no limits.</summary>
    public BudgetLimits Budgets { get; init; } = new();

    /// <summary>What is done about tasks that touch the same paths. Default: flag them.</summary>
    public OverlapMode Overlap { get; init; } = OverlapMode.Flag;

    /// <summary>The runner kind when the task names none.</summary>
    public string DefaultRunner { get; init; } = "claude-code";
}
