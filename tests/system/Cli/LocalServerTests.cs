using System.Diagnostics;
using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>The local server that the command line starts, finds again and stops.</summary>
public sealed class LocalServerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Two_runs_at_once_start_one_server_that_stays_until_it_is_stopped()
    {
        var data = Path.Combine(SiloProcess.NewFolder(), "data");
        var script = Path.Combine(SiloProcess.NewFolder(), "script.json");
        await File.WriteAllTextAsync(script, """{"version":1,"steps":[{"do":"say","text":"x"}]}""");
        string[] arguments =
        [
            "run",
            "Look around",
            "--type",
            "analyze",
            "--runner",
            "scripted",
            "--script",
            script,
            "--json",
        ];

        var runs = await Task.WhenAll(
            CliProcess.RunAsync(data, arguments),
            CliProcess.RunAsync(data, arguments)
        );

        Assert.All(runs, r => Assert.True(r.ExitCode == 0, r.Error));
        var silo = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(Path.Combine(data, "silo.json")),
            OrchestratorJson.Default.SiloDiscovery
        )!;
        using var server = Process.GetProcessById(silo.Pid);
        var list = await CliProcess.RunAsync(data, "list", "--json");
        using var tasks = JsonDocument.Parse(list.Output);
        Assert.Equal(2, tasks.RootElement.GetProperty("tasks").GetArrayLength());

        var stop = await CliProcess.RunAsync(data, "serve", "--stop");
        await server.WaitForExitAsync().WaitAsync(Deadline);
        var again = await CliProcess.RunAsync(data, "serve", "--stop", "--json");

        Assert.Equal((0, 0), (stop.ExitCode, again.ExitCode));
        Assert.Contains("none", again.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(data, "silo.json")));
    }

    [Fact]
    public async Task A_watch_goes_on_after_the_server_came_back_and_shows_each_fact_once()
    {
        await using var silo = await SiloProcess.StartAsync();
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"hang","attempt":1},{"do":"say","text":"second life"}""",
                type: "analyze"
            )
        );
        using var watch = Process.Start(
            CliProcess.Info(silo.Data, "watch", task.TaskId, "--json")
        )!;
        var lines = new List<string>();
        while (lines.Count == 0 || !lines[^1].Contains("agent-started", StringComparison.Ordinal))
        {
            lines.Add((await watch.StandardOutput.ReadLineAsync().WaitAsync(Deadline))!);
        }

        await silo.KillAsync();
        await silo.StartAsync();
        while (await watch.StandardOutput.ReadLineAsync().WaitAsync(Deadline) is { } line)
        {
            lines.Add(line);
        }
        await watch.WaitForExitAsync().WaitAsync(Deadline);

        var entries = lines
            .Select(l => JsonSerializer.Deserialize(l, OrchestratorJson.Default.JournalEntry)!)
            .ToList();
        Assert.Equal(0, watch.ExitCode);
        Assert.Equal(
            Enumerable.Range(1, entries.Count).Select(n => (long)n),
            entries.Select(e => e.Sequence)
        );
        Assert.IsType<TaskFact.Delivered>(entries[^1].Fact);
    }
}
