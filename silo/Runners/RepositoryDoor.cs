using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Policy;

namespace Orchestrator.Silo.Runners;

/// <summary>Why a repository may not be worked in.</summary>
/// <param name="Code">A failure code.</param>
/// <param name="Message">One sentence with the cure.</param>
/// <param name="Absent">True: there is no such folder or name here; another host may have it.</param>
internal sealed record RepositoryProblem(string Code, string Message, bool Absent = false);

/// <summary>Lets a repository in by its real path: inside the allowed roots with its git folder, and never replaced by another.</summary>
internal sealed class RepositoryDoor(
    GitCli git,
    IOptions<WorkspaceOptions> options,
    NamedRepositories named
)
{
    private readonly IReadOnlyList<string> roots =
    [
        .. options.Value.AllowedRoots.Select(r => RealPath.Of(Path.GetFullPath(r))),
    ];

    /// <summary>The real path, or why not. Asked when a task is screened, and again before each attempt: a link may have moved.</summary>
    public async Task<(string Real, RepositoryProblem? Problem)> OpenAsync(
        string repository,
        CancellationToken cancellationToken
    )
    {
        if (named.PathOf(repository) is not { } path)
        {
            return Refuse(FailureCodes.RepositoryUnusable, named.Unknown(repository), absent: true);
        }
        repository = path;
        if (RemotePath(repository))
        {
            return Refuse(
                FailureCodes.PathOutsideRoot,
                $"{repository} is a network or device path. Clone the repository to a local folder and name that."
            );
        }
        if (!Path.IsPathFullyQualified(repository) || !Directory.Exists(repository))
        {
            return Refuse(
                FailureCodes.RepositoryUnusable,
                $"{repository} is no folder on this host. Name the full path of a clone.",
                absent: IsFullSomewhere(repository)
            );
        }
        var real = RealPath.Of(repository);
        if (!Allowed(real))
        {
            return Refuse(FailureCodes.PathOutsideRoot, Outside(repository));
        }
        var asked = await git.TryAsync(
            real,
            [
                "rev-parse",
                "--is-bare-repository",
                "--show-prefix",
                "--absolute-git-dir",
                "--git-common-dir",
            ],
            cancellationToken
        );
        var told = asked.Text.Split('\n', StringSplitOptions.TrimEntries);
        if (asked.ExitCode != 0 || told.Length < 4)
        {
            return Refuse(
                FailureCodes.RepositoryUnusable,
                asked.TimedOut
                    ? $"git did not answer in {repository} in time (Workspace:GitTimeMax)."
                    : $"{repository} is not a git repository. Name the folder of a clone, or run 'git init' and commit there first."
            );
        }
        if (told[0] == "true")
        {
            return Refuse(
                FailureCodes.RepositoryUnusable,
                $"{repository} is a bare repository. Name a clone with a working tree."
            );
        }
        if (told[1].Length > 0)
        {
            return Refuse(
                FailureCodes.RepositoryUnusable,
                $"{repository} is the folder '{told[1].TrimEnd('/')}' inside a repository. Name the repository's top folder, and the folder as working directory."
            );
        }
        // A '.git' file or link may lead to the history of a repository elsewhere.
        foreach (var folder in told[2..4])
        {
            if (!Allowed(RealPath.Of(Path.GetFullPath(folder, real))))
            {
                return Refuse(
                    FailureCodes.PathOutsideRoot,
                    $"{Outside(repository)} Its git folder is {folder}."
                );
            }
        }
        return (real, null);
    }

    /// <summary>True for paths whose mere look would ask another machine or a device: <c>\\server\share</c>, <c>//server/share</c>, <c>\\?\</c>, <c>\\.\</c>.</summary>
    internal static bool RemotePath(string path) =>
        path.Length > 1 && path[0] is '\\' or '/' && path[1] is '\\' or '/';

    /// <summary>True when the path is the root or lies below it.</summary>
    internal static bool IsWithin(string root, string path)
    {
        var comparison =
            OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
                ? StringComparison.OrdinalIgnoreCase
                : StringComparison.Ordinal;
        var trimmed = Path.TrimEndingDirectorySeparator(root);
        return path.Equals(trimmed, comparison)
            || path.StartsWith(
                trimmed.EndsWith(Path.DirectorySeparatorChar)
                    ? trimmed
                    : trimmed + Path.DirectorySeparatorChar,
                comparison
            );
    }

    private bool Allowed(string real) => roots.Count == 0 || roots.Any(r => IsWithin(r, real));

    private string Outside(string repository) =>
        $"{repository} lies outside the allowed roots ({string.Join(", ", options.Value.AllowedRoots)}). Move it, or add its root to Workspace:AllowedRoots.";

    // Full on this system or on another one that hosts run on.
    private static bool IsFullSomewhere(string path) =>
        path.StartsWith('/')
        || (
            path.Length > 2
            && char.IsAsciiLetter(path[0])
            && path[1] == ':'
            && (path[2] is '\\' or '/')
        );

    private static (string, RepositoryProblem?) Refuse(
        string code,
        string message,
        bool absent = false
    ) => ("", new RepositoryProblem(code, message, absent));
}

/// <summary>The real path of a folder: every link on the way resolved.</summary>
internal static class RealPath
{
    private const int LinksMax = 40;

    /// <summary>Resolves; parts that do not exist stay as they are.</summary>
    /// <exception cref="IOException">The links lead round in a circle.</exception>
    public static string Of(string path) => Of(path, LinksMax);

    private static string Of(string path, int linksLeft)
    {
        var full = Path.GetFullPath(path);
        var root = Path.GetPathRoot(full)!;
        var real = root;
        foreach (
            var part in full[root.Length..]
                .Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)
        )
        {
            var next = new DirectoryInfo(Path.Combine(real, part));
            if (next.LinkTarget is null)
            {
                real = next.FullName;
                continue;
            }
            if (linksLeft-- == 0)
            {
                throw new IOException($"The links of {path} lead round in a circle.");
            }
            real = Of(Path.Combine(real, next.LinkTarget), linksLeft);
        }
        return real;
    }
}
