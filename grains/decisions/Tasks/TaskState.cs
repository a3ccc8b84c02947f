using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>A task's state: the fold of its facts, nothing else.</summary>
public sealed record TaskState
{
    /// <summary>Before the first fact.</summary>
    public static TaskState Empty { get; } = new();

    /// <summary>How long a verification's report is waited for before the host is asked again or given up.</summary>
    public static readonly TimeSpan VerifyWaitMax = TimeSpan.FromMinutes(45);

    /// <summary>How long a host's word that a cancelled run is gone is waited for.</summary>
    public static readonly TimeSpan StopWaitMax = TimeSpan.FromMinutes(1);

    /// <summary>Number of the last fact folded.</summary>
    public long Version { get; init; }

    /// <summary>Where it is.</summary>
    public TaskPhase Phase { get; init; }

    /// <summary>What was asked for; null before the first fact.</summary>
    public TaskSpec? Spec { get; init; }

    /// <summary>The turn, from 1.</summary>
    public int Turn { get; init; }

    /// <summary>The user's words of a later turn; empty in turn 1 and on a retry.</summary>
    public string TurnMessage { get; init; } = "";

    /// <summary>The number of the last attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Attempts of this turn, counting or not.</summary>
    public int TurnAttempts { get; init; }

    /// <summary>Attempts of this turn that counted.</summary>
    public int Tries { get; init; }

    /// <summary>The plan in force.</summary>
    public Plan? Plan { get; init; }

    /// <summary>Host of the last attempt.</summary>
    public string Host { get; init; } = "";

    /// <summary>That host's epoch.</summary>
    public long Epoch { get; init; }

    /// <summary>Deadline of the live attempt, of the pause, of the approval, of the back-off.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The runner kind of the last attempt.</summary>
    public string Runner { get; init; } = "";

    /// <summary>The agent's session; empty when the next attempt starts a fresh one.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>True when that session is known to exist.</summary>
    public bool SessionLives { get; init; }

    /// <summary>Blob id of the session as a host kept it last, or empty.</summary>
    public string SessionBlob { get; init; } = "";

    /// <summary>Money the session has cost.</summary>
    public decimal SessionCostUsd { get; init; }

    /// <summary>True when the last attempt starts by continuing a session.</summary>
    public bool Resume { get; init; }

    /// <summary>Where the last attempt works.</summary>
    public WorkspaceInfo? Workspace { get; init; }

    /// <summary>The last agent.</summary>
    public AgentInfo? Agent { get; init; }

    /// <summary>What it does now.</summary>
    public AgentStep? Step { get; init; }

    /// <summary>The end of the last run.</summary>
    public RunResult? Result { get; init; }

    /// <summary>The last verification.</summary>
    public VerificationReport? Verification { get; init; }

    /// <summary>The last judgement.</summary>
    public Judgement? Judgement { get; init; }

    /// <summary>Why it failed.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The last bad end's class.</summary>
    public ErrorClass ErrorClass { get; init; }

    /// <summary>What the next attempt is told about the last one.</summary>
    public string Feedback { get; init; } = "";

    /// <summary>Somebody wants it stopped, and its run still lives.</summary>
    public bool Cancelling { get; init; }

    /// <summary>The phase an approval leads back to.</summary>
    public TaskPhase ReturnTo { get; init; }

    /// <summary>What it waits for, in words.</summary>
    public string WaitingFor { get; init; } = "";

    /// <summary>The last attempt that its host has let go.</summary>
    public int ReleasedAttempt { get; init; }

    /// <summary>Money of the whole task.</summary>
    public decimal CostUsd { get; init; }

    /// <summary>Tokens of the whole task.</summary>
    public long Tokens { get; init; }

    /// <summary>The used-up budget that it is paused for: <c>task</c>, <c>day</c>, or empty.</summary>
    public string PausedBudget { get; init; } = "";

    /// <summary>How often a person granted the task its budget again.</summary>
    public int BudgetGrants { get; init; }

