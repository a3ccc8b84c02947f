using System.Globalization;
using System.Text;

namespace Orchestrator.Decisions.Runners;

/// <summary>A line that a patch adds.</summary>
/// <param name="Path">The file, as in the new tree.</param>
/// <param name="Line">Its number there, from 1.</param>
/// <param name="Text">Without the leading '+'.</param>
public sealed record AddedLine(string Path, int Line, string Text);

/// <summary>A line of a patch's hunk.</summary>
/// <param name="Sign">'+' when the patch adds it, '-' when it removes it, ' ' when it stays.</param>
/// <param name="Path">The file, as in the new tree.</param>
/// <param name="Line">Its number there, from 1; of a removed line that of the line behind it.</param>
/// <param name="Text">Without the sign.</param>
public readonly record struct PatchLine(char Sign, string Path, int Line, string Text);

/// <summary>Reads the lines of a patch as git writes it. Counts each hunk's lines, so that no content can pass for a header.</summary>
public static class PatchReader
{
    /// <summary>Most characters of a line that are looked at; the rest of a longer one is not.</summary>
    public const int LineCharactersMax = 16 * 1024 * 1024;

    /// <summary>The added lines in order. Whatever is no text patch adds none.</summary>
    public static IEnumerable<AddedLine> Added(ReadOnlyMemory<byte> patch) =>
        Lines(patch).Where(l => l.Sign == '+').Select(l => new AddedLine(l.Path, l.Line, l.Text));

    /// <summary>All lines of all hunks, in order.</summary>
    public static IEnumerable<PatchLine> Lines(ReadOnlyMemory<byte> patch)
    {
        var path = "";
        var line = 0;
        var oldLeft = 0;
        var newLeft = 0;
        while (!patch.IsEmpty)
        {
            var end = patch.Span.IndexOf((byte)'\n');
            var raw = end < 0 ? patch : patch[..end];
            patch = end < 0 ? default : patch[(end + 1)..];
            var first = raw.IsEmpty ? (byte)' ' : raw.Span[0];
            if (oldLeft > 0 || newLeft > 0)
            {
                switch (first)
                {
                    case (byte)'+':
                        newLeft--;
                        yield return new PatchLine('+', path, line++, Text(raw[1..]));
                        break;
                    case (byte)'-':
                        oldLeft--;
                        yield return new PatchLine('-', path, line, Text(raw[1..]));
                        break;
                    case (byte)'\\': // "\ No newline at end of file"
                        break;
                    default:
                        oldLeft--;
                        newLeft--;
                        yield return new PatchLine(
                            ' ',
                            path,
                            line++,
                            Text(raw.IsEmpty ? raw : raw[1..])
                        );
                        break;
                }
            }
            else if (first == (byte)'+' && raw.Span.StartsWith("+++ "u8))
            {
                path = Name(Text(raw[4..]));
            }
            else if (first == (byte)'@' && Hunk(Text(raw)) is { } hunk)
            {
                (line, oldLeft, newLeft) = hunk;
            }
        }
    }

    private static string Text(ReadOnlyMemory<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.Span[..Math.Min(bytes.Length, LineCharactersMax)]);

    // "b/name", with a tab and a time behind it as diff writes it, or "\"b/na\\tme\"" where the name holds quotes, backslashes or control characters.
    private static string Name(string text)
    {
        text = text.TrimEnd('\t', '\r');
        text = text is ['"', .., '"'] ? Unquote(text[1..^1]) : text.Split('\t', 2)[0];
        return text.StartsWith("b/", StringComparison.Ordinal) ? text[2..] : text;
    }

    private static string Unquote(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text, i, 1));
                continue;
            }
            i++;
            if (text[i] is >= '0' and <= '3' && i + 2 < text.Length)
            {
                bytes.Add(
                    (byte)(((text[i] & 7) << 6) | ((text[i + 1] & 7) << 3) | (text[i + 2] & 7))
                );
                i += 2;
                continue;
            }
            bytes.Add(
                text[i] switch
                {
                    'a' => 7,
                    'b' => 8,
                    't' => 9,
                    'n' => 10,
                    'v' => 11,
                    'f' => 12,
                    'r' => 13,
                    var other => (byte)(other < 128 ? other : '?'),
                }
            );
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    // "@@ -12,3 +14,5 @@ heading"; a count that is left out is 1
    private static (int Line, int Old, int New)? Hunk(string header)
    {
        var parts = header.Split(' ', 4);
        return
            parts.Length >= 3
            && parts[0] == "@@"
            && Range(parts[1], '-') is { } old
            && Range(parts[2], '+') is { } fresh
            ? (fresh.Start, old.Count, fresh.Count)
            : null;
    }

    private static (int Start, int Count)? Range(string text, char sign)
    {
        if (text.Length < 2 || text[0] != sign)
        {
            return null;
        }
        var parts = text[1..].Split(',');
        return
            parts.Length <= 2
            && Number(parts[0]) is { } start
            && (parts.Length == 1 ? 1 : Number(parts[1])) is { } count
            ? (start, count)
            : null;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;
}
