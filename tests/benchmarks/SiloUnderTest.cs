using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;

namespace Orchestrator.Benchmarks;

/// <summary>The built silo as a process of its own on a scratch data directory.</summary>
internal sealed class SiloUnderTest : IAsyncDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly string[] arguments;
    private Process process = null!;

    private SiloUnderTest(string[] arguments) => this.arguments = arguments;

    /// <summary>From the process' start to its word that it is ready.</summary>
    public TimeSpan Ready { get; private set; }

    public OrchestratorClient Client { get; private set; } = null!;

    /// <summary>Where it listens; another one after it was killed.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The token of its owner.</summary>
    public string Token { get; private set; } = "";

    public string Data => Path.Combine(folder.Path, "data");

    public double CpuSeconds
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    public double ResidentMegabytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>The program under test: <c>ORCHESTRATOR_SILO</c>, else the build output beside the benchmarks.</summary>
    public static string Program =>
        Environment.GetEnvironmentVariable("ORCHESTRATOR_SILO")
        ?? Path.GetFullPath(
            Path.Combine(
                AppContext.BaseDirectory,
                "..",
                "..",
                "Orchestrator.Silo",
                "release",
                OperatingSystem.IsWindows() ? "orchestrator-silo.exe" : "orchestrator-silo"
            )
        );

    public static async Task<SiloUnderTest> StartAsync(params string[] arguments)
    {
        var silo = new SiloUnderTest(arguments);
        Directory.CreateDirectory(silo.Data);
        await silo.BeginAsync();
        return silo;
    }

    /// <summary>Kills it (SIGKILL) and starts it again on its data; the time from the kill until it is ready.</summary>
    public async Task<TimeSpan> KillAndStartAgainAsync()
    {
        var clock = Stopwatch.StartNew();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Client.Dispose();
        await BeginAsync();
        return clock.Elapsed;
    }

    /// <summary>Stops it in the ordinary way; its data stay.</summary>
    public async Task StopAsync()
    {
        await Client.StopAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        process.Dispose();
        Client.Dispose();
    }

    /// <summary>Starts it on its data again.</summary>
    public Task StartAgainAsync() => BeginAsync();

    private async Task BeginAsync()
    {
        var info = new ProcessStartInfo(Program)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (
            var argument in (string[])["--data", Data, "--urls", "http://127.0.0.1:0", .. arguments]
        )
        {
            info.ArgumentList.Add(argument);
        }
        var clock = Stopwatch.StartNew();
        process = Process.Start(info)!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data?.Contains("is ready at", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await Task.WhenAny(ready.Task, process.WaitForExitAsync())
            .WaitAsync(TimeSpan.FromMinutes(1));
        var spent = clock.Elapsed;
        if (!ready.Task.IsCompleted)
        {
            throw new InvalidOperationException($"{Program} ended before it was ready.");
        }
        var discovery = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(Path.Combine(Data, "silo.json")),
            OrchestratorJson.Default.SiloDiscovery
        )!;
        Token = discovery.Token;
        Client = new OrchestratorClient(discovery.Address, discovery.Token);
        (Address, Ready) = (discovery.Address, spent);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }
}
