using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Intake;

/// <summary>A folder to work in.</summary>
/// <param name="Repository">Full real path of the repository, or empty for none.</param>
/// <param name="Below">Folder below it, '/' separated; empty = its root.</param>
internal sealed record FolderFound(string Repository, string Below);

/// <summary>
/// What a written folder means on this host. A leading <c>/</c> or <c>\</c> on a path that does not exist means "below the base
/// directory". What lies outside the allowed roots on its real path is refused, never replaced by another folder.
/// </summary>
internal sealed class TaskFolder(IOptions<WorkspaceOptions> options)
{
    /// <summary>Finds the folder, or says why not and what to do.</summary>
    public (FolderFound? Found, Failure? Failure) Resolve(string cwd)
    {
        var settings = options.Value;
        if (cwd.Length == 0)
        {
            return settings.Base.Length > 0 && Directory.Exists(settings.Base)
                ? (Split(RealPath.Of(settings.Base), mustBeRepository: false), null)
                : (new FolderFound("", ""), null);
        }
        if (cwd.Length > 1 && cwd[0] is '/' or '\\' && cwd[1..] is ['/' or '\\', ..])
        {
            return Refuse(
                FailureCodes.PathOutsideRoot,
                $"{cwd} is a network path. Work in a clone on this host"
            );
        }
        var full = Full(cwd, settings.Base);
        if (full is null)
        {
            return Refuse(
                FailureCodes.RepositoryUnusable,
                $"{cwd} is no folder on this host, and there is no base directory it could lie below. Write the full path, or set CLAUDE_BASE_CWD (Workspace:Base)"
            );
        }
        // Outside is told before absent: the answer must not reveal what exists elsewhere.
        var real = RealPath.Of(full);
        if (
            settings.AllowedRoots.Count > 0
            && !settings.AllowedRoots.Exists(r =>
                RepositoryDoor.IsWithin(RealPath.Of(Path.GetFullPath(r)), real)
            )
        )
        {
            return Refuse(
                FailureCodes.PathOutsideRoot,
                $"{cwd} lies outside the allowed roots ({string.Join(", ", settings.AllowedRoots)}). Name a folder below them, or add its root (CLAUDE_ALLOWED_ROOT, Workspace:AllowedRoots)"
            );
        }
        return Directory.Exists(real)
            ? (Split(real, mustBeRepository: true), null)
            : Refuse(
                FailureCodes.RepositoryUnusable,
                $"{cwd} ({full}) is no folder on this host. Write the path of a clone"
            );
    }

    /// <summary>The folder that a sentence names when it is a repository here; none otherwise: words alone must not fail a task.</summary>
    public FolderFound? OfSentence(string folder)
    {
        if (folder.Length == 0 || Resolve(folder).Found is not { Repository.Length: > 0 } found)
        {
            return null;
        }
        return HasGit(found.Repository) ? found : null;
    }

    private static string? Full(string cwd, string root)
    {
        if (Path.IsPathFullyQualified(cwd) && (Directory.Exists(cwd) || root.Length == 0))
        {
            return Path.GetFullPath(cwd);
        }
        // A drive of Windows is a place of its own, wherever it is written.
        var drive = cwd.Length > 1 && char.IsAsciiLetter(cwd[0]) && cwd[1] == ':';
        if (drive)
        {
            return Path.IsPathFullyQualified(cwd) ? Path.GetFullPath(cwd) : null;
        }
        return root.Length == 0
            ? null
            : Path.GetFullPath(
                Path.Combine(Path.GetFullPath(root), cwd.Replace('\\', '/').TrimStart('/'))
            );
    }

    // The agent works in a worktree of the whole repository and starts in the folder that was named.
    private static FolderFound Split(string real, bool mustBeRepository)
    {
        for (var folder = new DirectoryInfo(real); folder is not null; folder = folder.Parent)
        {
            if (HasGit(folder.FullName))
            {
                var below = Path.GetRelativePath(folder.FullName, real).Replace('\\', '/');
                return new FolderFound(folder.FullName, below == "." ? "" : below);
            }
        }
        // Not in a repository: the screen says so by name, unless nobody asked for it.
        return new FolderFound(mustBeRepository ? real : "", "");
    }

    private static bool HasGit(string folder)
    {
        var git = Path.Combine(folder, ".git");
        return Directory.Exists(git) || File.Exists(git);
    }

    private static (FolderFound?, Failure?) Refuse(string code, string message) =>
        (null, new Failure(code, message));
}
