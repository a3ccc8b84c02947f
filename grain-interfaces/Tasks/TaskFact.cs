using System.Text.Json.Serialization;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>What happened to a task, in the past tense. The union is closed; names and ids never change once released.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-fact")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(Submitted), "submitted")]
[JsonDerivedType(typeof(Screened), "screened")]
[JsonDerivedType(typeof(PlanMade), "plan-made")]
[JsonDerivedType(typeof(RunStarted), "run-started")]
[JsonDerivedType(typeof(WorkspaceReady), "workspace-ready")]
[JsonDerivedType(typeof(AgentStarted), "agent-started")]
[JsonDerivedType(typeof(Progressed), "progressed")]
[JsonDerivedType(typeof(Checkpointed), "checkpointed")]
[JsonDerivedType(typeof(RunEnded), "run-ended")]
[JsonDerivedType(typeof(RetryScheduled), "retry-scheduled")]
[JsonDerivedType(typeof(Verified), "verified")]
[JsonDerivedType(typeof(Judged), "judged")]
[JsonDerivedType(typeof(Delivered), "delivered")]
[JsonDerivedType(typeof(Paused), "paused")]
[JsonDerivedType(typeof(Resumed), "resumed")]
[JsonDerivedType(typeof(ApprovalAsked), "approval-asked")]
[JsonDerivedType(typeof(Approved), "approved")]
[JsonDerivedType(typeof(Rejected), "rejected")]
[JsonDerivedType(typeof(CancelRequested), "cancel-requested")]
[JsonDerivedType(typeof(Cancelled), "cancelled")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(Released), "released")]
[JsonDerivedType(typeof(TurnStarted), "turn-started")]
[JsonDerivedType(typeof(Throttled), "throttled")]
[JsonDerivedType(typeof(IntakeRefused), "intake-refused")]
[JsonDerivedType(typeof(CommitMade), "commit-made")]
[JsonDerivedType(typeof(OverlapFound), "overlap-found")]
[JsonDerivedType(typeof(Ruled), "ruled")]
[JsonDerivedType(typeof(Staged), "staged")]
[JsonDerivedType(typeof(ApplyStarted), "apply-started")]
[JsonDerivedType(typeof(Applied), "applied")]
[JsonDerivedType(typeof(ApplyRefused), "apply-refused")]
[JsonDerivedType(typeof(PolicyActivated), "policy-activated")]
[JsonDerivedType(typeof(BranchPushed), "branch-pushed")]
[JsonDerivedType(typeof(PullRequestOpened), "pull-request-opened")]
[JsonDerivedType(typeof(FeedbackReceived), "feedback-received")]
[JsonDerivedType(typeof(FeedbackAnswered), "feedback-answered")]
[JsonDerivedType(typeof(MergeHeld), "merge-held")]
[JsonDerivedType(typeof(MergeStarted), "merge-started")]
[JsonDerivedType(typeof(Merged), "merged")]
[JsonDerivedType(typeof(PullRequestClosed), "pull-request-closed")]
[JsonDerivedType(typeof(Replied), "replied")]
[JsonDerivedType(typeof(ApprovalReminded), "approval-reminded")]
[JsonDerivedType(typeof(ApprovalHandedOver), "approval-handed-over")]
public abstract partial record TaskFact
{
    private TaskFact() { }

    /// <summary>The task was accepted; turn 1 begins.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.submitted")]
    public sealed record Submitted([property: Id(0)] TaskSpec Spec) : TaskFact;

    /// <summary>The screening ruled on a turn.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.screened")]
    public sealed record Screened([property: Id(0)] int Turn, [property: Id(1)] Ruling Ruling)
        : TaskFact;

    /// <summary>The mediator, or its deterministic fallback, made a plan for a turn.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.plan-made")]
    public sealed record PlanMade([property: Id(0)] int Turn, [property: Id(1)] Plan Plan)
        : TaskFact;

    /// <summary>A slot was taken; committed before the host is asked. The attempt is the fencing number.</summary>
    /// <param name="Turn">The turn, from 1.</param>
    /// <param name="Attempt">The run's number over the task's whole life, from 1.</param>
    /// <param name="Host">The host's name.</param>
    /// <param name="Epoch">The host's epoch at that moment.</param>
    /// <param name="Deadline">UTC; later than this the attempt is over whatever the host says.</param>
    /// <param name="Runner">The runner kind.</param>
    /// <param name="SessionId">The agent session's UUID.</param>
    /// <param name="Resume">True when the session exists and is continued.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.run-started")]
    public sealed record RunStarted(
        [property: Id(0)] int Turn,
        [property: Id(1)] int Attempt,
        [property: Id(2)] string Host,
        [property: Id(3)] long Epoch,
        [property: Id(4)] DateTimeOffset Deadline,
        [property: Id(5)] string Runner,
        [property: Id(6)] string SessionId,
        [property: Id(7)] bool Resume
    ) : TaskFact;

