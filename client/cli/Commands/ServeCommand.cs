using System.Diagnostics;
using Orchestrator.Client;

namespace Orchestrator.Cli;

/// <summary>Starts and stops the server, and hands the silo's own offline verbs on.</summary>
internal static class ServeCommand
{
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(
        SiloFinder finder,
        bool stop,
        string? urls,
        CancellationToken token
    )
    {
        if (stop)
        {
            return await StopAsync(finder, token);
        }
        List<string> arguments = ["--data", finder.Data];
        if (urls is not null)
        {
            arguments.AddRange(["--urls", urls]);
        }
        return Start(arguments);
    }

    public static int Validate(string data, bool ignoreLegacy, string[] files)
    {
        List<string> arguments = ["validate-artifacts"];
        if (ignoreLegacy)
        {
            arguments.Add("--ignore-legacy");
        }
        arguments.AddRange(files.Length > 0 ? files : [Path.Combine(data, "results")]);
        return Start(arguments);
    }

    private static int Start(IEnumerable<string> arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(SiloFinder.SiloProgram(), arguments) { UseShellExecute = false }
        )!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static async Task<int> StopAsync(SiloFinder finder, CancellationToken token)
    {
        if (finder.Running() is not { } silo)
        {
            await Console.Error.WriteLineAsync($"No server runs on {finder.Data}.");
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
        await Console.Error.WriteLineAsync("The server is stopped.");
        return ExitCodes.Done;
    }
}
