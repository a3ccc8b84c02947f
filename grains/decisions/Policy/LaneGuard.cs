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
        foreach (var path in changed)
        {
            if (lane.Write == LaneWrite.None)
            {
                return $"Lane {lane.Name} changes nothing, and {path} was changed.";
            }
            if (lane.Protected.FirstOrDefault(g => PathGlob.IsMatch(g, path)) is { } glob)
            {
                return $"{path} is protected in lane {lane.Name} ({glob}).";
            }
            if (lane.Paths.Count > 0 && !lane.Paths.Any(g => PathGlob.IsMatch(g, path)))
            {
                return $"{path} is not among the paths of lane {lane.Name} ({string.Join(", ", lane.Paths.Take(5))}).";
            }
        }
        return "";
    }
}