    /// <summary>The worktree stands at the base commit.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.workspace-ready")]
    public sealed record WorkspaceReady(
        [property: Id(0)] int Attempt,
        [property: Id(1)] WorkspaceInfo Workspace
    ) : TaskFact;

    /// <summary>The agent's process lives.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.agent-started")]
    public sealed record AgentStarted(
        [property: Id(0)] int Attempt,
        [property: Id(1)] AgentInfo Agent
    ) : TaskFact;

    /// <summary>The agent's current step. Rides along with the next commit; may be lost in a crash.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.progressed")]
    public sealed record Progressed([property: Id(0)] int Attempt, [property: Id(1)] AgentStep Step)
        : TaskFact;

    /// <summary>The host kept what the run has done so far; an attempt elsewhere would start from it.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.checkpointed")]
    public sealed record Checkpointed(
        [property: Id(0)] int Attempt,
        [property: Id(1)] Checkpoint Checkpoint
    ) : TaskFact;

    /// <summary>The attempt's process tree is gone and its work is captured.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.run-ended")]
    public sealed record RunEnded([property: Id(0)] int Attempt, [property: Id(1)] RunResult Result)
        : TaskFact;

    /// <summary>The turn is queued again, not before <see cref="Due"/>.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.retry-scheduled")]
    public sealed record RetryScheduled(
        [property: Id(0)] int Attempt,
        [property: Id(1)] ErrorClass ErrorClass,
        [property: Id(2)] DateTimeOffset Due,
        [property: Id(3)] bool CountsAsTry,
        [property: Id(4)] string Feedback
    ) : TaskFact
    {
        /// <summary>What went wrong where no fact before this one tells it (a host that refused the run or fell silent): at most 500 characters, redacted; empty otherwise.</summary>
        [Id(5)]
        public string Reason
        {
            get;
            init => field = value ?? "";
        } = "";
    }

    /// <summary>The verify commands were run by the orchestrator itself.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.verified")]
    public sealed record Verified(
        [property: Id(0)] int Attempt,
        [property: Id(1)] VerificationReport Report
    ) : TaskFact;

    /// <summary>The captured work was judged by its evidence.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.judged")]
    public sealed record Judged(
        [property: Id(0)] int Attempt,
        [property: Id(1)] Judgement Judgement
    ) : TaskFact;

    /// <summary>The turn's work is handed over; no remote delivery is owed (any more).</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.delivered")]
    public sealed record Delivered([property: Id(0)] int Turn) : TaskFact;

    /// <summary>The task waits until an instant, or for a person when <see cref="Until"/> is null.</summary>
    /// <param name="Reason">What it waits for, in words.</param>
    /// <param name="Until">UTC, or null.</param>
    /// <param name="Budget">The budget that is used up: <c>task</c>, <c>day</c>; empty = none is.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.paused")]
    public sealed record Paused(
        [property: Id(0)] string Reason,
        [property: Id(1)] DateTimeOffset? Until,
        [property: Id(2)] string Budget = ""
    ) : TaskFact;

    /// <summary>The pause is over, by the clock (<c>reset</c>) or a person's name.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.resumed")]
    public sealed record Resumed([property: Id(0)] string By) : TaskFact;

    /// <summary>Somebody wants the task stopped; a live run is stopped before <see cref="Cancelled"/> follows.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.cancel-requested")]
    public sealed record CancelRequested(
        [property: Id(0)] string By,
        [property: Id(1)] string Reason
    ) : TaskFact
    {
        /// <summary>True: replies that wait keep waiting, for only what is under way is to stop. False: they are withdrawn with it.</summary>
        [Id(2)]
        public bool KeepsReplies { get; init; }
    }

    /// <summary>The task is stopped and none of its processes lives.</summary>
    /// <param name="When"><c>before_start</c> or <c>during_execution</c>.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.cancelled")]
    public sealed record Cancelled([property: Id(0)] string When) : TaskFact;

    /// <summary>The task ended badly.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.failed")]
    public sealed record Failed(
        [property: Id(0)] Failure Failure,
        [property: Id(1)] ErrorClass ErrorClass
    ) : TaskFact;

    /// <summary>The host holds nothing of the attempt any more: no process, no slot.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.released")]
    public sealed record Released([property: Id(0)] int Attempt) : TaskFact;

