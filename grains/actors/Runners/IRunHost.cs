using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Grains.Runners;

/// <summary>The silo's process table: what really runs on this host. A singleton that outlives grain activations; reports go to the task grains.</summary>
public interface IRunHost
{
    /// <summary>The host's name, labels, slots and epoch; valid after the silo's start.</summary>
    HostSnapshot Snapshot();

    /// <summary>Begins a run, or answers as at the first call.</summary>
    RunAnswer Start(RunOrder order);

    /// <summary>Begins a verification, or answers as at the first call.</summary>
    RunAnswer Verify(VerifyOrder order);

    /// <summary>Begins to bring a guarded diff into a repository, or answers as at the first call while that is under way.</summary>
    RunAnswer Apply(ApplyOrder order);

    /// <summary>Stops what runs for the attempt; its end is reported as usual. False when nothing runs.</summary>
    bool Cancel(string taskId, int attempt);

    /// <summary>Ends all runs and checks and refuses new ones, until it is told to let go.</summary>
    Task HoldAsync(bool hold);

    /// <summary>Drops the attempt's worktree and slot in the background; completes when both are gone.</summary>
    Task ReleaseAsync(string taskId, int attempt, CancellationToken cancellationToken);
}
