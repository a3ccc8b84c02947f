using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>A database is one cluster's.</summary>
public sealed class TwoClustersTests
{
    [Fact]
    public async Task A_silo_of_another_cluster_is_refused_by_both_names_with_the_way_out()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var own = Silo(database, "alpha", "a");
        await own.StartAsync();
        await using var other = Silo(database, "beta", "b");

        Assert.False(await other.TryStartAsync());

        Assert.Equal(2, other.ExitCode);
        Assert.Contains(
            "belongs to the cluster 'alpha'; this silo is of the cluster 'beta' (Cluster:Id)",
            other.LastWords,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Give the silo the same Cluster:Id",
            other.LastWords,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(PostgresServer.Password, other.LastWords, StringComparison.Ordinal);
        // Its operator renames it.
        await own.KillAsync();
        await PostgresServer.ExecuteAsync(database, "UPDATE owner SET cluster = 'beta'");
        Assert.True(await other.TryStartAsync(), other.LastWords);
    }

    private static SiloProcess Silo(string database, string cluster, string host) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:Id=" + cluster,
            "--Cluster:SiloPort=0",
            "--Runner:Host=" + host
        );
}
