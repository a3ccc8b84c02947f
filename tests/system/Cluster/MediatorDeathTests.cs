using System.Threading.Channels;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>A silo that makes plans for tasks of another silo is killed.</summary>
public sealed class MediatorDeathTests
{
    private const int Tasks = 16;

    // The scanner's own round of all that is owed comes each minute, and began with the first silo: too late for this.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_plan_that_was_in_the_making_on_a_killed_silo_is_asked_for_again_at_once()
    {
        var asked = Channel.CreateUnbounded<string>();
        await using var modelOfOne = await HangingAsync("one");
        await using var modelOfTwo = await HangingAsync("two");
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        // The first of a cluster has the scanner.
        await using var one = await StartAsync(database, "one", modelOfOne);
        await using var two = await StartAsync(database, "two", modelOfTwo);
        for (var n = 0; n < Tasks; n++)
        {
            await one.Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"say","text":"ok"}""", type: "analyze")
            );
        }
        var before = await TakeAsync(Tasks);
        // Where a mediator lives is the cluster's choice. Mostly both have some; without any on the second, the first dies.
        var (victim, name, other) = before.Contains("two")
            ? (two, "two", "one")
            : (one, "one", "two");

        await victim.KillAsync();

        var lost = before.Count(s => s == name);
        Assert.All(await TakeAsync(lost), s => Assert.Equal(other, s));

        Task<ModelServer> HangingAsync(string silo) =>
            ModelServer.StartAsync(async context =>
            {
                asked.Writer.TryWrite(silo);
                await ModelServer.HangAsync(context);
            });

        async Task<List<string>> TakeAsync(int count)
        {
            var taken = new List<string>();
            using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
            try
            {
                while (taken.Count < count)
                {
                    taken.Add(await asked.Reader.ReadAsync(limit.Token));
                }
                return taken;
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(
                    $"Of {count} plans only {taken.Count} were asked for within {Deadline}."
                );
            }
        }
    }

    private static async Task<SiloProcess> StartAsync(
        string database,
        string host,
        ModelServer model
    )
    {
        var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Runner:Host=" + host,
            "--Mediator:Endpoint=" + model.Address.GetLeftPart(UriPartial.Authority),
            "--Mediator:Model=m",
            "--Mediator:TimeMax=00:05:00",
            "--Mediator:CallsMax=64"
        );
        await silo.StartAsync();
        return silo;
    }
}
