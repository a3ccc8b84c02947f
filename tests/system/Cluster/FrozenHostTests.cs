using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>A host that stands still (SIGSTOP) while it runs a task, and goes on later (SIGCONT).</summary>
public sealed class FrozenHostTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_a_host_that_stood_still_reports_later_is_refused_and_its_run_is_ended()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var steady = Silo(database, AwayHostRounds.Steady);
        await steady.StartAsync();
        // A silo that stood still long enough was voted out: it ends itself, and its service manager starts it again.
        await using var frozen = await KeptSilo.StartAsync(Silo(database, AwayHostRounds.Away));
        await using var rounds = new AwayHostRounds(steady, frozen, output);
        for (var round = 0; round < AwayHostRounds.Count; round++)
        {
            await rounds.PlayAsync(
                round,
                () => SignalAsync(frozen, 19),
                _ => Task.CompletedTask,
                () => SignalAsync(frozen, 18)
            );
        }
        Assert.Equal("ok", await rounds.EndAsync());
    }

    private static Task SignalAsync(KeptSilo silo, int number)
    {
        silo.Silo.Signal(number);
        return Task.CompletedTask;
    }

    private static SiloProcess Silo(string database, string host) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Runner:Host=" + host,
            "--Runner:Slots=1"
        );
}
