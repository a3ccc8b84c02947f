using System.Globalization;

namespace Orchestrator.Silo.Runners.Processes;

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