    /// <summary>The last turn that a person let go beyond a day's budget; 0 = none.</summary>
    public int BudgetTurn { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the last fact was recorded.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The base commit that the whole task works on.</summary>
    public string BaseCommit { get; init; } = "";

    /// <summary>The patch that holds the work so far.</summary>
    public string PatchBlob { get; init; } = "";

    /// <summary>Paths of the repository that its work touches, or is expected to.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Tasks that it was found to meet, and where.</summary>
    public IReadOnlyList<Overlap> Overlaps { get; init; } = [];

    /// <summary>True in Done, Failed and Cancelled.</summary>
    public bool Ended => Phase is TaskPhase.Done or TaskPhase.Failed or TaskPhase.Cancelled;

    /// <summary>True when nothing happens to it before a person or a clock comes.</summary>
    public bool Parked =>
        Phase is TaskPhase.Paused or TaskPhase.AwaitingApproval or TaskPhase.InReview;

    /// <summary>True while a host holds the attempt.</summary>
    public bool RunLives =>
        Phase is TaskPhase.Preparing or TaskPhase.Running or TaskPhase.Validating;

    /// <summary>The kind in force: the plan's, else the requester's.</summary>
    public TaskKind Kind => Plan?.Kind ?? Spec?.Kind ?? TaskKind.Unknown;

    /// <summary>The title in force.</summary>
    public string Title =>
        Spec is null ? ""
        : Spec.Title.Length > 0 ? Spec.Title
        : Plan?.Title ?? "";

    /// <summary>The state after an entry.</summary>
    public TaskState After(TaskFact fact, DateTimeOffset at)
    {
        var next = Fold(fact);
        next = fact switch
        {
            TaskFact.RunEnded when next.Phase == TaskPhase.Validating => next with
            {
                Due = at + VerifyWaitMax,
            },
            TaskFact.CancelRequested => next with { Due = at + StopWaitMax },
            _ => next,
        };
        return next with
        {
            Version = Version + 1,
            UpdatedAt = at,
            CreatedAt = Version == 0 ? at : CreatedAt,
        };
    }

    private TaskState Fold(TaskFact fact) =>
        fact switch
        {
            TaskFact.Submitted f => this with
            {
                Phase = TaskPhase.Received,
                Spec = f.Spec,
                Turn = 1,
            },
            TaskFact.Screened => this with { Phase = TaskPhase.Mediating },
            TaskFact.PlanMade f => this with
            {
                Phase = TaskPhase.Queued,
                Plan = f.Plan,
                Due = null,
                Paths = f.Plan.ReadOnly ? Paths : PathClaims.Add(Paths, f.Plan.TargetFiles),
            },
            TaskFact.RunStarted f => this with
            {
                Phase = TaskPhase.Preparing,
                Attempt = f.Attempt,
                TurnAttempts = TurnAttempts + 1,
                Tries = Tries + 1,
                Host = f.Host,
                Epoch = f.Epoch,
                Due = f.Deadline,
                Runner = f.Runner,
                SessionId = f.SessionId,
                Resume = f.Resume,
                SessionLives = f.Resume,
                SessionBlob = f.Resume ? SessionBlob : "",
                SessionCostUsd = f.Resume ? SessionCostUsd : 0,
                Workspace = null,
                Agent = null,
                Step = null,
                WaitingFor = "",
            },
            TaskFact.WorkspaceReady f => this with
            {
                Workspace = f.Workspace,
                BaseCommit = BaseCommit.Length > 0 ? BaseCommit : f.Workspace.BaseCommit,
            },
            TaskFact.AgentStarted f => this with { Phase = TaskPhase.Running, Agent = f.Agent },
            TaskFact.Progressed f => this with { Step = f.Step },
            TaskFact.Checkpointed f => this with
            {
                PatchBlob = f.Checkpoint.PatchBlob.Length > 0 ? f.Checkpoint.PatchBlob : PatchBlob,
                SessionLives = SessionLives || f.Checkpoint.SessionBlob.Length > 0,
                SessionBlob =
                    f.Checkpoint.SessionBlob.Length > 0 ? f.Checkpoint.SessionBlob : SessionBlob,
                Paths = PathClaims.Add(Paths, f.Checkpoint.Paths),
            },
            TaskFact.RunEnded f => AfterRun(f.Result),
            TaskFact.RetryScheduled f => this with
            {
                Phase = TaskPhase.Queued,
                Due = f.Due,
                ErrorClass = f.ErrorClass,
                Feedback = f.Feedback,
                Tries = f.CountsAsTry ? Tries : Math.Max(0, Tries - 1),
                SessionLives = SessionLives && f.ErrorClass != ErrorClass.SessionLost,
                Step = null,
            },
            TaskFact.Verified f => this with { Verification = f.Report },
            TaskFact.Judged f => this with
            {
                Judgement = f.Judgement,
                Phase = f.Judgement.Accepted ? TaskPhase.Delivering : Phase,
            },
            TaskFact.Delivered => Ending(TaskPhase.Done),
            TaskFact.Paused f => this with
            {
                Phase = TaskPhase.Paused,
                Due = f.Until,
                WaitingFor = f.Reason,
                PausedBudget = f.Budget,
                // The run that ended in the pause is nobody's try; a pause before a run has none to give back.
                Tries = RunLives ? Math.Max(0, Tries - 1) : Tries,
            },
            TaskFact.Resumed f => AfterPause(f.By) with
            {
                Phase = TaskPhase.Queued,
                Due = null,
                WaitingFor = "",
                PausedBudget = "",
            },
            TaskFact.ApprovalAsked f => this with
            {
                Phase = TaskPhase.AwaitingApproval,
                ReturnTo = f.ReturnTo,
                Due = f.Deadline,
                WaitingFor = f.What,
            },
            TaskFact.Approved => this with { Phase = ReturnTo, Due = null, WaitingFor = "" },
            TaskFact.Rejected => this with { Due = null, WaitingFor = "" },
            TaskFact.CancelRequested => this with { Cancelling = true },
            TaskFact.Cancelled => Ending(TaskPhase.Cancelled) with
            {
                ErrorClass = ErrorClass.Cancelled,
            },
            TaskFact.Failed f => Ending(TaskPhase.Failed) with
            {
                Failure = f.Failure,
                ErrorClass = f.ErrorClass,
            },
            TaskFact.Released f => this with
            {
                ReleasedAttempt = Math.Max(ReleasedAttempt, f.Attempt),
            },
            TaskFact.TurnStarted f => NextTurn(f),
            TaskFact.OverlapFound f => this with { Overlaps = [.. Overlaps, .. f.With] },
            _ => this,
        };

    private TaskState AfterRun(RunResult result) =>
        this with
        {
            Result = result,
            Phase = result.ErrorClass == ErrorClass.None ? TaskPhase.Validating : Phase,
            ErrorClass = result.ErrorClass,
            Step = null,
            SessionLives = result.SessionId.Length > 0 || SessionLives,
            SessionBlob = result.SessionBlob.Length > 0 ? result.SessionBlob : SessionBlob,
            SessionCostUsd = Math.Max(SessionCostUsd, result.Usage.SessionCostUsd),
            CostUsd = CostUsd + result.Usage.CostUsd,
            Tokens =
                Tokens
                + result.Usage.InputTokens
                + result.Usage.OutputTokens
                + result.Usage.CacheReadTokens
                + result.Usage.CacheWriteTokens,
            PatchBlob = result.Diff.PatchBlob.Length > 0 ? result.Diff.PatchBlob : PatchBlob,
            Paths = PathClaims.Add(
                Paths,
                result
                    .Diff.Files.SelectMany(f => (string[])[f.Path, f.OldPath])
                    .Where(p => p.Length > 0)
            ),
            Verification = null,
            Judgement = null,
        };

    // The clock grants nothing.
    private TaskState AfterPause(string by) =>
        (PausedBudget, by) switch
        {
            (Budgets.OfTask, not "reset") => this with { BudgetGrants = BudgetGrants + 1 },
            (Budgets.OfDay, not "reset") => this with { BudgetTurn = Turn },
            _ => this,
        };

    private TaskState Ending(TaskPhase phase) =>
        this with
        {
            Phase = phase,
            Due = null,
            PausedBudget = "",
            Cancelling = false,
            WaitingFor = "",
            Step = null,
        };

    private TaskState NextTurn(TaskFact.TurnStarted fact) =>
        this with
        {
            Phase = TaskPhase.Mediating,
            Turn = fact.Turn,
            TurnMessage = fact.Message,
            TurnAttempts = 0,
            Tries = 0,
            Due = null,
            Failure = null,
            ErrorClass = ErrorClass.None,
            Feedback = "",
            Cancelling = false,
            WaitingFor = "",
            Verification = null,
            Judgement = null,
        };
}
