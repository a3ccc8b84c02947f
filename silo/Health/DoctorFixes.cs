using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Health.Probes;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Health;

/// <summary>
/// What <c>doctor --fix</c> does: missing folders, access rights of the product's own files, and what a crash left behind. Nothing
/// that anybody could miss: no facts, no results, no worktrees, no settings.
/// </summary>
internal sealed class DoctorFixes(SettingsData data)
{
    private const int FilesMax = 100_000;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan TemporaryKept = TimeSpan.FromDays(1);
    private static readonly TimeSpan LockKept = TimeSpan.FromHours(1);

    // What is made when it is needed is made now too: a folder that cannot be made is told here.
    private static readonly string[] Wanted = ["tasks", "results", "summaries", "logs"];
    private static readonly string[] Exported = ["tasks", "results", "summaries", "logs"];
    private static readonly string[] Clones = ["repos", "remotes"];
    private static readonly string[] Secret = [".env", "appsettings.json", SiloDiscoveryFile.Name];

    /// <summary>Repairs.</summary>
    /// <param name="live">True while a silo holds the directory: then what is its own is left alone.</param>
    public WorkReport Run(bool live)
    {
        var (done, problems) = (new List<string>(), new List<string>());
        void Try(string what, Func<bool> act)
        {
            try
            {
                if (act())
                {
                    done.Add(what);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problems.Add($"{what}: {e.Message}");
            }
        }
        var root = data.Directory;
        Try($"made {root}", () => Make(root));
        foreach (var folder in Wanted)
        {
            Try($"made {folder}", () => Make(Path.Combine(root, folder)));
        }
        if (!OperatingSystem.IsWindows())
        {
            // On Windows the access list of the profile is inherited; 'doctor --security' tells who else is let in.
            Try($"closed {root} to others", () => Close(root, Owner | UnixFileMode.UserExecute));
            foreach (var name in Secret)
            {
                Try($"closed {name} to others", () => Close(Path.Combine(root, name), Owner));
            }
        }
        foreach (var file in Left(root, live))
        {
            Try(
                $"removed {Path.GetRelativePath(root, file)}",
                () =>
                {
                    File.Delete(file);
                    return true;
                }
            );
        }
        foreach (var folder in LeftFolders(root))
        {
            Try(
                $"removed {Path.GetRelativePath(root, folder)}",
                () =>
                {
                    FolderRemoval.Once(folder);
                    return true;
                }
            );
        }
        return new WorkReport(done, [], problems);
    }

    private static bool Make(string folder)
    {
        if (Directory.Exists(folder))
        {
            return false;
        }
        RunFolders.Private(folder);
        return true;
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static bool Close(string path, UnixFileMode mode)
    {
        if (!Path.Exists(path) || OthersAccess.Of(path).Length == 0)
        {
            return false;
        }
        File.SetUnixFileMode(path, mode);
        return true;
    }

    private static IEnumerable<string> Left(string root, bool live) =>
        Files(root, DataProbe.Trace + "*", recurse: false, TemporaryKept)
            .Concat(
                Exported.SelectMany(f =>
                    Files(Path.Combine(root, f), ".*.tmp", false, TemporaryKept)
                )
            )
            .Concat(
                Exported.SelectMany(f =>
                    Files(Path.Combine(root, f), DataProbe.Trace + "*", false, TemporaryKept)
                )
            )
            // What a killed git left in the product's own clones: no git command of the product takes an hour.
            .Concat(Clones.SelectMany(f => Files(Path.Combine(root, f), "*.lock", true, LockKept)))
            .Concat(
                live || !File.Exists(Path.Combine(root, SiloDiscoveryFile.Name))
                    ? []
                    : [Path.Combine(root, SiloDiscoveryFile.Name)]
            );

    private static IEnumerable<string> LeftFolders(string root)
    {
        var temporary = Path.Combine(root, "tmp");
        return Directory.Exists(temporary)
            ? Directory
                .EnumerateDirectories(temporary, "doctor-*")
                .Where(f => Age(f) > TemporaryKept)
                .Take(FilesMax)
            : [];
    }

    private static List<string> Files(
        string folder,
        string pattern,
        bool recurse,
        TimeSpan older
    ) =>
        Directory.Exists(folder)
            ?
            [
                .. Directory
                    .EnumerateFiles(
                        folder,
                        pattern,
                        new EnumerationOptions
                        {
                            RecurseSubdirectories = recurse,
                            AttributesToSkip = FileAttributes.ReparsePoint,
                            IgnoreInaccessible = true,
                            MatchType = MatchType.Simple,
                        }
                    )
                    .Where(f => Age(f) > older)
                    .Take(FilesMax),
            ]
            : [];

    // By the file system's clock, as it wrote the time too.
    private static TimeSpan Age(string path) =>
        TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(path);
}
