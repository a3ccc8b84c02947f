namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>Shapes of task ids.</summary>
public static class TaskIds
{
    /// <summary>The journal's own log of what concerns no task: refusals, files that could not be read.</summary>
    public const string System = "_system";

    /// <summary>Start of every generated id; a ULID follows.</summary>
    public const string Prefix = "task_";

    /// <summary>Longest id, in characters.</summary>
    public const int LengthMax = 64;
}
