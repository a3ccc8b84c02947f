namespace Orchestrator.Grains.Storage;

/// <summary>Names of grain storage providers.</summary>
public static class GrainStorageNames
{
    /// <summary>Small, rarely written state of grains that are no tasks.</summary>
    public const string Orleans = "orleans";
}
