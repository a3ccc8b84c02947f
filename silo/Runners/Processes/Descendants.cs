using System.Globalization;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>
/// Remembers the processes below a root while their chain of parents still stands: a daemon that forks twice, opens a
/// session and clears its environment is found later by its number and start time. Linux only. A file holds them for the
/// next start of the silo.
/// </summary>
/// <param name="root">The tree's root.</param>
/// <param name="file">Where they are written, or null.</param>
internal sealed class Descendants(int root, string? file)
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, ulong> known = [];

    /// <summary>Takes note of the processes there are now.</summary>
    public void Look()
    {
        lock (gate)
        {
            var before = known.Count;
            var all = ProcessTable.Read();
            if (known.Count == 0 && all.TryGetValue(root, out var own))
            {
                known[root] = own.Started;
            }
            // Children of what is known, until none is added.
            for (var added = true; added; )
            {
                added = false;
                foreach (var (pid, entry) in all)
                {
                    if (
                        !known.ContainsKey(pid)
                        && known.TryGetValue(entry.Parent, out var started)
                        && all.TryGetValue(entry.Parent, out var parent)
                        && parent.Started == started
                    )
                    {
                        known[pid] = entry.Started;
                        added = true;
                    }
                }
            }
            if (known.Count != before)
            {
                Write();
            }
        }
    }

    /// <summary>Those that still live (no zombies).</summary>
    public IReadOnlyList<int> Alive()
    {
        lock (gate)
        {
            var all = ProcessTable.Read();
            return
            [
                .. known
                    .Where(k =>
                        all.TryGetValue(k.Key, out var e) && e.Started == k.Value && !e.Zombie
                    )
                    .Select(k => k.Key),
            ];
        }
    }

    /// <summary>The tree is gone.</summary>
    public void Forget()
    {
        if (file is not null)
        {
            File.Delete(file);
        }
    }

    /// <summary>Processes that an earlier life recorded in a folder and that still live; the records are taken away.</summary>
    public static IReadOnlyList<int> Recorded(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }
        var all = ProcessTable.Read();
        var alive = new List<int>();
        foreach (var record in Directory.GetFiles(folder))
        {
            var lines = File.ReadAllLines(record);
            // Numbers and start times mean nothing after the machine was started again.
            if (lines.Length > 0 && lines[0] == ProcessTable.Boot())
            {
                foreach (var line in lines.Skip(1))
                {
                    var parts = line.Split(' ');
                    if (
                        parts.Length == 2
                        && int.TryParse(
                            parts[0],
                            NumberStyles.None,
                            CultureInfo.InvariantCulture,
                            out var pid
                        )
                        && ulong.TryParse(
                            parts[1],
                            NumberStyles.None,
                            CultureInfo.InvariantCulture,
                            out var started
                        )
                        && all.TryGetValue(pid, out var entry)
                        && entry.Started == started
                        && !entry.Zombie
                    )
                    {
                        alive.Add(pid);
                    }
                }
            }
            File.Delete(record);
        }
        return alive;
    }

    private void Write()
    {
        if (file is null)
        {
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var making = file + ".new";
        File.WriteAllLines(
            making,
            known
                .Select(k => string.Create(CultureInfo.InvariantCulture, $"{k.Key} {k.Value}"))
                .Prepend(ProcessTable.Boot())
        );
        File.Move(making, file, overwrite: true);
    }
}

/// <summary>The processes of a Linux host.</summary>
internal static class ProcessTable
{
    /// <summary>One process: its parent, when it started (ticks since boot), and whether it only waits to be forgotten.</summary>
    internal readonly record struct Entry(int Parent, ulong Started, bool Zombie);

    /// <summary>All of them by number.</summary>
    public static Dictionary<int, Entry> Read()
    {
        var all = new Dictionary<int, Entry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(
                    Path.GetFileName(folder),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var pid
                ) && Of(folder) is { } entry
            )
            {
                all[pid] = entry;
            }
        }
        return all;
    }

    /// <summary>Differs after each start of the machine.</summary>
    public static string Boot() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    private static Entry? Of(string folder)
    {
        try
        {
            // "12 (any ) name) S 1 ...": fields are counted from behind the last parenthesis; 20 is the start time.
            var stat = File.ReadAllText(folder + "/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new Entry(
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                ulong.Parse(fields[19], CultureInfo.InvariantCulture),
                fields[0] is "Z" or "X"
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
            return null; // it ended while we looked
        }
    }
}
