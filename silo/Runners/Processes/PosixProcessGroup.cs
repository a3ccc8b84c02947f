using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Orchestrator.Silo.Runners.Sandbox;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>What holds a tree together.</summary>
internal enum PosixTree
{
    /// <summary>In a process namespace that dies with its root.</summary>
    Contained,

    /// <summary>A session of its own; its processes are recorded while they live, and looked for at the end.</summary>
    Recorded,

    /// <summary>One program of the product's choice, which leaves nothing behind when it ends by itself.</summary>
    Trusted,
}

/// <summary>
/// A tree on Linux (and macOS, without containment): in a process namespace that dies with its root, or a session of its
/// own whose leavers are found by their marker and by what was recorded of them.
/// </summary>
internal sealed partial class PosixProcessGroup : ProcessGroup
{
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;
    private const int SignalExit = 128;

    private readonly Process process;
    private readonly string marker;
    private readonly PosixTree kind;
    private readonly Descendants? descendants;
    private readonly Enclosure? enclosure;
    private readonly Task watching;
    private volatile string breach = "";

    public PosixProcessGroup(
        Process process,
        string marker,
        PosixTree kind,
        string? records,
        TimeProvider time,
        Enclosure? enclosure = null
    )
        : base(time)
    {
        this.enclosure = enclosure;
        this.process = process;
        this.marker = marker;
        this.kind = kind;
        descendants =
            kind == PosixTree.Recorded && OperatingSystem.IsLinux()
                ? new Descendants(
                    process.Id,
                    records is null ? null : Path.Combine(records, marker)
                )
                : null;
        Record();
        ExitCode = WaitAsync(process);
        watching =
            enclosure is not null && OperatingSystem.IsLinux()
                ? GuardAsync(
                    new SandboxWatch(
                        () => Root(process.Id, enclosure.PidFile),
                        enclosure.Terms,
                        enclosure.Folders,
                        enclosure.Group
                    )
                )
                : Task.CompletedTask;
    }

    /// <inheritdoc />
    public override string Breach
    {
        get
        {
            // The kernel may have ended the tree between two looks of the watch.
            if (breach.Length == 0 && enclosure?.Group?.Breach() is { Length: > 0 } passed)
            {
                breach = passed;
            }
            return breach;
        }
    }

    /// <inheritdoc />
    public override int Pid => process.Id;

    /// <inheritdoc />
    public override Stream StandardInput => process.StandardInput.BaseStream;

    /// <inheritdoc />
    public override Stream StandardOutput => process.StandardOutput.BaseStream;

    /// <inheritdoc />
    public override Stream StandardError => process.StandardError.BaseStream;

    /// <inheritdoc />
    public override Task<int> ExitCode { get; }

    /// <inheritdoc />
    protected override IReadOnlyList<Action> PoliteSteps =>
        [() => SignalAgent(Interrupt), () => SignalAgent(Terminate)];

    /// <inheritdoc />
    public override void Record() => descendants?.Look();

    /// <inheritdoc />
    public override async Task KillAsync()
    {
        if (
            kind != PosixTree.Recorded
            && ExitCode.IsCompletedSuccessfully
            && await ExitCode < SignalExit
        )
        {
            // A container ends by itself after the last process of its namespace: there is nothing to look for.
            return;
        }
        Record();
        await EndContainerAsync();
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e)
            when (e
                    is InvalidOperationException
                        or AggregateException
                        or System.ComponentModel.Win32Exception
            )
        {
            // Gone already, or some of it: what is left is looked for below.
        }
        await ExitCode.WaitAsync(Gone, Time);
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        var deadline = Time.GetUtcNow() + Gone;
        while (Left() is { Count: > 0 } left)
        {
            foreach (var pid in left)
            {
                _ = SendSignal(pid, Kill);
            }
            if (Time.GetUtcNow() > deadline)
            {
                throw new TimeoutException(
                    $"Processes {string.Join(", ", left)} of run {marker} did not die."
                );
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), Time);
        }
        descendants?.Forget();
    }

    /// <inheritdoc />
    protected override void Close()
    {
        _ = Breach;
        enclosure?.Group?.Remove();
        if (enclosure?.PidFile is { } file)
        {
            File.Delete(file);
        }
        if (watching.IsCompleted)
        {
            process.Dispose();
            return;
        }
        // The watch sees the end at its next look; the handle lives as long.
        _ = watching.ContinueWith(
            _ => process.Dispose(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    // A container's first process is its engine's child, not ours: until the engine has told its number there is nothing to see.
    private static int? Root(int child, string? file)
    {
        if (file is null)
        {
            return child;
        }
        try
        {
            return int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var told)
                ? told
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<int> WaitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    // The watch is never the one that throws: what it could not end is ended, or told, by whoever holds the group.
    private async Task GuardAsync(SandboxWatch watch)
    {
        await Task.Yield();
        try
        {
            if (await watch.WatchAsync(ExitCode, Time) is { Length: > 0 } passed)
            {
                breach = passed;
                await KillAsync();
            }
        }
        catch (Exception e) when (e is TimeoutException or IOException or InvalidOperationException)
        {
            // Told by the group's own end.
        }
    }

    // What runs in a container is no child of the program that started it.
    private async Task EndContainerAsync()
    {
        if (enclosure is not { End.Count: > 0 } container)
        {
            return;
        }
        try
        {
            using var end = Process.Start(
                new ProcessStartInfo(container.End[0], container.End.Skip(1))
            )!;
            await end.WaitForExitAsync().WaitAsync(Gone, Time);
        }
        catch (Exception e) when (e is TimeoutException or System.ComponentModel.Win32Exception)
        {
            // It is gone already, or its program is: the rest is ended below.
        }
    }

    private List<int> Left()
    {
        var left = MarkedProcesses.Find(RunVariable, marker);
        if (descendants is not null)
        {
            descendants.Look();
            left.AddRange(descendants.Alive().Except(left));
        }
        return left;
    }

    // The container (bwrap) passes no signals on: the agent is its grandchild, the first marked process below it.
    private void SignalAgent(int signal)
    {
        var pid =
            kind == PosixTree.Contained
                ? MarkedProcesses.FindAgent(process.Id, RunVariable, marker)
                : process.Id;
        if (pid > 0)
        {
            _ = SendSignal(pid, signal);
        }
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
