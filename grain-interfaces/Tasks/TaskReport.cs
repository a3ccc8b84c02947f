using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>What an actor tells a task about owed work. Each carries the turn or the attempt it belongs to; a stale one records nothing.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-report")]
public abstract partial record TaskReport
{
    private TaskReport() { }

    /// <summary>The screening's ruling.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.screened")]
    public sealed record Screened([property: Id(0)] int Turn, [property: Id(1)] Ruling Ruling)
        : TaskReport;

    /// <summary>The mediator's plan.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.plan-made")]
    public sealed record PlanMade([property: Id(0)] int Turn, [property: Id(1)] Plan Plan)
        : TaskReport;

    /// <summary>The worktree stands.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.workspace-ready")]
    public sealed record WorkspaceReady(
        [property: Id(0)] int Attempt,
        [property: Id(1)] long Epoch,
        [property: Id(2)] WorkspaceInfo Workspace
    ) : TaskReport;

    /// <summary>The agent lives.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.agent-started")]
    public sealed record AgentStarted(
        [property: Id(0)] int Attempt,
        [property: Id(1)] long Epoch,
        [property: Id(2)] AgentInfo Agent
    ) : TaskReport;

    /// <summary>The agent's step.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.progressed")]
    public sealed record Progressed(
        [property: Id(0)] int Attempt,
        [property: Id(1)] long Epoch,
        [property: Id(2)] AgentStep Step
    ) : TaskReport;

    /// <summary>What the host kept of the run so far.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.checkpointed")]
    public sealed record Checkpointed(
        [property: Id(0)] int Attempt,
        [property: Id(1)] long Epoch,
        [property: Id(2)] Checkpoint Checkpoint
    ) : TaskReport;

    /// <summary>The attempt is over: its tree is gone, its work captured.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.run-ended")]
    public sealed record RunEnded(
        [property: Id(0)] int Attempt,
        [property: Id(1)] long Epoch,
        [property: Id(2)] RunResult Result
    ) : TaskReport;

    /// <summary>The host cannot run the attempt: the worktree or the runner failed before an agent lived, or the host lost it.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.run-refused")]
    public sealed record RunRefused(
        [property: Id(0)] int Attempt,
        [property: Id(1)] long Epoch,
        [property: Id(2)] Failure Failure,
        [property: Id(3)] ErrorClass ErrorClass
    ) : TaskReport;

    /// <summary>The verify commands ended.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.verified")]
    public sealed record Verified(
        [property: Id(0)] int Attempt,
        [property: Id(1)] long Epoch,
        [property: Id(2)] VerificationReport Report
    ) : TaskReport;

    /// <summary>A guarded diff stands in its repository.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.applied")]
    public sealed record Applied(
        [property: Id(0)] string Hash,
        [property: Id(1)] string Branch,
        [property: Id(2)] string Commit
    ) : TaskReport;

    /// <summary>A guarded diff was not applied.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.apply-refused")]
    public sealed record ApplyRefused(
        [property: Id(0)] string Hash,
        [property: Id(1)] Failure Failure
    ) : TaskReport;

    /// <summary>The host holds nothing of the attempt.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.released")]
    public sealed record Released([property: Id(0)] int Attempt) : TaskReport;
}
