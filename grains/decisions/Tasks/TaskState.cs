using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>A task's state: the fold of its facts, nothing else.</summary>
public sealed partial record TaskState
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

    /// <summary>What the policy said last.</summary>
    public PolicyRuling? Ruling { get; init; }

    /// <summary>What the lane in force allows; null before a policy ruled on a plan.</summary>
    public LaneRights? Lane { get; init; }

    /// <summary>How many different people must say yes to what is asked; 0 when nothing is.</summary>
    public int ApprovalsNeeded { get; init; }

    /// <summary>Roles of which each of them must have one.</summary>
    public IReadOnlyList<string> ApprovalRoles { get; init; } = [];

    /// <summary>When what is asked ends by itself; null when nothing is.</summary>
    public DateTimeOffset? AskedUntil { get; init; }

    /// <summary>Who is asked by name; empty = whoever may answer.</summary>
    public string ApprovalTo { get; init; } = "";

    /// <summary>What an answer names: the patch that is asked about, or the command with its attempt; empty = neither.</summary>
    public string ApprovalHash { get; init; } = "";

    /// <summary>The command that is asked about, or null.</summary>
    public AskedCommand? Command { get; init; }

    /// <summary>How many commands this turn has asked people about.</summary>
    public int AskedCommands { get; init; }

    /// <summary>The commands that people allowed in this turn.</summary>
    public IReadOnlyList<AskedCommand> AllowedCommands { get; init; } = [];

    /// <summary>Who has said yes to it.</summary>
    public IReadOnlyList<string> ApprovedBy { get; init; } = [];

    /// <summary>The diff that waits for approval or to be applied.</summary>
    public GuardedState? Guarded { get; init; }

    /// <summary>True in a turn that only brings the diff onto a newer base and checks it.</summary>
    public bool CheckOnly { get; init; }

    /// <summary>How the work stands on the remote host; null before it is pushed or talked about.</summary>
    public DeliveryState? Delivery { get; init; }

    /// <summary>When work was accepted last (UTC).</summary>
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The patch that was accepted last; empty before one was.</summary>
    public string AcceptedPatch { get; init; } = "";

    /// <summary>True when the last run left the work exactly as it was accepted before: whatever its lane, it changed nothing.</summary>
    public bool WorkUntouched =>
        AcceptedPatch.Length > 0 && Result?.Diff.PatchBlob == AcceptedPatch;

    /// <summary>The base that the work so far was captured on.</summary>
    public string PatchBase { get; init; } = "";

    /// <summary>Blob that brings the base commit to a host; empty = none is needed.</summary>
    public string BaseBundle { get; init; } = "";

    /// <summary>Labels a host must have: the requester's, and a sandbox where the lane demands one.</summary>
    public IReadOnlyList<string> HostLabels =>
        Lane is not { SandboxRequired: true } ? Spec?.Labels ?? []
        : Spec!.Labels.Contains(SandboxLabel) ? Spec.Labels
        : [.. Spec.Labels, SandboxLabel];

    /// <summary>The kind of a turn that only brings a diff onto a newer base.</summary>
    public const string Restage = "restage";

    /// <summary>The kind of a turn that feedback on the pull request caused.</summary>
    public const string FeedbackTurn = "feedback";

    /// <summary>The label of a host whose sandbox works.</summary>
    public const string SandboxLabel = "sandboxed=yes";

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

    /// <summary>What the first plan called the task; later turns' plans are about what was said last.</summary>
    public string FirstTitle { get; init; } = "";

    /// <summary>What the task is called in every turn: the requester's title, else the first plan's; empty before either.</summary>
    public string Title =>
        Spec is null ? ""
        : Spec.Title.Length > 0 ? Spec.Title
        : FirstTitle;
}
