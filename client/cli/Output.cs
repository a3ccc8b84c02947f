using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Cli;

/// <summary>Answers on stdout, talk on stderr; colour and a live line only on a terminal.</summary>
internal sealed class Output(bool json)
{
    private static readonly bool Colour =
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

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
    public static void Line(string text = "") => Console.Out.WriteLine(text);

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
