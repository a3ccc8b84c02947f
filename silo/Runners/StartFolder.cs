using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Silo.Runners;

/// <summary>The folder an agent starts in: the worktree, or a folder of it by its real path.</summary>
internal static class StartFolder
{
    /// <summary>Full path.</summary>
    /// <exception cref="InvalidOperationException">It is no folder of the worktree, or a link leads out of it.</exception>
    public static string Of(WorkspaceInfo workspace, RunOrder order)
    {
        var root = RealPath.Of(workspace.Worktree);
        var folder = RealPath.Of(Path.Combine(root, order.Spec.WorkingDirectory));
        return RepositoryDoor.IsWithin(root, folder) && Directory.Exists(folder)
            ? folder
            : throw new InvalidOperationException(
                $"The working directory '{order.Spec.WorkingDirectory}' is not a folder of the repository at its base commit."
            );
    }
}
