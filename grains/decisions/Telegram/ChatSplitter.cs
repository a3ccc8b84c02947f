using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Decisions.Telegram;

/// <summary>Cuts text for messages, which hold 4,096 UTF-16 units each. Nothing is ever markup, so whatever an agent printed can be sent.</summary>
public static class ChatSplitter
{
    /// <summary>Longest message, UTF-16 units.</summary>
    public const int UnitsMax = 4_096;

    private const int LookBack = 1_000;

    // A path such as src/task/x stays what it is.
    private static readonly Regex Commands = new(
        $"(?<![\\w/])/({string.Join('|', ChatVerbs.All.Select(c => c.Name))})(?![\\w/])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1)
    );

    /// <summary>The parts, in order, none of them empty. Cut at a line's end, else at a space, else between what people see as characters; their concatenation is the text, but for the white space at the cuts.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="unitsMax">Longest part, from 64.</param>
    public static IReadOnlyList<string> Split(string text, int unitsMax = UnitsMax)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(unitsMax, 64);
        var parts = new List<string>();
        var rest = Sendable(text).AsMemory().Trim();
        while (rest.Length > unitsMax)
        {
            var cut = CutOf(rest.Span, unitsMax);
            var part = rest[..cut].TrimEnd();
            if (part.Length > 0)
            {
                parts.Add(part.ToString());
            }
            rest = rest[cut..].TrimStart();
        }
        if (rest.Length > 0)
        {
            parts.Add(rest.ToString());
        }
        return parts;
    }

    /// <summary>The text as the host takes it: no halves of surrogate pairs, no control characters but tab and line feed.</summary>
    public static string Sendable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var clean = text.ReplaceLineEndings("\n");
        if (clean.Any(c => char.IsControl(c) && c is not ('\n' or '\t') || char.IsSurrogate(c)))
        {
            var units = clean.ToCharArray();
            for (var i = 0; i < units.Length; i++)
            {
                if (char.IsControl(units[i]) && units[i] is not ('\n' or '\t'))
                {
                    units[i] = '\uFFFD';
                }
                else if (
                    char.IsHighSurrogate(units[i])
                    && i + 1 < units.Length
                    && char.IsLowSurrogate(units[i + 1])
                )
                {
                    i++;
                }
                else if (char.IsSurrogate(units[i]))
                {
                    units[i] = '\uFFFD';
                }
            }
            clean = new string(units);
        }
        return clean;
    }

    /// <summary>Foreign words in a message of ours: a command among them cannot be tapped, because an invisible character follows its slash.</summary>
    public static string Foreign(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Commands.Replace(Sendable(text), "/\u2060$1");
    }

    /// <summary>The first so many units, with an ellipsis when something was left out; never half a character.</summary>
    public static string Cut(string text, int unitsMax)
    {
        ArgumentNullException.ThrowIfNull(text);
        var clean = Sendable(text).Trim();
        return clean.Length <= unitsMax
            ? clean
            : clean[..BetweenCharacters(clean, unitsMax - 1)].TrimEnd() + "…";
    }

    private static int CutOf(ReadOnlySpan<char> text, int max)
    {
        var window = text[..(max + 1)];
        var line = window.LastIndexOf('\n');
        if (line > max - LookBack && line > 0)
        {
            return line;
        }
        var space = window.LastIndexOf(' ');
        return space > max - LookBack && space > 0 ? space : BetweenCharacters(text, max);
    }

    // A flag or an emoji of several parts stays whole; one that is longer than a message is cut between its parts.
    private static int BetweenCharacters(ReadOnlySpan<char> text, int max)
    {
        // From where one begins for certain: half of two flags in a row is a flag, too.
        var from = Math.Max(0, text[..max].LastIndexOfAnyInRange(' ', '~'));
        var at = from;
        while (at < max)
        {
            var next = StringInfo.GetNextTextElementLength(text[at..]);
            if (at + next > max)
            {
                break;
            }
            at += next;
        }
        if (at > 0)
        {
            return at;
        }
        return char.IsLowSurrogate(text[max]) ? max - 1 : max;
    }
}
