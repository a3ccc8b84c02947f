using System.Diagnostics;

namespace Orchestrator.Benchmarks;

/// <summary>Whole-process wall clock of the published command line: its start, and a question to a running silo.</summary>
internal static class CliBenchmark
{
    private const int Runs = 40;

    /// <summary>The program under test: <c>ORCHESTRATOR_CLI</c>, else the published one.</summary>
    private static string Program =>
        Environment.GetEnvironmentVariable("ORCHESTRATOR_CLI")
        ?? Path.GetFullPath(
            Path.Combine(
                AppContext.BaseDirectory,
                "..",
                "..",
                "..",
                "publish",
                "Orchestrator.Cli",
                OperatingSystem.IsWindows() ? "release_win-x64" : "release_linux-x64",
                OperatingSystem.IsWindows() ? "orchestrator.exe" : "orchestrator"
            )
        );

    public static async Task RunAsync()
    {
        if (!File.Exists(Program))
        {
            throw new FileNotFoundException(
                $"{Program} is not there. Publish it first: dotnet publish client/cli -c Release -r linux-x64 -p:PublishAot=true"
            );
        }
        await using var silo = await SiloUnderTest.StartAsync();
        var version = new List<double>();
        var status = new List<double>();
        var nothing = new List<double>();
        for (var i = 0; i < Runs; i++)
        {
            nothing.Add(Time("/bin/true"));
            version.Add(Time(Program, "--version"));
            status.Add(Time(Program, "status", "--data", silo.Data));
        }
        Figures.Head(
            $"command line ({new FileInfo(Program).Length / 1e6:N1} MB, {Runs} runs each, in turn)",
            "command",
            "p50 ms",
            "p99 ms"
        );
        Row("/bin/true (what starting any process costs here)", nothing);
        Row("orchestrator --version", version);
        Row("orchestrator status, silo running", status);
    }

    private static double Time(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(info)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? clock.Elapsed.TotalMilliseconds
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    private static void Row(string name, List<double> samples) =>
        Figures.Row(
            name,
            Figures.N(Figures.Percentile(samples, 0.5)),
            Figures.N(Figures.Percentile(samples, 0.99))
        );
}
