using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Policy;

/// <summary>A changed file as rules see it: under every name it has, had or points to, and what kinds of change it is.</summary>
/// <param name="Shown">Its path for people.</param>
/// <param name="Names">Its path, the one before a rename, and where a symlink leads; all are ruled on.</param>
/// <param name="Kinds">What the change is.</param>
internal sealed record ChangedFile(
    string Shown,
    IReadOnlyList<RepositoryPath> Names,
    ChangeKind Kinds
)
{
    private const string LinkMode = "120000";
    private const string ModuleMode = "160000";
    private const string FileMode = "100644";
    private const string ExecutableMode = "100755";

    /// <summary>The files of a diff.</summary>
    public static IReadOnlyList<ChangedFile> Of(DiffSummary diff)
    {
        var links = new LinkMap(diff.Files.Where(f => f.NewMode == LinkMode));
        return [.. diff.Files.Select(f => Of(f, links))];
    }

    /// <summary>A path that a plan means to change: only its name is known.</summary>
    public static ChangedFile Planned(string path)
    {
        var name = RepositoryPath.Of(path);
        return new ChangedFile(name.Shown, [name], ChangeKinds.OfPath(name.Key) | Odd(name));
    }

    private static ChangedFile Of(FileChange file, LinkMap links)
    {
        var path = RepositoryPath.Of(file.Path);
        var renamed = file.Status == "R" && file.OldPath.Length > 0;
        var old = renamed ? RepositoryPath.Of(file.OldPath) : null;
        var kinds = OfModes(file) | (renamed ? ChangeKind.Rename : ChangeKind.None);
        if (file.AddedLines < 0)
        {
            kinds |= ChangeKind.Binary;
        }
        if (file.Status == "D")
        {
            kinds |= ChangeKind.Deletion;
            kinds |= ChangeKinds.IsTest(path.Key) ? ChangeKind.TestDeletion : ChangeKind.None;
        }
        else if (old is not null && ChangeKinds.IsTest(old.Key) && !ChangeKinds.IsTest(path.Key))
        {
            kinds |= ChangeKind.TestDeletion;
        }
        var names = old is null ? [path] : new List<RepositoryPath> { path, old };
        if (file.NewMode == LinkMode)
        {
            if (
                links.Resolve(file) is { } target
                && RepositoryPath.Of(target) is { Escapes: false } at
            )
            {
                names.Add(at);
            }
            else
            {
                kinds |= ChangeKind.SymlinkOutside;
            }
        }
        foreach (var name in names)
        {
            kinds |= ChangeKinds.OfPath(name.Key) | Odd(name);
        }
        return new ChangedFile(path.Shown, names, kinds);
    }

    private static ChangeKind OfModes(FileChange file)
    {
        var kinds = file.NewMode == LinkMode ? ChangeKind.Symlink : ChangeKind.None;
        if (file.NewMode == ModuleMode || file.OldMode == ModuleMode)
        {
            kinds |= ChangeKind.Submodule;
        }
        return
            file is { OldMode: FileMode, NewMode: ExecutableMode }
            || file is { OldMode: ExecutableMode, NewMode: FileMode }
            ? kinds | ChangeKind.Mode
            : kinds;
    }

    private static ChangeKind Odd(RepositoryPath name) =>
        name.Oddity.Length > 0 ? ChangeKind.OddName : ChangeKind.None;

    /// <summary>The links of a diff: where one leads may go over others.</summary>
    private sealed class LinkMap
    {
        private const int StepsMax = 256;
        private const int HopsMax = 40; // what Linux follows

        private readonly Dictionary<string, string> targets = new(StringComparer.Ordinal);

        public LinkMap(IEnumerable<FileChange> links)
        {
            foreach (var link in links)
            {
                targets[RepositoryPath.Of(link.Path).Key] = link.LinkTarget;
            }
        }

        /// <summary>The path that the link leads to; null when it leaves the repository, goes in a circle or is not known.</summary>
        public string? Resolve(FileChange link)
        {
            if (link.LinkTarget.Length == 0 || RepositoryPath.IsAbsolute(link.LinkTarget))
            {
                return null;
            }
            // From the link's folder: its path, without its name, then the target.
            var at = new List<string>();
            var todo = new Stack<string>(
                Parts(link.Path).Append("..").Concat(Parts(link.LinkTarget)).Reverse()
            );
            var own = Parts(link.Path).Count();
            var (steps, hops) = (0, 0);
            while (todo.TryPop(out var part))
            {
                if (++steps > StepsMax || (part == ".." && at.Count == 0))
                {
                    return null;
                }
                if (part == "..")
                {
                    at.RemoveAt(at.Count - 1);
                    continue;
                }
                at.Add(part);
                if (steps > own && targets.TryGetValue(Key(at), out var next))
                {
                    if (++hops > HopsMax || next.Length == 0 || RepositoryPath.IsAbsolute(next))
                    {
                        return null;
                    }
                    at.RemoveAt(at.Count - 1);
                    foreach (var more in Parts(next).Reverse())
                    {
                        todo.Push(more);
                    }
                }
            }
            return at.Count == 0 ? "." : string.Join('/', at);
        }

        private static string Key(List<string> parts) =>
            RepositoryPath.Of(string.Join('/', parts)).Key;

        private static IEnumerable<string> Parts(string path) =>
            path.Split('/', '\\').Where(p => p.Length > 0 && p != ".");
    }
}
