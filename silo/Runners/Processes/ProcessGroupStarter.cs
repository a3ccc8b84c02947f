#pragma warning disable CA2213 // queue and forever: the starter thread waits on both until the process ends
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.Versioning;
using Orchestrator.Decisions.Runners;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>
/// Starts every child of the product. On Linux from one thread that lives as long as the process: the death signal that
/// contains a tree is tied to the starting thread, not to the process. With bubblewrap a tree lives in a process
/// namespace that dies with its root and with this process; without it, trees are found by their marker and by what was
/// recorded of them. On Windows each tree lives in a Job Object.
/// </summary>
internal sealed class ProcessGroupStarter : IDisposable
{
    /// <summary>Environment variable that ties a process to a data directory, so that no installation ends another's.</summary>
    public const string DataVariable = "ORCHESTRATOR_DATA_ID";

    private readonly BlockingCollection<(
        ProcessStartInfo Info,
        TaskCompletionSource<Process> Done
    )> queue = new(1024);
    private readonly ManualResetEventSlim forever = new();
    private readonly TimeProvider time;
    private const string MemorySwitch = "DOTNET_EnableWriteXorExecute";
    private const string SetSid = "/usr/bin/setsid";

    private readonly string? bubblewrap;
    private readonly string? session;
    private readonly string? records;

    /// <param name="dataId">Identity of the data directory.</param>
    /// <param name="time">The clock of waits.</param>
    /// <param name="contain">False: never use bubblewrap.</param>
    /// <param name="records">Folder for the numbers of uncontained processes, for the sweep of the next start; null = none.</param>
    public ProcessGroupStarter(
        string dataId,
        TimeProvider time,
        bool contain = true,
        string? records = null
    )
    {
        this.records = records;
        session = File.Exists(SetSid) ? SetSid : null;
        DataId = dataId;
        this.time = time;
        new Thread(Loop) { IsBackground = true, Name = "child-starter" }.Start();
        bubblewrap = contain && OperatingSystem.IsLinux() ? Probe() : null;
    }

    /// <summary>Identity of the data directory.</summary>
    public string DataId { get; }

    /// <summary>True when trees live in a namespace of their own.</summary>
    public bool Contains => bubblewrap is not null;

    /// <summary>Whether bubblewrap makes a namespace of processes here now, whatever it did when the silo started.</summary>
    public static bool ContainsNow() => OperatingSystem.IsLinux() && Probe() is not null;

    /// <summary>Starts a child with piped stdio. A refusal that passes by itself is tried again (<see cref="StartRefusal"/>).</summary>
    /// <exception cref="InvalidOperationException">The program cannot be started; the message says why.</exception>
    public async Task<ProcessGroup> StartAsync(ProcessOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (
            order.Executable.EndsWith(".cmd", StringComparison.OrdinalIgnoreCase)
            || order.Executable.EndsWith(".bat", StringComparison.OrdinalIgnoreCase)
        )
        {
            throw new InvalidOperationException(
                $"{order.Executable} is a batch file: its interpreter would read the arguments again. Name the .exe behind it."
            );
        }
        if (!Path.IsPathFullyQualified(order.Executable) || !File.Exists(order.Executable))
        {
            throw new InvalidOperationException(
                $"{order.Executable} is not the full path of a program on this host."
            );
        }
        for (var tries = 1; ; tries++)
        {
            TimeSpan again;
            try
            {
                if (OperatingSystem.IsWindows())
                {
                    return await StartInJobAsync(order);
                }
                return await StartInSessionAsync(order);
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                again =
                    StartRefusal.Again(tries, e.NativeErrorCode, OperatingSystem.IsWindows())
                    ?? throw new InvalidOperationException(
                        $"{order.Executable} cannot be started: {e.Message}"
                            + (tries > 1 ? $" ({tries} tries)" : ""),
                        e
                    );
            }
            await Task.Delay(again, time);
        }
    }

