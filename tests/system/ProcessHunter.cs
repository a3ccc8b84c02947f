using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.SystemTests;

/// <summary>A process, told apart from a later one with the same number by its start (clock ticks since the machine's).</summary>
internal sealed record Prey(int Pid, long Started, string Command);

/// <summary>
/// Finds what a silo's runs left alive: by the markers in their environment, and without trusting those by what they hold
/// open, the worktree or script below the data directory. Linux only (<c>/proc</c>).
/// </summary>
internal static class ProcessHunter
{
    /// <summary>Every living process that belongs to a run on this data directory; never a silo.</summary>
    public static IReadOnlyList<Prey> Of(string data)
    {
        var root = Path.GetFullPath(data);
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..16];
        return Find(folder =>
            Text(folder, "environ")
                .Contains($"ORCHESTRATOR_DATA_ID={id}\0", StringComparison.Ordinal)
            || IsBelow(Link(folder, "cwd"), root)
            || (
                Text(folder, "cmdline") is var command
                && command.Contains(root + "/", StringComparison.Ordinal)
            )
        );
    }

    /// <summary>Every living process of a task's runs, by its marker.</summary>
    public static IReadOnlyList<Prey> OfTask(string taskId) =>
        Find(folder =>
            Text(folder, "environ")
                .Contains($"ORCHESTRATOR_RUN={taskId}-", StringComparison.Ordinal)
        );

    /// <summary>Every living process of one run, <c>TASK-ATTEMPT</c>, by its marker.</summary>
    public static IReadOnlyList<Prey> OfRun(string run) =>
        Find(folder =>
            Text(folder, "environ").Contains($"ORCHESTRATOR_RUN={run}\0", StringComparison.Ordinal)
        );

    /// <summary>True when it is still there.</summary>
    public static bool Lives(Prey prey) =>
        Started($"/proc/{prey.Pid.ToString(CultureInfo.InvariantCulture)}") == prey.Started;

    private static List<Prey> Find(Func<string, bool> wanted)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Processes are looked for in /proc.");
        }
        var found = new List<Prey>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(
                    Path.GetFileName(folder),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var pid
                )
                && pid != Environment.ProcessId
                && wanted(folder)
                && Text(folder, "cmdline") is var command
                && !command.StartsWith(
                    SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo") + "\0",
                    StringComparison.Ordinal
                )
                && Started(folder) is var started and > 0
            )
            {
                found.Add(new Prey(pid, started, command.Replace('\0', ' ').Trim()));
            }
        }
        return found;
    }

    private static bool IsBelow(string path, string root) =>
        path.StartsWith(root + "/", StringComparison.Ordinal);

    // 0 = gone, or a zombie: dead, only not yet asked for.
    private static long Started(string folder)
    {
        var stat = Text(folder, "stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && fields[0] is not ("Z" or "X")
            ? long.Parse(fields[19], CultureInfo.InvariantCulture)
            : 0;
    }

    private static string Text(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it ended while we looked, or is another user's
        }
    }

    private static string Link(string folder, string name)
    {
        try
        {
            return new FileInfo(Path.Combine(folder, name)).LinkTarget ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
