using System.Globalization;
using Orchestrator.Decisions.Runners;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>
/// Looks at a sandboxed tree five times a second, and at its folders once: the limits that the kernel does not hold for a
/// whole tree. Linux.
/// </summary>
/// <param name="root">The tree's root on the host; null while it is not known.</param>
/// <param name="terms">The limits.</param>
/// <param name="folders">What counts as the run's disk.</param>
/// <param name="group">Its control group; null = none.</param>
internal sealed class SandboxWatch(
    Func<int?> root,
    SandboxTerms terms,
    IReadOnlyList<string> folders,
    RunCgroup? group
)
{
    // Linux counts processor time in hundredths of a second, whatever the kernel's own clock.
    private const int TicksPerSecond = 100;
    private const long MiB = 1024 * 1024;
    private const int FilesMax = 2_000_000;
    private const int DiskEvery = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly long begun = folders.Sum(Size);

    /// <summary>What was passed, as a sentence; empty when the tree ended within its limits.</summary>
    public async Task<string> WatchAsync(Task end, TimeProvider time)
    {
        for (var look = 1; !end.IsCompleted; look++)
        {
            await Task.WhenAny(end, Task.Delay(Pause, time));
            if (group?.Breach() is { Length: > 0 } met)
            {
                return met;
            }
            var (threads, memory, ticks) = Tree();
            if (threads > terms.ProcessesMax)
            {
                return $"It had {threads} processes and threads at once; its sandbox allows {terms.ProcessesMax}.";
            }
            if (memory > terms.MemoryMiB * MiB)
            {
                return $"It used {memory / MiB} MiB of memory; its sandbox allows {terms.MemoryMiB}.";
            }
            if (ticks / TicksPerSecond > terms.ProcessorSecondsMax)
            {
                return CgroupLimits.Processor(terms);
            }
            if (look % DiskEvery == 0 && folders.Sum(Size) - begun > terms.DiskMiBMax * MiB)
            {
                return $"Its files grew by more than the {terms.DiskMiBMax} MiB that its sandbox allows.";
            }
        }
        return "";
    }

    // Whatever left its parent belongs to the namespace's first process: nothing below the root is missed.
    private (int Threads, long Memory, long Ticks) Tree()
    {
        if (root() is not { } first)
        {
            return (0, 0, 0);
        }
        var children = ProcessTable
            .Read()
            .Where(p => !p.Value.Zombie)
            .ToLookup(p => p.Value.Parent, p => p.Key);
        var (threads, memory, ticks) = (0, 0L, 0L);
        var open = new Stack<int>([first]);
        while (open.TryPop(out var pid))
        {
            var (t, m, c) = Of(pid);
            threads += t;
            memory += m;
            ticks += c;
            foreach (var child in children[pid])
            {
                open.Push(child);
            }
        }
        return (threads, memory, ticks);
    }

    private static (int Threads, long Memory, long Ticks) Of(int pid)
    {
        try
        {
            // Fields behind the name: 11 to 14 are ticks of its own and of children that have ended, 17 is the number of
            // threads, 21 the resident pages.
            var stat = File.ReadAllText(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")
            );
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (
                int.Parse(fields[17], CultureInfo.InvariantCulture),
                long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize,
                fields[11..15].Sum(f => long.Parse(f, CultureInfo.InvariantCulture))
            );
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or FormatException
                        or IndexOutOfRangeException
                        or ArgumentOutOfRangeException
            )
        {
            return (0, 0, 0); // it ended while we looked
        }
    }

    // Links are not followed; a tree of more files than anybody counts is over every limit.
    private static long Size(string folder)
    {
        var (total, files) = (0L, 0);
        try
        {
            var all = new DirectoryInfo(folder).EnumerateFiles(
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = true,
                    AttributesToSkip = FileAttributes.ReparsePoint,
                    IgnoreInaccessible = true,
                }
            );
            foreach (var file in all)
            {
                if (++files > FilesMax)
                {
                    return long.MaxValue / 4;
                }
                total += Length(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return total; // it is being changed while we look; the next look sees it
        }
        return total;
    }

    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (IOException)
        {
            return 0; // it went away while we looked
        }
    }
}
