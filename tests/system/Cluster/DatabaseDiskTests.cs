using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>The disk of the database's server is full for a while.</summary>
public sealed class DatabaseDiskTests(ITestOutputHelper output)
{
    private const int Tasks = 6;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_full_disk_is_named_and_after_space_is_freed_all_goes_on_once()
    {
        Assert.SkipUnless(SmallDisk.CanBe, "mounts a small disk: Linux and root");
        await using var disk = await SmallDisk.MountAsync(220);
        var server = await PostgresServer.InAsync(disk.Folder);
        var database = await server.NewDatabaseAsync();
        var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Runner:Slots=2"
        );
        await using var kept = await KeptSilo.StartAsync(silo);
        for (var n = 0; n < Tasks; n++)
        {
            await silo.Client.SubmitAsync(Request($"task-{n}"));
        }
        await FactWait.SeenAsync(silo, "task-0", f => f is TaskFact.AgentStarted);

        disk.Fill();
        var acknowledged = Enumerable.Range(0, Tasks).Select(n => $"task-{n}").ToList();
        var refusal = await UntilRefusedAsync(kept, acknowledged);
        output.WriteLine(refusal);
        Assert.Matches(
            "disk of .* is full|cannot be reached|did not answer|restarted|broke",
            refusal
        );

        disk.Free();
        await server.RequireRunningAsync();
        await SubmitUntilTakenAsync(kept, "after");
        acknowledged.Add("after");
        await using var facts = new FactFollower(silo.Client);
        var done = new HashSet<string>();
        await facts.UntilAsync(
            "the end of all",
            Deadline,
            e =>
                e.Fact is TaskFact.Delivered
                && done.Add(e.TaskId)
                && done.IsSupersetOf(acknowledged)
        );
        Assert.All(
            acknowledged,
            id => Assert.Single(facts.Entries, e => e.TaskId == id && e.Fact is TaskFact.Delivered)
        );
        Assert.Equal(
            "ok",
            (await silo.Client.GetDoctorAsync()).Checks.Single(c => c.Name == "journal").Level
        );
        await server.StopAsync();
    }

    private static async Task<string> UntilRefusedAsync(KeptSilo silo, List<string> acknowledged)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        for (var n = 0; ; n++)
        {
            try
            {
                // Large, so that the disk's last bytes are soon taken.
                await silo.Silo.Client.SubmitAsync(
                    Request($"more-{n}") with
                    {
                        Context = new string('x', 50_000),
                    },
                    null,
                    limit.Token
                );
                acknowledged.Add($"more-{n}");
            }
            catch (OrchestratorException e)
            {
                return e.Message;
            }
        }
    }

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
            catch (OrchestratorException e)
            {
                Assert.False(limit.IsCancellationRequested, $"Not taken in time: {e.Message}");
            }
        }
    }

    private static GrainInterfaces.Api.SubmitRequest Request(string id) =>
        SiloProcess.Scripted(
            """{"do":"sleep","milliseconds":500},{"do":"say","text":"done"}""",
            type: "analyze"
        ) with
        {
            Id = id,
        };
}
