using System.Diagnostics;
using Orchestrator.SystemTests;
using Xunit;

namespace Orchestrator.WindowsTests.FromLinux;

/// <summary>
/// The published win-x64 programs, run by Wine in the prefix of the environment. <c>ORCHESTRATOR_WINE</c> names their folder;
/// <c>.ci/wine</c> makes both. A path of this machine is the same path to them: their working folder's drive is the root.
/// </summary>
internal static class WineBuild
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static string Folder => Environment.GetEnvironmentVariable("ORCHESTRATOR_WINE") ?? "";

    /// <summary>The silo's program as Windows writes its path.</summary>
    public static string SiloPath => Windows(Path.Combine(Folder, "silo", "orchestrator-silo.exe"));

    /// <summary>Skips the test where there is no such build; else the silos have a git from here on.</summary>
    public static void Require()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Folder.Length > 0,
            "ORCHESTRATOR_WINE names no published win-x64 programs: run .ci/wine."
        );
        GitBridge.Serve(Path.Combine(Folder, "tests"));
    }

    /// <summary>A path of this machine as Windows writes it.</summary>
    public static string Windows(string path) => "Z:" + path.Replace('/', '\\');

    /// <summary>A silo on Wine; its program is a script that hands its place to Wine, so that its process is the silo itself.</summary>
    public static SiloProcess Silo(params string[] arguments)
    {
        var folder = SiloProcess.NewFolder();
        var program = Path.Combine(folder, "silo-on-wine");
        File.WriteAllText(
            program,
            $"#!/bin/sh\nexec wine '{Path.Combine(Folder, "silo", "orchestrator-silo.exe")}' \"$@\"\n"
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                program,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }
        var silo = SiloProcess.At(Path.Combine(folder, "data"), arguments);
        silo.Program = program;
        return silo;
    }

    /// <summary>Runs the command line to its end.</summary>
    public static Task<WineRun> CliAsync(params string[] arguments) =>
        RunAsync([Path.Combine(Folder, "cli", "orchestrator.exe"), .. arguments]);

    /// <summary>Runs a program of Windows to its end.</summary>
    public static async Task<WineRun> RunAsync(params string[] line)
    {
        using var process = Process.Start(
            new ProcessStartInfo("wine", line)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new TimeoutException($"{string.Join(' ', line)} did not end within {Deadline}.");
        }
        return new WineRun(
            process.ExitCode,
            (await output.WaitAsync(Deadline)).ReplaceLineEndings("\n"),
            (await error.WaitAsync(Deadline)).ReplaceLineEndings("\n")
        );
    }
}

/// <summary>What a program left.</summary>
internal sealed record WineRun(int ExitCode, string Output, string Error);
