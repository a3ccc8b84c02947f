using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Silo.Runners;

/// <summary>A run without an agent: the diff as it stands on another base, to be checked there.</summary>
internal static class RestagedWork
{
    /// <summary>What people are shown as the agent.</summary>
    public const string Label = "no agent: the diff on a newer base";

    /// <summary>Captures what the worktree holds.</summary>
    /// <exception cref="GitException">It cannot be captured.</exception>
    public static async Task<RunResult> TakeAsync(
        RunOrder order,
        WorkspaceInfo workspace,
        DiffCapture capture,
        CancellationToken cancellationToken
    ) =>
        new()
        {
            ErrorClass = ErrorClass.None,
            Diff = await capture.TakeAsync(
                order.Spec.Repository,
                workspace.Worktree,
                workspace.BaseCommit,
                cancellationToken
            ),
            AgentLabel = Label,
        };
}
