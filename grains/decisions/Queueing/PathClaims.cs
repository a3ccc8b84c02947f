using Orchestrator.GrainInterfaces.Queueing;

namespace Orchestrator.Decisions.Queueing;

/// <summary>What is done about tasks that touch the same paths of one repository at the same time.</summary>
public enum OverlapMode
{
    /// <summary>Nothing.</summary>
    Off = 0,

    /// <summary>They run, and each that is found to meet another says so.</summary>
    Flag = 1,

    /// <summary>A task waits for its slot while one that it would meet holds one; what shows only in the work is flagged.</summary>
    Serialise = 2,
}

/// <summary>A task that holds a slot, and the paths it touches.</summary>
public sealed record PathClaim(string TaskId, IReadOnlyList<string> Paths);

/// <summary>
/// Which paths tasks lay claim to, and where two claims meet. A claim is a file or a folder with all below it; case does
/// not count, because on Windows it does not.
/// </summary>
public static class PathClaims
{
    /// <summary>Paths of one claim; more are widened to their folders.</summary>
    public const int PathsMax = 50;

    private const int SharedMax = 20;
    private static readonly StringComparer Same = StringComparer.OrdinalIgnoreCase;

    /// <summary>A claim and what is added to it: widened to folders until it is short enough.</summary>
    public static IReadOnlyList<string> Add(IReadOnlyList<string> claim, IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(paths);
        var all = claim
            .Concat(paths.Where(p => p.Length > 0).Select(Normal))
            .Distinct(Same)
            .ToList();
        while (all.Count > PathsMax)
        {
            // The deepest first: what is widened least says most.
            var deepest = all.Max(Depth);
            all = [.. all.Select(p => Depth(p) == deepest ? FolderOf(p) : p).Distinct(Same)];
        }
        all.Sort(StringComparer.Ordinal);
        return all;
    }

    /// <summary>What two claims share, the narrower path of each pair; empty when they do not meet. At most 20.</summary>
    public static IReadOnlyList<string> Shared(
        IReadOnlyList<string> one,
        IReadOnlyList<string> other
    )
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return
        [
            .. one.SelectMany(_ => other, (a, b) => (a, b))
                .Where(p => Holds(p.a, p.b) || Holds(p.b, p.a))
                .Select(p => p.a.Length >= p.b.Length ? p.a : p.b)
                .Distinct(Same)
                .Order(StringComparer.Ordinal)
                .Take(SharedMax),
        ];
    }

    /// <summary>The tasks whose claims a claim meets.</summary>
    public static IReadOnlyList<Overlap> Met(
        IReadOnlyList<string> claim,
        IEnumerable<PathClaim> others
    )
    {
        ArgumentNullException.ThrowIfNull(others);
        return
        [
            .. others
                .Select(o => new Overlap(o.TaskId, Shared(claim, o.Paths)))
                .Where(o => o.Paths.Count > 0),
        ];
    }

    /// <summary>Overlaps that say something new beside the known ones: another task, or paths that were not named.</summary>
    public static IReadOnlyList<Overlap> New(
        IReadOnlyList<Overlap> known,
        IReadOnlyList<Overlap> met
    )
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(met);
        return
        [
            .. met.Select(m =>
                    m with
                    {
                        Paths =
                        [
                            .. m.Paths.Except(
                                known.Where(k => k.TaskId == m.TaskId).SelectMany(k => k.Paths),
                                Same
                            ),
                        ],
                    }
                )
                .Where(m => m.Paths.Count > 0),
        ];
    }

    private static bool Holds(string folder, string path) =>
        folder.Length == 0
        || (
            path.StartsWith(folder, StringComparison.OrdinalIgnoreCase)
            && (path.Length == folder.Length || path[folder.Length] == '/')
        );

    private static int Depth(string path) => path.Length == 0 ? 0 : 1 + path.Count(c => c == '/');

    private static string FolderOf(string path) =>
        path.LastIndexOf('/') is var cut && cut < 0 ? "" : path[..cut];

    // A pattern claims the folder before its first wildcard.
    private static string Normal(string path) =>
        string.Join(
            '/',
            path.Replace('\\', '/')
                .Split('/', StringSplitOptions.RemoveEmptyEntries)
                .Where(s => s != ".")
                .TakeWhile(s => s.AsSpan().IndexOfAny("*?[") < 0)
        );
}
