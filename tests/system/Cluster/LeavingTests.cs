using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>Silos that leave a cluster one after the other, the last one alone.</summary>
public sealed class LeavingTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Each_ends_in_good_order_the_last_one_too()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var first = Silo(database, "first", "--Cluster:Roles=control,runner");
        await using var second = Silo(database, "second", "--Cluster:Roles=runner");
        await first.StartAsync();
        await second.StartAsync();
        var task = await first.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze") with
            {
                Labels = ["host=second"],
            }
        );
        // A watcher that stays must not hold up a silo that leaves.
        await using var watcher = new FactFollower(first.Client);
        await watcher.UntilAsync(
            "its delivery",
            Deadline,
            e => e.TaskId == task.TaskId && e.Fact is TaskFact.Delivered
        );

        await second.Client.StopAsync();
        await second.Ended.WaitAsync(Deadline);
        Assert.Equal(
            "offline",
            (await first.Client.ListHostsAsync()).Hosts.Single(h => h.Host == "second").State
        );
        await first.Client.StopAsync();
        await first.Ended.WaitAsync(Deadline);

        Assert.True(second.ExitCode == 0, $"{second.ExitCode}: {second.LastWords}");
        Assert.True(first.ExitCode == 0, $"{first.ExitCode}: {first.LastWords}");
    }

    private static SiloProcess Silo(string database, string host, string roles) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Runner:Host=" + host,
            roles
        );
}
