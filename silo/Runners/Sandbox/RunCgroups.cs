using System.Globalization;
using Orchestrator.Decisions.Runners;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>
/// The part of the host's control groups (version 2) that was handed to the silo: a group for itself, and one for each
/// run beside it. Nothing above the silo's own group is touched.
/// </summary>
internal sealed class RunCgroups
{
    /// <summary>Where Linux shows them.</summary>
    public const string Root = "/sys/fs/cgroup";

    private const string Own = "orchestrator-silo";
    private const string Prefix = "orchestrator-run-";
    private readonly string folder;

    private RunCgroups(string folder) => this.folder = folder;

    /// <summary>Text of <c>/proc/self/cgroup</c>; empty where there is none.</summary>
    public static string Membership() =>
        File.Exists("/proc/self/cgroup") ? File.ReadAllText("/proc/self/cgroup") : "";

    /// <summary>Takes the silo's own group into use; null when it cannot be.</summary>
    /// <param name="root">Where the groups are mounted; <see cref="Root"/>.</param>
    /// <param name="membership">Text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="pid">This process.</param>
    /// <param name="why">Why not, as the end of a sentence.</param>
    public static RunCgroups? Take(string root, string membership, int pid, out string why)
    {
        why = "";
        try
        {
            var line = membership
                .Split('\n')
                .FirstOrDefault(l => l.StartsWith("0::/", StringComparison.Ordinal));
            var folder = line is null ? "" : Path.Join(root, line[3..].TrimEnd('/'));
            // Below a group of an earlier silo process of the same service.
            folder = Path.GetFileName(folder) == Own ? Path.GetDirectoryName(folder)! : folder;
            why =
                line is null || !File.Exists(Path.Combine(folder, "cgroup.controllers"))
                    ? "the host has no cgroups of version 2"
                // The root of all has no type: it is the host's, whoever may write there.
                : !File.Exists(Path.Combine(folder, "cgroup.type"))
                    ? "no cgroup was handed to the silo"
                : Missing(folder) is { Length: > 0 } missing
                    ? $"the silo's cgroup has no controller '{missing}'"
                : Foreign(folder, pid) ? "the silo shares its cgroup with other programs"
                : "";
            if (why.Length > 0)
            {
                return null;
            }
            foreach (var left in Directory.EnumerateDirectories(folder, Prefix + "*"))
            {
                Remove(left);
            }
            // A group with processes of its own cannot limit groups below it.
            var own = Path.Combine(folder, Own);
            Directory.CreateDirectory(own);
            foreach (var inside in Members(folder))
            {
                Write(Path.Combine(own, "cgroup.procs"), inside);
            }
            var there = Words(Path.Combine(folder, "cgroup.controllers"));
            Write(
                Path.Combine(folder, "cgroup.subtree_control"),
                string.Join(' ', CgroupLimits.Used.Intersect(there).Select(c => "+" + c))
            );
            return new RunCgroups(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"no cgroup was handed to the silo ({e.Message.TrimEnd('.')})";
            return null;
        }
    }

    /// <summary>A group with the limits of one run.</summary>
    /// <exception cref="IOException">It cannot be made: a run without its limits is not begun.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public RunCgroup Make(SandboxTerms terms)
    {
        var group = Path.Combine(folder, Prefix + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(group);
        foreach (var setting in CgroupLimits.Of(terms))
        {
            var file = Path.Combine(group, setting.File);
            if (setting.Required || File.Exists(file))
            {
                Write(file, setting.Text);
            }
        }
        return new RunCgroup(group, terms);
    }

    /// <summary>Removes a group in which nothing runs any more; one that still holds something stays for the next start.</summary>
    public static void Remove(string group)
    {
        try
        {
            Directory.Delete(group);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What died in it is not yet gone; the next start removes it.
        }
    }

    private static string Missing(string folder)
    {
        var there = Words(Path.Combine(folder, "cgroup.controllers"));
        return CgroupLimits.Needed.FirstOrDefault(c => !there.Contains(c)) ?? "";
    }

    // Only this process and what it started may be moved.
    private static bool Foreign(string folder, int pid)
    {
        var parents = ProcessTable.Read();
        return Members(folder)
            .Any(m =>
            {
                var one = int.Parse(m, CultureInfo.InvariantCulture);
                while (one != pid && parents.TryGetValue(one, out var entry) && entry.Parent > 0)
                {
                    one = entry.Parent;
                }
                return one != pid;
            });
    }

    private static string[] Members(string folder) => Words(Path.Combine(folder, "cgroup.procs"));

    private static string[] Words(string file) =>
        File.ReadAllText(file)
            .Split(
                [' ', '\n'],
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            );

    // The kernel takes a setting as one write to a file that is there.
    private static void Write(string file, string text)
    {
        using var stream = new FileStream(
            file,
            FileMode.Open,
            FileAccess.Write,
            FileShare.ReadWrite
        );
        stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }
}

/// <summary>The control group of one run.</summary>
/// <param name="folder">Full path.</param>
/// <param name="terms">Its limits.</param>
internal sealed class RunCgroup(string folder, SandboxTerms terms)
{
    /// <summary>What stands before the program: a shell that enters the group and becomes the program, or ends where it cannot.</summary>
    public IReadOnlyList<string> Line =>
        ["/bin/sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", Path.Combine(folder, "cgroup.procs")];

    /// <summary>The limit that was met, as a sentence; empty = none.</summary>
    public string Breach() =>
        CgroupLimits.Breach(terms, Text("memory.events"), Text("pids.events"), Text("cpu.stat"));

    /// <summary>Removes it once nothing runs in it.</summary>
    public void Remove() => RunCgroups.Remove(folder);

    private string Text(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // a controller that is not there counts nothing
        }
    }
}
