using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>The database's primary dies and its standby takes over.</summary>
public sealed class DatabaseFailoverTests(ITestOutputHelper output)
{
    private const int Tasks = 10;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_all_tasks_end_once_when_the_primary_is_killed()
    {
        var primary = await PostgresServer.OwnAsync();
        await PostgresServer.ExecuteAsync(
            primary.ConnectionString("postgres"),
            "CREATE DATABASE work"
        );
        var standby = await primary.StandbyAsync();
        var database = string.Create(
            CultureInfo.InvariantCulture,
            $"Host=127.0.0.1:{primary.Port},127.0.0.1:{standby.Port};Target Session Attributes=read-write;Database=work;Username={PostgresServer.User};Password={PostgresServer.Password}"
        );
        await using var one = await KeptSilo.StartAsync(Silo(database, "one"));
        await using var two = await KeptSilo.StartAsync(Silo(database, "two"));
        for (var n = 0; n < Tasks; n++)
        {
            await one.Silo.Client.SubmitAsync(Request($"before-{n}"));
        }
        await FactWait.SeenAsync(one.Silo, "before-0", f => f is TaskFact.AgentStarted);

        var killed = TimeProvider.System.GetTimestamp();
        await primary.KillAsync();
        var during = SubmitUntilTakenAsync(one, "during");
        await standby.PromoteAsync();
        await during;
        output.WriteLine(
            $"taken again {TimeProvider.System.GetElapsedTime(killed).TotalSeconds:F1} s after the kill"
        );

        string[] all = [.. Enumerable.Range(0, Tasks).Select(n => $"before-{n}"), "during"];
        await using var facts = new FactFollower(one.Silo.Client);
        var done = new HashSet<string>();
        await facts.UntilAsync(
            "the end of all",
            Deadline,
            e => e.Fact is TaskFact.Delivered && done.Add(e.TaskId) && done.IsSupersetOf(all)
        );
        output.WriteLine(
            $"all ended {TimeProvider.System.GetElapsedTime(killed).TotalSeconds:F1} s after the kill; lives of the silos: {one.Lives}, {two.Lives}"
        );
        Assert.All(
            all,
            id => Assert.Single(facts.Entries, e => e.TaskId == id && e.Fact is TaskFact.Delivered)
        );
        Assert.Equal(
            "ok",
            (await one.Silo.Client.GetDoctorAsync()).Checks.Single(c => c.Name == "journal").Level
        );
    }

    // By its own id: sent again until it is answered, it is one task.
    private static async Task SubmitUntilTakenAsync(KeptSilo silo, string id)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (true)
        {
            try
            {
                await silo.Silo.Client.SubmitAsync(Request(id), null, limit.Token);
                return;
            }
            catch (OrchestratorException)
            {
                Assert.False(limit.IsCancellationRequested, "It was not taken in time.");
            }
        }
    }

    private static GrainInterfaces.Api.SubmitRequest Request(string id) =>
        SiloProcess.Scripted(
            """{"do":"sleep","milliseconds":800},{"do":"say","text":"done"}""",
            type: "analyze"
        ) with
        {
            Id = id,
        };

    private static SiloProcess Silo(string database, string host) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Runner:Host=" + host,
            "--Runner:Slots=2"
        );
}