    /// <summary>A reply, a retry or feedback began the next turn.</summary>
    /// <param name="Turn">The new turn's number.</param>
    /// <param name="Kind"><c>reply</c>, <c>retry</c>, <c>restage</c> or <c>feedback</c>.</param>
    /// <param name="By">Who.</param>
    /// <param name="Message">The user's words, verbatim; empty on a retry.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.turn-started")]
    public sealed record TurnStarted(
        [property: Id(0)] int Turn,
        [property: Id(1)] string Kind,
        [property: Id(2)] string By,
        [property: Id(3)] string Message
    ) : TaskFact
    {
        /// <summary>The commit that the turn works on, when it is not the task's so far; empty = as before.</summary>
        [Id(4)]
        public string BaseCommit
        {
            get;
            init => field = value ?? "";
        } = "";

        /// <summary>Blob of a git bundle that brings this commit to a host whose repository does not have it; empty = none is needed.</summary>
        [Id(5)]
        public string BaseBundle
        {
            get;
            init => field = value ?? "";
        } = "";

        /// <summary>The reply that the turn is about, whose words stand in its own fact; empty = none.</summary>
        [Id(6)]
        public string ReplyId
        {
            get;
            init => field = value ?? "";
        } = "";
    }

    /// <summary>Tasks that hold a slot touch paths that this one touches too; what was said before is not said again.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.overlap-found")]
    public sealed record OverlapFound([property: Id(0)] IReadOnlyList<Overlap> With) : TaskFact;

    /// <summary>The active policy ruled on a turn's request, plan or diff.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.ruled")]
    public sealed record Ruled([property: Id(0)] int Turn, [property: Id(1)] PolicyRuling Ruling)
        : TaskFact;

    /// <summary>The accepted work is kept as a diff that people approve before it is applied.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.staged")]
    public sealed record Staged([property: Id(0)] int Turn, [property: Id(1)] GuardedDiff Diff)
        : TaskFact;

    /// <summary>Somebody had the approved diff applied; committed before the repository is touched.</summary>
    /// <param name="Hash">The patch's SHA-256.</param>
    /// <param name="By">Who.</param>
    /// <param name="ThreeWay">True: a moved branch is merged with.</param>
    /// <param name="From">By which door.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.apply-started")]
    public sealed record ApplyStarted(
        [property: Id(0)] string Hash,
        [property: Id(1)] string By,
        [property: Id(2)] bool ThreeWay,
        [property: Id(3)] string From
    ) : TaskFact;

    /// <summary>The diff stands in the repository's branch.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.applied")]
    public sealed record Applied(
        [property: Id(0)] string Hash,
        [property: Id(1)] string Branch,
        [property: Id(2)] string Commit
    ) : TaskFact;

    /// <summary>The diff was not applied, and the repository is as it was.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.apply-refused")]
    public sealed record ApplyRefused(
        [property: Id(0)] string Hash,
        [property: Id(1)] Failure Failure
    ) : TaskFact;

    /// <summary>System log: another policy is in force.</summary>
    /// <param name="Policy">Name and the first 12 hex digits of its SHA-256.</param>
    /// <param name="By">Who set it.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.policy-activated")]
    public sealed record PolicyActivated(
        [property: Id(0)] string Policy,
        [property: Id(1)] string By
    ) : TaskFact;

    /// <summary>System log: a submission was refused because the queue is full.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.throttled")]
    public sealed record Throttled(
        [property: Id(0)] string Reason,
        [property: Id(1)] TaskPriority Priority,
        [property: Id(2)] int RetryAfterSeconds,
        [property: Id(3)] string Requester
    ) : TaskFact;

    /// <summary>System log: something offered at a door could not be read; nothing was lost, it lies where <see cref="MovedTo"/> says.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.intake-refused")]
    public sealed record IntakeRefused(
        [property: Id(0)] string Source,
        [property: Id(1)] string Name,
        [property: Id(2)] Failure Failure,
        [property: Id(3)] string MovedTo
    ) : TaskFact;

    /// <summary>The task's work was committed in its repository on a person's demand.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.commit-made")]
    public sealed record CommitMade(
        [property: Id(0)] string Branch,
        [property: Id(1)] string Commit,
        [property: Id(2)] string By,
        [property: Id(3)] bool Pushed
    ) : TaskFact;
}

/// <summary>One fact as it stands in the journal.</summary>
/// <param name="TaskId">The task, or <see cref="TaskIds.System"/> for the system log.</param>
/// <param name="Sequence">From 1 in its task, without gaps.</param>
/// <param name="At">UTC instant of the append.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Position">Place in the whole journal, from 1, without gaps; the id of server-sent events.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.journal-entry")]
public sealed record JournalEntry(
    [property: Id(0)] string TaskId,
    [property: Id(1)] long Sequence,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] TaskFact Fact,
    [property: Id(4)] long Position
);
