using Npgsql;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>A database that answers slowly is named, with the cure.</summary>
public sealed class SlowStoreTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_commit_that_waits_is_told_while_it_waits_and_the_task_goes_on_after_it()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        var folder = SiloProcess.NewFolder();
        await using var silo = SiloProcess.At(
            Path.Combine(folder, "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Storage:SlowAfter=00:00:00.4"
        );
        silo.SaidFile = Path.Combine(folder, "said.txt");
        await silo.StartAsync();
        var before = (await silo.Client.GetDoctorAsync()).Checks.Single(c =>
            c.Name == "database speed"
        );
        Assert.Contains("round trip", before.Message, StringComparison.Ordinal);

        Task submitted;
        await using (var holder = new NpgsqlConnection(database + ";Pooling=false"))
        {
            await holder.OpenAsync();
            // As another silo that is busy with a commit: the lock that all writers take in turn.
            await using var hold = new NpgsqlCommand(
                "SELECT pg_advisory_lock(hashtext('orchestrator-journal'), hashtext(current_schema()))",
                holder
            );
            await hold.ExecuteNonQueryAsync();
            submitted = silo.Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze") with
                {
                    Id = "patient",
                }
            );
            await SaidAsync(silo, "The database answers slowly");
            var status = await silo.Client.GetStatusAsync();
            var component = status.Components.Single(c => c.Name == "database");
            Assert.False(component.Ok);
            Assert.Matches(
                @"The database answers slowly \(\d+ ms for a commit\)",
                component.Detail
            );
            Assert.Contains("pg_stat_activity", component.Detail, StringComparison.Ordinal);
        }

        await submitted;
        await FactWait.SeenAsync(silo, "patient", f => f is TaskFact.Delivered);
        var why = await silo.Client.ExplainAsync("patient");
        Assert.Contains(why.Reasons, r => r.Contains("answers slowly", StringComparison.Ordinal));
        var speed = (await silo.Client.GetDoctorAsync()).Checks.Single(c =>
            c.Name == "database speed"
        );
        Assert.Equal("warn", speed.Level);
        Assert.Matches(@"round trip \d+\.\d ms; The database answers slowly", speed.Message);
        Assert.Single(
            await File.ReadAllLinesAsync(silo.SaidFile),
            l => l.Contains("The database answers slowly", StringComparison.Ordinal)
        );
    }

    private static async Task SaidAsync(SiloProcess silo, string what)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        using var changed = new SemaphoreSlim(0);
        using var watcher = new FileSystemWatcher(
            Path.GetDirectoryName(silo.SaidFile)!,
            "said.txt"
        );
        watcher.Changed += (_, _) => changed.Release();
        watcher.EnableRaisingEvents = true;
        while (
            !(await File.ReadAllTextAsync(silo.SaidFile!)).Contains(what, StringComparison.Ordinal)
        )
        {
            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"The silo did not say '{what}': {silo.LastWords}");
            }
        }
    }
}
