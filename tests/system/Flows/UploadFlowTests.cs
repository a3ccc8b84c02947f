using Microsoft.Data.Sqlite;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>Files that were sent and never named go; those that a task or a reply names stay. Over lives whose clocks are a day apart.</summary>
public sealed class UploadFlowTests
{
    [Fact]
    public async Task A_file_that_nothing_names_is_removed_after_a_day_and_one_that_waits_in_a_reply_stays()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux lets a test set one process' clock.");
        }
        await using var silo = await SiloProcess.StartAsync();
        var unnamed = await SentAsync(silo, "unnamed.txt");
        var named = await SentAsync(silo, "named.txt");
        var waiting = await SentAsync(silo, "waiting.txt");
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"hang"}""", type: "analyze") with
            {
                Attachments = [named],
            }
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.AgentStarted);
        var reply = await silo.Client.ReplyAsync(
            task.TaskId,
            new ReplyRequest { Text = "look at this too", Attachments = [waiting] }
        );
        Assert.True(reply.Waiting);
        // Younger than an hour: somebody may just be about to name it.
        Assert.Contains("0 done", await CleanAsync(silo), StringComparison.Ordinal);
        Assert.Equal(3, await CountAsync(silo, "upload"));
        var doctor = await silo.Client.GetDoctorAsync();
        var line = doctor.Checks.Single(c => c.Name == "uploads");
        Assert.Equal("ok", line.Level);
        Assert.StartsWith("3 files", line.Message, StringComparison.Ordinal);
        await silo.KillAsync();

        silo.Environment = await SkewedClock.ByAsync(TimeSpan.FromHours(25));
        await silo.StartAsync();
        await UntilNoneAsync(silo);
        Assert.Equal(0, await CountAsync(silo, "blob", unnamed.Blob!));
        Assert.Equal(1, await CountAsync(silo, "blob", named.Blob!));
        Assert.Equal(1, await CountAsync(silo, "blob", waiting.Blob!));
        var gone = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.ReplyAsync(
                task.TaskId,
                new ReplyRequest { Text = "and this", Attachments = [unnamed] }
            )
        );
        Assert.Contains("has no file", gone.Message, StringComparison.Ordinal);

        // By hand from an hour on; one that was asked for meanwhile is young.
        var later = await SentAsync(silo, "later.txt");
        await silo.KillAsync();
        silo.Environment = await SkewedClock.ByAsync(TimeSpan.FromHours(27));
        await silo.StartAsync();
        Assert.Contains("1 would be done", await CleanAsync(silo, "--dry-run"));
        Assert.Equal(1, await CountAsync(silo, "blob", later.Blob!));
        Assert.Contains("1 done", await CleanAsync(silo), StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(silo, "blob", later.Blob!));
    }

    private static async Task<AttachedFile> SentAsync(SiloProcess silo, string name)
    {
        var sent = await silo.Client.UploadAsync(
            name,
            System.Text.Encoding.UTF8.GetBytes("content of " + name)
        );
        return new AttachedFile(sent.Name, sent.Blob);
    }

    private static async Task<string> CleanAsync(SiloProcess silo, params string[] more) =>
        (await CliProcess.RunAsync(silo.Data, ["clean", "uploads", "--days", "0", .. more])).Output;

    private static async Task UntilNoneAsync(SiloProcess silo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        while (await CountAsync(silo, "upload") > 0)
        {
            Assert.False(limit.IsCancellationRequested, "The old uploads were not looked at.");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static async Task<long> CountAsync(SiloProcess silo, string table, string id = "")
    {
        await using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(silo.Data, "journal.db")};Mode=ReadOnly;Pooling=False"
        );
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // texts of the test
        command.CommandText =
            id.Length > 0
                ? $"SELECT count(*) FROM {table} WHERE id = '{id}'"
                : $"SELECT count(*) FROM {table}";
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
