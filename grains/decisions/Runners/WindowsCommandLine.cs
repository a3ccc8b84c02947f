using System.Text;

namespace Orchestrator.Decisions.Runners;

/// <summary>Texts that Windows wants for a new process: one command line, one block of variables.</summary>
public static class WindowsCommandLine
{
    /// <summary>
    /// Quotes so that the C runtime and .NET read the same arguments back: backslashes double only before a quote. The
    /// command interpreter reads differently, so no batch file may be started with it.
    /// </summary>
    /// <param name="executable">Full path; cannot hold a quote.</param>
    /// <param name="arguments">One by one.</param>
    /// <param name="rawTail">Appended as it is; for <c>cmd.exe /s /c</c>, which wants its command line unescaped between one pair of quotes. Empty = none.</param>
    public static string Write(
        string executable,
        IEnumerable<string> arguments,
        string rawTail = ""
    )
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var line = new StringBuilder().Append('"').Append(executable).Append('"');
        foreach (var argument in arguments)
        {
            line.Append(' ');
            if (argument.Length > 0 && argument.AsSpan().IndexOfAny(" \t\n\v\"") < 0)
            {
                line.Append(argument);
                continue;
            }
            Quote(line, argument);
        }
        return rawTail.Length > 0 ? line.Append(' ').Append(rawTail).ToString() : line.ToString();
    }

    /// <summary>The block: sorted without regard to case, each <c>NAME=VALUE</c> ended by NUL, one more NUL at the end.</summary>
    public static string Variables(IReadOnlyDictionary<string, string> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var sorted = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in variables)
        {
            sorted[name] = value;
        }
        return string.Concat(sorted.Select(v => $"{v.Key}={v.Value}\0")) + "\0";
    }

    private static void Quote(StringBuilder line, string argument)
    {
        line.Append('"');
        var slashes = 0;
        foreach (var c in argument)
        {
            if (c == '\\')
            {
                slashes++;
                continue;
            }
            line.Append('\\', c == '"' ? (slashes * 2) + 1 : slashes).Append(c);
            slashes = 0;
        }
        line.Append('\\', slashes * 2).Append('"');
    }
}
