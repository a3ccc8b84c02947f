using System.Buffers;
using System.Globalization;

namespace Orchestrator.Decisions.Redaction;

/// <summary>
/// A token's published format as one line: text that stands as it is, and parts in braces, a class of characters with how
/// many of them. <c>{h32}</c> is 32 lower hex digits, <c>{a20+}</c> 20 alphanumerics and all that follow up
/// to <see cref="PartMax"/> (<c>{w10++}</c>: up to 6,000), <c>{a12..20}</c> between 12 and 20, <c>{uuid}</c> a UUID. Classes: <c>d</c> digits, <c>h</c> lower hex, <c>H</c> hex,
/// <c>m</c> one of M, N, O,
/// <c>l</c> lower and digits, <c>u</c> upper and digits, <c>a</c> alphanumeric, <c>s</c> with '_', <c>w</c> with '_' and
/// '-', <c>j</c> with '.' too, <c>q</c> as w with '=', <c>r</c> as j with '~', <c>b</c> base64, <c>x</c> with '_', <c>p</c> base64 as a URL
/// escapes it.
/// </summary>
/// <remarks>
/// What is found stays found when a mark takes the place of something in it or after it, or is lost: no mark holds a
/// character that a class or a text looks for. A last part of an exact length therefore must be of word characters, of
/// which none may follow.
/// </remarks>
internal sealed class TokenShape
{
    /// <summary>Most characters of a part that is open at its end.</summary>
    public const int PartMax = 2_048;

    // The parts of a JWT hold as many claims as its issuer likes.
    private const int LongPartMax = 6_000;

    private static readonly Dictionary<char, string> Classes = new()
    {
        ['d'] = "0123456789",
        ['h'] = "0123456789abcdef",
        ['m'] = "MNO",
        ['H'] = "0123456789abcdefABCDEF",
        ['l'] = "abcdefghijklmnopqrstuvwxyz0123456789",
        ['u'] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        ['a'] = Letters,
        ['s'] = Letters + "_",
        ['w'] = Letters + "_-",
        ['j'] = Letters + "_-.",
        ['q'] = Letters + "_-=",
        ['r'] = Letters + "_-.~",
        ['b'] = Letters + "+/=",
        ['x'] = Letters + "+/=_",
        ['p'] = Letters + "+/=%",
    };

    private static readonly Dictionary<char, SearchValues<char>> Sets = Classes.ToDictionary(
        c => c.Key,
        c => SearchValues.Create(c.Value)
    );

    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const string Uuid = "{H8}-{H4}-{H4}-{H4}-{H12}";
    private readonly Part[] parts;

    // A text at a fixed distance tells most of what is none of a shape that begins with a class.
    private readonly string early;
    private readonly int earlyAt;

    /// <param name="rule">The name that marks carry.</param>
    /// <param name="format">The format.</param>
    /// <param name="mixed">Digits and letters of both cases must be in it: its text before also begins ordinary words.</param>
    public TokenShape(string rule, string format, bool mixed = false)
    {
        Rule = rule;
        Format = format;
        Mixed = mixed;
        parts = [.. Read(format.Replace("{uuid}", Uuid, StringComparison.Ordinal))];
        Prefix = parts[0].Text;
        var texts = parts.TakeWhile(p => p.Text.Length > 0 || p.Min == p.Max).ToList();
        var first = texts.FindIndex(1, p => p.Text.Length > 0);
        early = Prefix.Length > 0 || first < 0 ? "" : parts[first].Text;
        earlyAt = early.Length == 0 ? 0 : parts.Take(first).Sum(p => p.Min);
        RunMin = Lead();
    }

    /// <summary>The name that marks carry.</summary>
    public string Rule { get; }

    /// <summary>As it was written.</summary>
    public string Format { get; }

    /// <summary>The text that it begins with, or empty.</summary>
    public string Prefix { get; }

    /// <summary>With how many characters of <see cref="TokenPlaces"/> in a row it begins, at least.</summary>
    public int RunMin { get; }

    private bool Mixed { get; }

    /// <summary>Where a token that begins here ends; or 0.</summary>
    public int End(ReadOnlySpan<char> text, int at)
    {
        if (
            early.Length > 0
            && (
                text.Length < at + earlyAt
                || !text[(at + earlyAt)..].StartsWith(early, StringComparison.Ordinal)
            )
        )
        {
            return 0;
        }
        var end = at;
        foreach (var part in parts)
        {
            if (part.Text.Length > 0)
            {
                if (!text[end..].StartsWith(part.Text, StringComparison.Ordinal))
                {
                    return 0;
                }
                end += part.Text.Length;
                continue;
            }
            var most = text[end..Math.Min(text.Length, end + part.Max)];
            var other = most.IndexOfAnyExcept(part.Of!);
            var run = other < 0 ? most.Length : other;
            if (run < part.Min)
            {
                return 0;
            }
            end += run;
        }
        return Closed(text, end) && (!Mixed || IsMixed(text[(at + Prefix.Length)..end])) ? end : 0;
    }

    // Of a part that ends somewhere nothing that could belong to it may follow.
    private bool Closed(ReadOnlySpan<char> text, int end) =>
        parts[^1].Max >= PartMax
        || end == text.Length
        || !(char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_');

    private static bool IsMixed(ReadOnlySpan<char> body) =>
        body.ContainsAnyInRange('0', '9')
        && body.ContainsAnyInRange('A', 'Z')
        && body.ContainsAnyInRange('a', 'z');

    private int Lead()
    {
        var lead = 0;
        foreach (var part in parts)
        {
            var characters = part.Text.Length > 0 ? part.Text : Classes[part.Class];
            var own = characters.AsSpan().IndexOfAnyExcept(TokenPlaces.Characters);
            if (own >= 0)
            {
                return lead + (part.Text.Length > 0 ? own : 0);
            }
            lead += part.Text.Length > 0 ? part.Text.Length : part.Min;
        }
        return lead;
    }

    private static IEnumerable<Part> Read(string format)
    {
        while (format.Length > 0)
        {
            var open = format.IndexOf('{', StringComparison.Ordinal);
            if (open != 0)
            {
                var text = open < 0 ? format : format[..open];
                yield return new Part(text, null, '\0', 0, 0);
                format = format[text.Length..];
                continue;
            }
            var close = format.IndexOf('}', StringComparison.Ordinal);
            var (min, max) = Count(format[2..close]);
            yield return new Part("", Sets[format[1]], format[1], min, max);
            format = format[(close + 1)..];
        }
    }

    private static (int Min, int Max) Count(string text)
    {
        if (text[^1] == '+')
        {
            return (Number(text.TrimEnd('+')), text[^2] == '+' ? LongPartMax : PartMax);
        }
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        return dots < 0
            ? (Number(text), Number(text))
            : (Number(text[..dots]), Number(text[(dots + 2)..]));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    // A text, or a class with how many of it.
    private sealed record Part(string Text, SearchValues<char>? Of, char Class, int Min, int Max);
}
