using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Cluster;

/// <summary>What a silo does, by its section <c>Cluster</c>.</summary>
internal static class ClusterRoles
{
    /// <summary>True when silos share a database.</summary>
    public static bool IsShared(this ClusterStoreOptions cluster) =>
        cluster.ConnectionString.Length > 0;

    /// <summary>True when this silo runs agents. Always so on the embedded store.</summary>
    public static bool RunsAgents(this ClusterStoreOptions cluster) => Has(cluster, "runner");

    /// <summary>True when this silo holds tasks. Always so on the embedded store.</summary>
    public static bool Controls(this ClusterStoreOptions cluster) => Has(cluster, "control");

    private static bool Has(ClusterStoreOptions cluster, string role) =>
        !cluster.IsShared() || cluster.Roles.Split(',').Contains(role, StringComparer.Ordinal);
}
