using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Decisions.Policy;

/// <summary>What a host can tell of a lane's rights while a run lives: paths alone. The whole work is judged at its end.</summary>
public static class LaneGuard
{
    /// <summary>Empty, or the sentence about the first changed path that the lane forbids.</summary>
    public static string Violation(LaneRights lane, IEnumerable<string> changed)
    {
        ArgumentNullException.ThrowIfNull(lane);
        ArgumentNullException.ThrowIfNull(changed);
        var guarded = Globs(lane.Protected);
        var allowed = Globs(lane.Paths);
        foreach (var path in changed)
        {
            var key = RepositoryPath.Of(path).Key;
            if (lane.Write == LaneWrite.None)
            {
                return $"Lane {lane.Name} changes nothing, and {path} was changed.";
            }
            if (guarded.Count < lane.Protected.Count)
            {
                return $"What lane {lane.Name} protects cannot be read, and {path} may be of it.";
            }
            if (guarded.Find(g => g.Matches(key)) is { } glob)
            {
                return $"{path} is protected in lane {lane.Name} ({glob.Text}).";
            }
            if (lane.Paths.Count > 0 && !allowed.Exists(g => g.Matches(key)))
            {
                return $"{path} is not among the paths of lane {lane.Name} ({string.Join(", ", lane.Paths.Take(5))}).";
            }
        }
        return "";
    }

    private static List<PathGlob> Globs(IReadOnlyList<string> patterns) =>
        [.. patterns.Select(p => PathGlob.Read(p, out _)).OfType<PathGlob>()];
}
