using System.Diagnostics;
using System.Runtime.InteropServices;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;

namespace Orchestrator.Cli;

/// <summary>Starts and stops the server, and hands the silo's own offline verbs on.</summary>
internal static class ServeCommand
{
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(
        SiloFinder finder,
        Output output,
        bool stop,
        string? urls,
        CancellationToken token
    )
    {
        if (stop)
        {
            return await StopAsync(finder, output, token);
        }
        List<string> arguments = ["--data", finder.Data];
        if (urls is not null)
        {
            arguments.AddRange(["--urls", urls]);
        }
        // A supervisor's TERM stops the server, not only this program that waits for it.
        using var terminate = OperatingSystem.IsWindows()
            ? null
            : PosixSignalRegistration.Create(
                PosixSignal.SIGTERM,
                signal =>
                {
                    signal.Cancel = true;
                    _ = StopQuietlyAsync(finder);
                }
            );
        return Start(arguments);
    }

    private static async Task StopQuietlyAsync(SiloFinder finder)
    {
        try
        {
            using var client = finder.Connect();
            await client.StopAsync();
        }
        catch (OrchestratorException e)
        {
            await Console.Error.WriteLineAsync("orchestrator: " + e.Message);
        }
    }

    public static int Validate(string data, bool ignoreLegacy, string[] files)
    {
        List<string> arguments = ["validate-artifacts"];
        if (ignoreLegacy)
        {
            arguments.Add("--ignore-legacy");
        }
        var results = Path.Combine(data, "results");
        // A data directory without results has nothing to find fault with; its folder stands for none.
        arguments.AddRange(
            files.Length > 0 ? files
            : Directory.Exists(results) ? [results]
            : [Path.Combine(data, "*.none")]
        );
        return Start(arguments);
    }

    public static int VerifyAudit(string file, string? digest, bool json)
    {
        List<string> arguments = ["audit-verify", Path.GetFullPath(file)];
        if (json)
        {
            arguments.Add("--json");
        }
        if (digest is not null)
        {
            arguments.AddRange(["--digest", digest]);
        }
        return Start(arguments);
    }

    /// <summary>Runs the silo's program in this terminal and waits for its end.</summary>
    public static int Start(IEnumerable<string> arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(SiloFinder.SiloProgram(), arguments) { UseShellExecute = false }
        )!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static async Task<int> StopAsync(
        SiloFinder finder,
        Output output,
        CancellationToken token
    )
    {
        if (finder.Running() is not { } silo)
        {
            Answer(output, "none", $"No server runs on {finder.Data}.");
            return ExitCodes.Done;
        }
        using var client = finder.Connect();
        await client.StopAsync(token);
        using var process = Process.GetProcessById(silo.Pid);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(StopMax);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new OrchestratorException(
                $"The server (process {silo.Pid}) did not stop within {StopMax.TotalSeconds} s."
            );
        }
        Answer(output, "stopped", "The server is stopped.");
        return ExitCodes.Done;
    }

    private static void Answer(Output output, string state, string words) =>
        output.Answer(
            new Dictionary<string, string> { ["state"] = state },
            OrchestratorJson.Default.DictionaryStringString,
            _ => Output.Line(words)
        );
}
