namespace Orchestrator.GrainInterfaces.Runners;

/// <summary>Whether a runner kind can work on a host.</summary>
/// <param name="Kind">The runner kind.</param>
/// <param name="Version">Its program's version, or empty while it is unknown.</param>
/// <param name="Login">How its agent signs in: the name of a variable, <c>login</c>, or empty when nothing was found (or nothing is needed).</param>
/// <param name="Problem">Why its runs would fail, with the cure; empty = they would not.</param>
/// <param name="Drift">A sentence when the version is another than the tested one, or empty.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.runner-health")]
public sealed record RunnerHealth(
    [property: Id(0)] string Kind,
    [property: Id(1)] string Version,
    [property: Id(2)] string Login,
    [property: Id(3)] string Problem,
    [property: Id(4)] string Drift
);

/// <summary>What a host finds when it looks at itself.</summary>
/// <param name="DiskFreeBytes">Free where worktrees lie; -1 = could not be read.</param>
/// <param name="Runners">Its runner kinds.</param>
/// <param name="Problem">Why it takes no new runs, with the cure; empty = it takes them.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.host-health")]
public sealed record HostHealth(
    [property: Id(0)] long DiskFreeBytes,
    [property: Id(1)] IReadOnlyList<RunnerHealth> Runners,
    [property: Id(2)] string Problem
)
{
    /// <summary>How far the host's clock is ahead of the database's, seconds; negative = behind, 0 = the same, or nobody knows.</summary>
    [Id(3)]
    public double ClockSkewSeconds { get; init; }
}
