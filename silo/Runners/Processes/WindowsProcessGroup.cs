using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>A tree on Windows: one Job Object per run.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsProcessGroup : ProcessGroup
{
    private readonly WindowsJob job;
    private readonly WindowsChild child;

    public WindowsProcessGroup(WindowsJob job, WindowsChild child, TimeProvider time)
        : base(time)
    {
        this.job = job;
        this.child = child;
        ExitCode = child.WaitAsync();
    }

    /// <inheritdoc />
    public override int Pid => child.Pid;

    /// <inheritdoc />
    public override Stream StandardInput => child.Input;

    /// <inheritdoc />
    public override Stream StandardOutput => child.Output;

    /// <inheritdoc />
    public override Stream StandardError => child.Error;

    /// <inheritdoc />
    public override Task<int> ExitCode { get; }

    /// <inheritdoc />
    protected override IReadOnlyList<Action> PoliteSteps => [() => ConsoleInterrupt.Ask(child.Pid)];

    /// <inheritdoc />
    public override async Task KillAsync()
    {
        job.Terminate();
        await ExitCode.WaitAsync(Gone, Time);
        var deadline = Time.GetUtcNow() + Gone;
        while (job.Active > 0)
        {
            if (Time.GetUtcNow() > deadline)
            {
                throw new TimeoutException($"{job.Active} processes of {child.Pid} did not die.");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), Time);
        }
    }

    /// <inheritdoc />
    protected override void Close()
    {
        child.Dispose();
        job.Dispose();
    }
}

/// <summary>
/// Ctrl+C for a child with a console of its own. A process can send it only to the console it is attached to, so the
/// silo's program does it in a process apart that gives its own console up: <c>orchestrator-silo interrupt-console PID</c>.
/// </summary>
internal static partial class ConsoleInterrupt
{
    /// <summary>The verb of the silo's program.</summary>
    public const string Verb = "interrupt-console";

    /// <summary>Starts the process apart; nothing is waited for.</summary>
    [SupportedOSPlatform("windows")]
    public static void Ask(int pid)
    {
        var own = Environment.ProcessPath;
        if (
            own is null
            || !Path.GetFileName(own)
                .StartsWith("orchestrator-silo", StringComparison.OrdinalIgnoreCase)
        )
        {
            return; // hosted by another program: the kill follows after the grace
        }
        try
        {
            using var helper = Process.Start(
                new ProcessStartInfo(
                    own,
                    [Verb, pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]
                )
                {
                    UseShellExecute = false,
                    CreateNoWindow = true,
                }
            );
        }
        catch (Win32Exception)
        {
            // The kill follows after the grace.
        }
    }

    /// <summary>Sends it, in the process apart. Exit code 0, or 1 when Windows refused.</summary>
    public static int Send(string pid)
    {
        if (
            !OperatingSystem.IsWindows()
            || !uint.TryParse(
                pid,
                System.Globalization.CultureInfo.InvariantCulture,
                out var number
            )
        )
        {
            return 2;
        }
        _ = FreeConsole();
        return
            AttachConsole(number) != 0
            && SetConsoleCtrlHandler(0, 1) != 0
            && GenerateConsoleCtrlEvent(0, 0) != 0
            ? 0
            : 1;
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int FreeConsole();

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int AttachConsole(uint pid);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int SetConsoleCtrlHandler(nint handler, int add);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int GenerateConsoleCtrlEvent(uint signal, uint group);
}
