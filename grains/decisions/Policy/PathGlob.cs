namespace Orchestrator.Decisions.Policy;

/// <summary>Stub.</summary>
public static class PathGlob
{
    /// <summary>Stub.</summary>
    public static bool IsMatch(string glob, string path) => glob == path;
}
