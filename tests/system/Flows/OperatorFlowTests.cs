using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

public sealed class OperatorFlowTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_host_that_never_comes_back_loses_its_lease_and_its_task_runs_elsewhere_without_a_counted_try()
    {
        await using var silo = await SiloProcess.StartAsync("--Runner:Lease=00:00:02");
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"hang","attempt":1},{"do":"say","text":"second life"}""",
                type: "analyze"
            )
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.AgentStarted);

        await silo.KillAsync();
        silo.More = ["--Runner:Host=another"];
        await silo.StartAsync();
        var retry = (TaskFact.RetryScheduled)
            await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.RetryScheduled);
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);

        Assert.False(retry.CountsAsTry);
        var second = (TaskFact.RunStarted)
            await FactWait.SeenAsync(
                silo,
                task.TaskId,
                f => f is TaskFact.RunStarted { Attempt: 2 }
            );
        Assert.Equal("another", second.Host);
    }

    [Fact]
    public async Task A_drained_host_gets_no_run_not_even_after_a_restart_until_it_is_undrained()
    {
        await using var silo = await SiloProcess.StartAsync();
        var host = (await silo.Client.GetStatusAsync()).Hosts[0].Host;
        Assert.Equal(host, Assert.Single((await silo.Client.DrainAsync(host)).Done));
        Assert.Equal(host, Assert.Single((await silo.Client.DrainAsync(host)).Skipped));

        await silo.KillAsync();
        await silo.StartAsync();
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze")
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.PlanMade);
        var status = await silo.Client.GetStatusAsync();

        Assert.Equal(host, Assert.Single(status.Queue!.Drained));
        Assert.Equal(TaskPhase.Queued, (await silo.Client.GetAsync(task.TaskId)).Phase);
        await silo.Client.DrainAsync(host, drained: false);
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
    }

    [Fact]
    public async Task The_numbers_of_ended_tasks_are_in_metrics_json_and_the_guard_of_the_scanner_stands_in_the_store()
    {
        await using var silo = await SiloProcess.StartAsync();
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze")
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);

        var path = Assert.Single((await silo.Client.WriteStatsAsync()).Done);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path));
        var tasks = json.RootElement.GetProperty("tasks");
        Assert.Equal(
            (1, 1, 0, 100.0),
            (
                tasks.GetProperty("total").GetInt32(),
                tasks.GetProperty("success").GetInt32(),
                tasks.GetProperty("failed").GetInt32(),
                tasks.GetProperty("success_rate").GetDouble()
            )
        );
        Assert.True(tasks.GetProperty("durations").GetProperty("p95").GetDouble() > 0);
        Assert.Equal(
            1,
            tasks.GetProperty("by_type").GetProperty("analyze").GetProperty("total").GetInt32()
        );
        Assert.True(tasks.TryGetProperty("by_error", out _));
        Assert.True(json.RootElement.GetProperty("window").TryGetProperty("from", out _));

        await using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(silo.Data, "orleans.db")};Mode=ReadOnly;Pooling=False"
        );
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT count(*) FROM OrleansRemindersTable WHERE ReminderName = 'scan'";
        Assert.Equal(1L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_refusal_of_a_full_queue_has_a_retry_after_header_an_exit_code_an_event_and_shows_in_status()
    {
        await using var silo = await SiloProcess.StartAsync("--MAX_QUEUE_SIZE=1");
        await silo.Client.DrainAsync((await silo.Client.GetStatusAsync()).Hosts[0].Host);
        await silo.Client.SubmitAsync(
            SiloProcess.Scripted("", type: "analyze") with
            {
                Priority = "high",
            }
        );

        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.SubmitAsync(SiloProcess.Scripted("", type: "analyze"))
        );
        Assert.Equal(8, refused.ExitCode);
        var discovery = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(Path.Combine(silo.Data, "silo.json")),
            OrchestratorJson.Default.SiloDiscovery
        )!;
        using var http = new HttpClient { BaseAddress = discovery.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", discovery.Token);
        using var body = new StringContent(
            """{"request":"x","runner":"scripted","type":"analyze","script":"{\"version\":1,\"steps\":[]}"}""",
            System.Text.Encoding.UTF8,
            "application/json"
        );
        using var response = await http.PostAsync(new Uri("v1/tasks", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.Zero);

        var queue = (await silo.Client.GetStatusAsync()).Queue!;
        Assert.Equal((2, 1), (queue.Refused, queue.Admitted));
        Assert.True(queue.RetryAfterSeconds > 0);
        using var line = await EventAsync(silo.Data, "throttled");
        Assert.Equal("queue_full", line.RootElement.GetProperty("reason").GetString());
        Assert.True(line.RootElement.GetProperty("retry_after_s").GetInt32() > 0);
    }

    private static async Task<JsonDocument> EventAsync(string data, string name)
    {
        var file = Path.Combine(data, "logs", "events.ndjson");
        using var seen = new SemaphoreSlim(0);
        using var watch = new FileSystemWatcher(Path.GetDirectoryName(file)!);
        watch.Created += (_, _) => seen.Release();
        watch.Changed += (_, _) => seen.Release();
        watch.EnableRaisingEvents = true;
        using var limit = new CancellationTokenSource(Deadline);
        while (!limit.IsCancellationRequested)
        {
            var lines = File.Exists(file) ? await File.ReadAllLinesAsync(file, limit.Token) : [];
            var wanted = lines.FirstOrDefault(l =>
                l.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal)
            );
            if (wanted is not null)
            {
                return JsonDocument.Parse(wanted);
            }
            // The net of a second: a change between the read and the wait is not told.
            await seen.WaitAsync(TimeSpan.FromSeconds(1), limit.Token);
        }
        throw new TimeoutException($"{file} never held an event '{name}'.");
    }
}
