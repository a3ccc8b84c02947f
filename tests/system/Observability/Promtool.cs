using System.Diagnostics;
using Xunit;

namespace Orchestrator.SystemTests.Observability;

/// <summary>Prometheus' own programs; a test that needs them is skipped where they are missing.</summary>
internal static class Promtool
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>A program's full path; the test is skipped when there is none.</summary>
    public static string Require(string program)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(f => Path.Combine(f, program))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(
            found is null,
            $"{program} is not installed (Debian: apt-get install prometheus)"
        );
        return found!;
    }

    /// <summary>Runs promtool to its end in a folder.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string folder,
        string? input,
        params string[] arguments
    )
    {
        using var process = Process.Start(
            new ProcessStartInfo(Require("promtool"), arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>The tree's folder deploy/observability.</summary>
    public static string Deployed()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            var found = Path.Combine(folder.FullName, "deploy", "observability");
            if (Directory.Exists(found))
            {
                return found;
            }
        }
        throw new DirectoryNotFoundException("deploy/observability is not above the tests.");
    }
}