    /// <summary>Ends what an earlier life on the same data directory left behind. Returns how many processes.</summary>
    public int Sweep()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0; // the Job Object or the parent's end took them along
        }
        var ended = 0;
        var leftovers = MarkedProcesses.Find(DataVariable, DataId);
        if (records is not null)
        {
            leftovers.AddRange(Descendants.Recorded(records).Except(leftovers));
        }
        foreach (var pid in leftovers)
        {
            try
            {
                using var left = Process.GetProcessById(pid);
                left.Kill();
                ended++;
            }
            catch (Exception e)
                when (e
                        is ArgumentException
                            or InvalidOperationException
                            or System.ComponentModel.Win32Exception
                )
            {
                // It ended while we looked.
            }
        }
        return ended;
    }

    /// <inheritdoc />
    public void Dispose() => queue.CompleteAdding();

    private ProcessStartInfo Info(ProcessOrder order)
    {
        // A session of its own: a Ctrl+C at the silo's terminal is the silo's, not the agents'.
        List<string> line = session is null || order.Trusted ? [] : [session];
        if (order.Enclosure is { } enclosure)
        {
            line.AddRange(enclosure.Line);
        }
        else if (bubblewrap is not null && !order.Trusted)
        {
            line.AddRange([
                bubblewrap,
                "--dev-bind",
                "/",
                "/",
                "--unshare-pid",
                "--proc",
                "/proc",
                "--die-with-parent",
                "--",
            ]);
        }
        line.Add(order.Executable);
        var info = new ProcessStartInfo(line[0])
        {
            UseShellExecute = false,
            WorkingDirectory = order.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        foreach (var argument in line.Skip(1))
        {
            info.ArgumentList.Add(argument);
        }
        foreach (var argument in order.Arguments)
        {
            info.ArgumentList.Add(argument);
        }
        info.Environment.Clear();
        foreach (var (name, value) in Variables(order))
        {
            info.Environment[name] = value;
        }
        return info;
    }

    private Dictionary<string, string> Variables(ProcessOrder order)
    {
        var variables = new Dictionary<string, string>(order.Environment, StringComparer.Ordinal)
        {
            [ProcessGroup.RunVariable] = order.RunId,
            [DataVariable] = DataId,
        };
        if (
            OperatingSystem.IsWindows()
            && Environment.GetEnvironmentVariable("SystemRoot") is { } root
        )
        {
            variables["SystemRoot"] = root; // much of Windows does not load without it
        }
        // On some machines (a hardened kernel, an emulated processor, Wine) no .NET program starts without it, be it an
        // agent, a tool or a check.
        if (Environment.GetEnvironmentVariable(MemorySwitch) is { Length: > 0 } memory)
        {
            variables.TryAdd(MemorySwitch, memory);
        }
        return variables;
    }

    // Whatever scans programs before they run may take a second for each: no thread of the pool waits for that.
    [SupportedOSPlatform("windows")]
    private Task<WindowsProcessGroup> StartInJobAsync(ProcessOrder order) =>
        Task.Factory.StartNew(
            () => StartInJob(order),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    [SupportedOSPlatform("windows")]
    private WindowsProcessGroup StartInJob(ProcessOrder order)
    {
        var job = new WindowsJob(order.Enclosure?.Terms);
        try
        {
            return new WindowsProcessGroup(job, job.Start(order, Variables(order)), time);
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    private async Task<ProcessGroup> StartInSessionAsync(ProcessOrder order)
    {
        var process = await StartOnThreadAsync(Info(order));
        var kind =
            order.Trusted ? PosixTree.Trusted
            : order.Enclosure is { End.Count: > 0 } ? PosixTree.Recorded
            : order.Enclosure is not null || Contains ? PosixTree.Contained
            : PosixTree.Recorded;
        return new PosixProcessGroup(process, order.RunId, kind, records, time, order.Enclosure);
    }

    private Task<Process> StartOnThreadAsync(ProcessStartInfo info)
    {
        var done = new TaskCompletionSource<Process>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        queue.Add((info, done));
        return done.Task;
    }

    private void Loop()
    {
        foreach (var (info, done) in queue.GetConsumingEnumerable())
        {
            try
            {
                done.SetResult(Process.Start(info)!);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                done.SetException(e);
            }
        }
        // The end of this thread would kill every contained child: it waits for the process' end instead.
        forever.Wait();
    }

    private static string? Probe()
    {
        foreach (var path in new[] { "/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap" })
        {
            if (File.Exists(path) && Works(path))
            {
                return path;
            }
        }
        return null;
    }

    private static bool Works(string path)
    {
        var info = new ProcessStartInfo(path)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (
            var argument in (string[])
                ["--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--", "/bin/true"]
        )
        {
            info.ArgumentList.Add(argument);
        }
        try
        {
            using var process = Process.Start(info);
            return process is not null
                && process.WaitForExit(TimeSpan.FromSeconds(5))
                && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
