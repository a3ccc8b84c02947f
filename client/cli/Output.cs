using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Cli;

/// <summary>Answers on stdout, talk on stderr; colour and a live line only on a terminal.</summary>
internal sealed class Output(bool json)
{
    private static readonly bool Colour =
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    /// <summary>True where bars and colours show.</summary>
    public static bool Drawn => Colour;

    /// <summary>True with <c>--json</c>.</summary>
    public bool Json => json;

    /// <summary>True when a person watches.</summary>
    public static bool Live => !Console.IsErrorRedirected && !Console.IsOutputRedirected;

    /// <summary>The answer, as JSON or in words.</summary>
    public void Answer<T>(T value, JsonTypeInfo<T> type, Action<T> words)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(value, type));
        }
        else
        {
            words(value);
        }
    }

    /// <summary>A line for people.</summary>
    public static void Line(string text = "") => Console.Out.WriteLine(Shown(text));

    /// <summary>
    /// A text as a terminal may have it: whatever an agent, a repository or a chat put into it changes colours at most, and
    /// moves no cursor, sets no title and rings no bell.
    /// </summary>
    public static string Shown(string text)
    {
        if (!text.Any(c => char.IsControl(c) && c is not '\n' and not '\t'))
        {
            return text;
        }
        var shown = new System.Text.StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var colour = text[i] == '\u001b' ? ColourAt(text, i) : 0;
            if (colour > 0)
            {
                shown.Append(text, i, colour);
                i += colour - 1;
            }
            else if (text[i] is '\n' or '\t' || !char.IsControl(text[i]))
            {
                shown.Append(text[i]);
            }
            else if (text[i] != '\r' || i + 1 >= text.Length || text[i + 1] != '\n')
            {
                shown.Append('\uFFFD');
            }
        }
        return shown.ToString();
    }

    // Length of a "select graphic rendition" sequence, the only one that is let through; 0 = none is here.
    private static int ColourAt(string text, int at)
    {
        const int longest = 20;
        for (var i = at + 1; i < text.Length && i - at < longest; i++)
        {
            var c = text[i];
            if (i == at + 1 ? c != '[' : !char.IsAsciiDigit(c) && c != ';')
            {
                return c == 'm' && i > at + 1 ? i - at + 1 : 0;
            }
        }
        return 0;
    }

    /// <summary>Text in a colour (an ANSI number), where colours show.</summary>
    public static string Paint(string text, int ansi) =>
        Colour ? $"\u001b[{ansi}m{text}\u001b[0m" : text;

    /// <summary>A diff with its lines coloured.</summary>
    public static void Diff(string diff)
    {
        foreach (var line in diff.Split('\n'))
        {
            Line(
                line switch
                {
                    ['+', ..] when !line.StartsWith("+++", StringComparison.Ordinal) => Paint(
                        line,
                        32
                    ),
                    ['-', ..] when !line.StartsWith("---", StringComparison.Ordinal) => Paint(
                        line,
                        31
                    ),
                    ['@', ..] => Paint(line, 36),
                    _ => line,
                }
            );
        }
    }
}
