using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>A child to start.</summary>
/// <param name="Executable">Full path of a real program; <c>.cmd</c> and <c>.bat</c> are refused, because their interpreter reads the arguments again.</param>
/// <param name="Arguments">Passed one by one, never through a shell.</param>
/// <param name="WorkingDirectory">Full path of an existing folder.</param>
/// <param name="Environment">The whole environment; nothing is inherited but what Windows needs to load programs.</param>
/// <param name="RunId">Marks every process of the tree (<c>ORCHESTRATOR_RUN</c>).</param>
internal sealed record ProcessOrder(
    string Executable,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment,
    string RunId
);

/// <summary>A child and everything it starts. Disposing it kills the whole tree.</summary>
internal sealed partial class ProcessGroup : IAsyncDisposable
{
    /// <summary>Environment variable that every process of a run carries.</summary>
    public const string RunVariable = "ORCHESTRATOR_RUN";

    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;
    private const int SignalExit = 128;
    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly string marker;
    private readonly bool contained;
    private readonly TimeProvider time;

    public ProcessGroup(Process process, string marker, bool contained, TimeProvider time)
    {
        this.process = process;
        this.marker = marker;
        this.contained = contained;
        this.time = time;
        ExitCode = WaitAsync(process);
    }

    /// <summary>Of the tree's root on this host.</summary>
    public int Pid => process.Id;

    /// <summary>The child's stdin.</summary>
    public Stream StandardInput => process.StandardInput.BaseStream;

    /// <summary>The child's stdout, bytes.</summary>
    public Stream StandardOutput => process.StandardOutput.BaseStream;

    /// <summary>The child's stderr, bytes.</summary>
    public Stream StandardError => process.StandardError.BaseStream;

    /// <summary>Ends when the root has ended; 128 + n for a signal n on Linux.</summary>
    public Task<int> ExitCode { get; }

    /// <summary>Interrupt, then terminate, then kill the tree; each step gets the grace. Returns when no process is left.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        foreach (var signal in OperatingSystem.IsWindows() ? [] : new[] { Interrupt, Terminate })
        {
            if (ExitCode.IsCompleted)
            {
                break;
            }
            SignalAgent(signal);
            await Task.WhenAny(ExitCode, Task.Delay(grace, time));
        }
        await KillAsync();
    }

    /// <summary>Kills the whole tree, also what left its process group, and waits until it is gone.</summary>
    /// <exception cref="TimeoutException">Something did not die in 10 s (a process stuck in the kernel).</exception>
    public async Task KillAsync()
    {
        if (contained && ExitCode.IsCompletedSuccessfully && await ExitCode < SignalExit)
        {
            // The container ended by itself, after the last process of its namespace: there is nothing to look for.
            return;
        }
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Gone already: what it left behind is looked for below.
        }
        await ExitCode.WaitAsync(Gone, time);
        if (OperatingSystem.IsLinux())
        {
            var deadline = time.GetUtcNow() + Gone;
            while (MarkedProcesses.Find(RunVariable, marker) is { Count: > 0 } left)
            {
                foreach (var pid in left)
                {
                    _ = SendSignal(pid, Kill);
                }
                if (time.GetUtcNow() > deadline)
                {
                    throw new TimeoutException(
                        $"Processes {string.Join(", ", left)} of run {marker} did not die."
                    );
                }
                await Task.Delay(TimeSpan.FromMilliseconds(20), time);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process.Dispose();
    }

    private static async Task<int> WaitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    // The container (bwrap) passes no signals on: the agent is its grandchild, the first marked process below it.
    private void SignalAgent(int signal)
    {
        var pid = contained
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

/// <summary>Looks for processes by a variable of their environment. Linux only; elsewhere there are none.</summary>
internal static class MarkedProcesses
{
    /// <summary>Live processes (no zombies) whose environment holds the variable with this value.</summary>
    public static List<int> Find(string variable, string value)
    {
        var found = new List<int>();
        var wanted = System.Text.Encoding.UTF8.GetBytes($"{variable}={value}\0");
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(
                    Path.GetFileName(folder),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var pid
                ) && Carries(folder, wanted)
            )
            {
                found.Add(pid);
            }
        }
        return found;
    }

    /// <summary>The agent inside a container: the marked process whose parent is the container's inner first process; 0 = none.</summary>
    public static int FindAgent(int container, string variable, string value)
    {
        var marked = Find(variable, value).Where(p => p != container).ToDictionary(p => p, Parent);
        foreach (var (pid, parent) in marked.OrderBy(m => m.Key))
        {
            // container -> inner init (bwrap) -> agent
            if (marked.TryGetValue(parent, out var grand) && grand == container)
            {
                return pid;
            }
        }
        return 0;
    }

    private static int Parent(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var rest = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return int.Parse(rest[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or FormatException
                        or IndexOutOfRangeException
            )
        {
            return 0; // it ended while we looked
        }
    }

    private static bool Carries(string folder, byte[] wanted)
    {
        try
        {
            var environment = File.ReadAllBytes(folder + "/environ");
            var at = environment.AsSpan().IndexOf(wanted);
            return at == 0 || (at > 0 && environment[at - 1] == 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it ended while we looked, or is another user's
        }
    }
}
