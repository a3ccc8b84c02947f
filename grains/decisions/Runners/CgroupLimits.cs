using System.Globalization;

namespace Orchestrator.Decisions.Runners;

/// <summary>The limits of one run as files of a control group (version 2), and what its counters say at the end.</summary>
public static class CgroupLimits
{
    private const long MiB = 1024 * 1024;
    private const long Microseconds = 1_000_000;

    /// <summary>Controllers without which a group holds nothing.</summary>
    public static IReadOnlyList<string> Needed { get; } = ["memory", "pids"];

    /// <summary>Those that are used where they are there.</summary>
    public static IReadOnlyList<string> Used { get; } = [.. Needed, "cpu"];

    /// <summary>Names and texts of the files, in the order in which they are written. Those that are not <paramref name="Required"/> are left out where a kernel has them not.</summary>
    public readonly record struct Setting(string File, string Text, bool Required);

    /// <summary>What is written into a run's group.</summary>
    public static IReadOnlyList<Setting> Of(SandboxTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return
        [
            new("memory.max", Number(terms.MemoryMiB * MiB), true),
            // Memory that may be swapped out is no limit of memory.
            new("memory.swap.max", "0", false),
            // A tree that lost one process at random is no run any more.
            new("memory.oom.group", "1", false),
            new("pids.max", Number(terms.ProcessesMax), true),
            // Half of the silo's share, where both want the same processor.
            new("cpu.weight", "50", false),
        ];
    }

    /// <summary>The limit that a run met, as a sentence; empty = none.</summary>
    /// <param name="terms">Its limits.</param>
    /// <param name="memoryEvents">Text of <c>memory.events</c>; what cannot be read is empty.</param>
    /// <param name="pidsEvents">Text of <c>pids.events</c>.</param>
    /// <param name="cpuStat">Text of <c>cpu.stat</c>.</param>
    public static string Breach(
        SandboxTerms terms,
        string memoryEvents,
        string pidsEvents,
        string cpuStat
    )
    {
        ArgumentNullException.ThrowIfNull(terms);
        return Value(memoryEvents, "oom_kill") > 0
                ? $"It used more memory than the {terms.MemoryMiB} MiB that its sandbox allows; the kernel ended it."
            : Value(pidsEvents, "max") > 0
                ? $"It wanted more processes and threads at once than its sandbox allows: {terms.ProcessesMax}."
            : Value(cpuStat, "usage_usec") > terms.ProcessorSecondsMax * Microseconds
                ? Processor(terms)
            : "";
    }

    /// <summary>The sentence for a run that used up its processor time.</summary>
    public static string Processor(SandboxTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return $"It used more processor time than the {terms.ProcessorSecondsMax} seconds that its sandbox allows.";
    }

    // Lines of "name number".
    private static long Value(string text, string name)
    {
        foreach (var line in (text ?? "").AsSpan().EnumerateLines())
        {
            var blank = line.IndexOf(' ');
            if (
                blank > 0
                && line[..blank].SequenceEqual(name)
                && long.TryParse(
                    line[(blank + 1)..],
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var value
                )
            )
            {
                return value;
            }
        }
        return 0;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
