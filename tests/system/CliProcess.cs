using System.Diagnostics;

namespace Orchestrator.SystemTests;

/// <summary>What a run of the built command line left.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error);

/// <summary>The built command line as a process of its own.</summary>
internal static class CliProcess
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>How it is started; both outputs are pipes, so that no terminal is seen.</summary>
    public static ProcessStartInfo Info(string? data, params string[] arguments)
    {
        var info = new ProcessStartInfo(
            SiloProcess.Output("Orchestrator.Cli", "orchestrator"),
            arguments
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (
            var name in (string[])["ORCHESTRATOR_URL", "ORCHESTRATOR_TOKEN", "ORCHESTRATOR_DATA"]
        )
        {
            info.Environment.Remove(name);
        }
        if (data is not null)
        {
            info.Environment["ORCHESTRATOR_DATA"] = data;
        }
        SiloProcess.SpareStart(info);
        return info;
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<CliRun> RunAsync(string? data, params string[] arguments) =>
        RunAsync(Info(data, arguments));

    /// <summary>Runs it to its end.</summary>
    public static Task<CliRun> RunAsync(ProcessStartInfo info) => TellAsync(info, "");

    /// <summary>Runs it to its end; its input is a text.</summary>
    public static async Task<CliRun> TellAsync(ProcessStartInfo info, string input)
    {
        using var process = Process.Start(info)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"orchestrator {string.Join(' ', info.ArgumentList)} did not end within {Deadline}."
            );
        }
        return new CliRun(process.ExitCode, await output, await error);
    }
}

/// <summary>Real git, as a person would use it.</summary>
internal static class Git
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Its output, trimmed at the end; it must succeed.</summary>
    public static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(
                "git",
                ["-c", "user.name=t", "-c", "user.email=t@localhost", .. arguments]
            )
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return process.ExitCode == 0
            ? output.TrimEnd()
            : throw new InvalidOperationException(
                $"git {string.Join(' ', arguments)} failed in {folder}: {await error}"
            );
    }

    /// <summary>Lines of its output.</summary>
    public static async Task<string[]> LinesAsync(string folder, params string[] arguments) =>
        (await RunAsync(folder, arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
