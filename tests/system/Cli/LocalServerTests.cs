using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>The local server that the command line starts, finds again and stops.</summary>
public sealed class LocalServerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Two_runs_at_once_start_one_server_that_stays_until_it_is_stopped()
    {
        var data = Path.Combine(SiloProcess.NewFolder(), "data");
        var arguments = await LookAroundAsync();

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
    public async Task A_server_that_was_just_killed_is_waited_for_and_replaced()
    {
        var data = Path.Combine(SiloProcess.NewFolder(), "data");
        using var dying = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        await WriteDiscoveryAsync(data, dying.Id);
        var held = new FileStream(
            Path.Combine(data, "silo.lock"),
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.None
        );
        try
        {
            using var run = Process.Start(CliProcess.Info(data, await LookAroundAsync()))!;
            run.StandardInput.Close();
            var told = await run.StandardError.ReadLineAsync().WaitAsync(Deadline);
            Assert.Contains("waiting for its end", told, StringComparison.Ordinal);

            dying.Kill();
            await held.DisposeAsync();
            var error = run.StandardError.ReadToEndAsync();
            await run.StandardOutput.ReadToEndAsync().WaitAsync(Deadline);
            await run.WaitForExitAsync().WaitAsync(Deadline);

            Assert.True(run.ExitCode == 0, await error);
            Assert.Equal(0, (await CliProcess.RunAsync(data, "serve", "--stop")).ExitCode);
        }
        finally
        {
            dying.Kill();
            await held.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_number_that_another_process_got_since_does_not_keep_a_server_from_starting()
    {
        var data = Path.Combine(SiloProcess.NewFolder(), "data");
        using var stranger = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        try
        {
            // Its port is another's by now, too: one that takes every connection and says nothing.
            using var door = new TcpListener(IPAddress.Loopback, 0);
            door.Start();
            await WriteDiscoveryAsync(data, stranger.Id, (IPEndPoint)door.LocalEndpoint);

            var run = await CliProcess.RunAsync(data, await LookAroundAsync());

            Assert.True(run.ExitCode == 0, run.Error);
            Assert.False(door.Pending());
            Assert.Equal(0, (await CliProcess.RunAsync(data, "serve", "--stop")).ExitCode);
        }
        finally
        {
            stranger.Kill();
        }
    }

    [Fact]
    public async Task A_server_that_holds_the_data_and_never_answers_is_named()
    {
        var data = Path.Combine(SiloProcess.NewFolder(), "data");
        using var deaf = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        try
        {
            await WriteDiscoveryAsync(data, deaf.Id);
            await using var held = new FileStream(
                Path.Combine(data, "silo.lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );

            var run = await CliProcess.RunAsync(data, await LookAroundAsync());

            Assert.Equal(6, run.ExitCode);
            Assert.Contains($"Process {deaf.Id} holds", run.Error, StringComparison.Ordinal);
        }
        finally
        {
            deaf.Kill();
        }
    }

    private static async Task<string[]> LookAroundAsync()
    {
        var script = Path.Combine(SiloProcess.NewFolder(), "script.json");
        await File.WriteAllTextAsync(script, """{"version":1,"steps":[{"do":"say","text":"x"}]}""");
        return
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
    }

    // Names a living process and a door that nobody opens (port 1), unless one is given.
    private static async Task WriteDiscoveryAsync(string data, int pid, IPEndPoint? door = null)
    {
        Directory.CreateDirectory(data);
        await File.WriteAllBytesAsync(
            Path.Combine(data, "silo.json"),
            JsonSerializer.SerializeToUtf8Bytes(
                new SiloDiscovery(
                    pid,
                    DateTimeOffset.UnixEpoch,
                    new Uri($"http://{door ?? new IPEndPoint(IPAddress.Loopback, 1)}"),
                    "none",
                    "0"
                ),
                OrchestratorJson.Default.SiloDiscovery
            )
        );
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

    [Fact]
    public async Task A_run_shows_what_came_of_it_after_the_server_came_back()
    {
        await using var silo = await SiloProcess.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var script = Path.Combine(SiloProcess.NewFolder(), "script.json");
        await File.WriteAllTextAsync(
            script,
            SiloProcess
                .Scripted(
                    """{"do":"hang","attempt":1},{"do":"edit","path":"a.txt","find":"one","text":"two"}"""
                )
                .Script
        );
        using var run = Process.Start(
            CliProcess.Info(
                silo.Data,
                [
                    "run",
                    "Two",
                    "--type",
                    "fix",
                    "--repo",
                    repository,
                    "--runner",
                    "scripted",
                    "--script",
                    script,
                ]
            )
        )!;
        var error = run.StandardError.ReadToEndAsync();
        while (
            await run.StandardOutput.ReadLineAsync().WaitAsync(Deadline) is { } line
            && !line.Contains("running", StringComparison.Ordinal)
        )
        {
            // Until the agent hangs.
        }

        await silo.KillAsync();
        await silo.StartAsync();
        var rest = await run.StandardOutput.ReadToEndAsync().WaitAsync(Deadline);
        await run.WaitForExitAsync().WaitAsync(Deadline);

        Assert.True(run.ExitCode == 0, rest + await error);
        Assert.Contains("+two", rest, StringComparison.Ordinal);
        Assert.Contains("artifact: ", rest, StringComparison.Ordinal);
    }
}
