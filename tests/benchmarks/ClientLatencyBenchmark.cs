using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Benchmarks;

/// <summary>What a program of a user waits: a submission, and the first fact of its task, against an idle silo on loopback.</summary>
internal static class ClientLatencyBenchmark
{
    private const int Runs = 200;
    private const string Name = "orchestrator-client-latency";

    /// <summary>The program under test: <c>ORCHESTRATOR_CLIENT_LATENCY</c>, else the published one.</summary>
    private static string Program =>
        Environment.GetEnvironmentVariable("ORCHESTRATOR_CLIENT_LATENCY")
        ?? Path.GetFullPath(
            Path.Combine(
                AppContext.BaseDirectory,
                "..",
                "..",
                "..",
                "publish",
                "Orchestrator.Benchmarks.Client",
                OperatingSystem.IsWindows() ? "release_win-x64" : "release_linux-x64",
                OperatingSystem.IsWindows() ? Name + ".exe" : Name
            )
        );

    public static async Task RunAsync()
    {
        if (!File.Exists(Program))
        {
            throw new FileNotFoundException(
                $"{Program} is not there. Publish it first: dotnet publish tests/benchmarks/client -c Release -r linux-x64 -p:PublishAot=true"
            );
        }
        await using var silo = await SiloUnderTest.StartAsync();
        using var process = Process.Start(
            new ProcessStartInfo(
                Program,
                [silo.Address.ToString(), silo.Token, Runs.ToString(CultureInfo.InvariantCulture)]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 || lines.Length != Runs)
        {
            throw new InvalidOperationException(
                $"{Program} ended with {process.ExitCode} after {lines.Length} of {Runs} runs."
            );
        }
        var samples = lines
            .Select(l =>
                l.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray()
            )
            .ToList();
        Figures.Head(
            $"client compiled ahead of time ({new FileInfo(Program).Length / 1e6:N1} MB, {Runs} tasks one by one)",
            "until",
            "p50 ms",
            "p99 ms"
        );
        foreach (
            var (name, column) in (ReadOnlySpan<(string, int)>)
                [("submission accepted", 0), ("first fact", 1)]
        )
        {
            var all = samples.Select(s => s[column]).ToList();
            Figures.Row(
                name,
                Figures.N(Figures.Percentile(all, 0.5)),
                Figures.N(Figures.Percentile(all, 0.99))
            );
        }
    }
}
