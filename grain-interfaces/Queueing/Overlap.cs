namespace Orchestrator.GrainInterfaces.Queueing;

/// <summary>Paths of a repository that two tasks work on at the same time.</summary>
/// <param name="TaskId">The other task.</param>
/// <param name="Paths">What both touch, relative, '/' separated, no trailing '/'; empty text = the whole repository. At most 20.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.overlap")]
public sealed record Overlap(
    [property: Id(0)] string TaskId,
    [property: Id(1)] IReadOnlyList<string> Paths
);
