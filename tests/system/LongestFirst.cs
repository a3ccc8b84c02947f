using Orchestrator.SystemTests;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Orchestrator.SystemTests;

/// <summary>Classes that take a minute or more begin first, so that none of them is left alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        nameof(Chaos.CommitBoundaryTests),
        nameof(Hostile.HostileRepositoryTests),
        nameof(Hostile.HostileActsTests),
        nameof(Flows.GuardedFlowTests),
        nameof(Pages.BoardTests),
        nameof(Cluster.TlsBetweenSilosTests),
        nameof(Cluster.ClusterTests),
        nameof(Sandbox.HostileAgentTests),
        nameof(Cluster.DatabaseDiskTests),
        nameof(Cluster.FrozenHostTests),
        nameof(Cluster.CutNetworkTests),
    ];

    /// <inheritdoc />
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections
    )
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => Place(c.TestCollectionDisplayName))];

    // "Test collection for Orchestrator.SystemTests.Chaos.CommitBoundaryTests (id: …)"
    private static int Place(string name)
    {
        var place = Array.FindIndex(
            Long,
            l => name.Contains("." + l + " ", StringComparison.Ordinal)
        );
        return place < 0 ? Long.Length : place;
    }
}
