using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Orchestrator.Decisions.Policy;

/// <summary>
/// One spelling for all that look and mean the same: canonically decomposed (Hangul composed), without case and without
/// characters that some file systems ignore. An own table, because the product runs without culture data, where the
/// platform's <c>Normalize</c> hands every text back as it is.
/// </summary>
internal static class CanonicalForm
{
    private const int HangulFirst = 0xAC00;
    private const int HangulLast = 0xD7A3;
    private const int LeadFirst = 0x1100;
    private const int LeadCount = 19;
    private const int VowelFirst = 0x1161;
    private const int VowelCount = 21;
    private const int TailFirst = 0x11A7; // one before the first: no tail
    private const int TailCount = 28;

    private static readonly Lazy<Tables> Data = new(Load);

    private sealed record Tables(
        FrozenDictionary<int, int[]> Parts,
        FrozenDictionary<int, byte> Classes
    );

    /// <summary>The form that texts are compared in. <c>ſ</c> is <c>s</c>, dotless <c>ı</c> is <c>i</c>, <c>ß</c> is <c>ss</c>, so that <c>?</c> matches half of it.</summary>
    public static string Fold(string text)
    {
        if (System.Text.Ascii.IsValid(text))
        {
            return Lowered(text);
        }
        var parts = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsIgnored(rune))
            {
                Decompose(rune.Value, parts);
            }
        }
        // The cases of a letter may be composed of different marks: fold, then decompose what came of it.
        var folded = new List<int>(parts.Count);
        foreach (var part in parts)
        {
            if (Spelled(part) is { Length: > 0 } letters)
            {
                folded.AddRange(letters.Select(l => (int)l));
                continue;
            }
            Decompose(FoldCase(part), folded);
        }
        Order(folded);
        return Text(folded);
    }

    /// <summary>True for characters without a look of their own (zero width, direction marks): some file systems skip them.</summary>
    public static bool IsIgnored(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x3164 or (>= 0xFE00 and <= 0xFE0F);

    private static string Lowered(string text)
    {
        foreach (var c in text)
        {
            if (char.IsAsciiLetterUpper(c))
            {
                return text.ToLowerInvariant();
            }
        }
        return text;
    }

    // Letters that are two or three in another case: file systems that fold all of Unicode (APFS, ext4 with casefold) take
    // "Straße" and "STRASSE" for one name.
    private static string Spelled(int code) =>
        code switch
        {
            0x00DF or 0x1E9E => "ss",
            0xFB00 => "ff",
            0xFB01 => "fi",
            0xFB02 => "fl",
            0xFB03 => "ffi",
            0xFB04 => "ffl",
            0xFB05 or 0xFB06 => "st",
            _ => "",
        };

    private static int FoldCase(int code) =>
        code switch
        {
            0x017F => 's',
            0x0131 => 'i',
            _ => Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(code))).Value,
        };

    private static void Decompose(int code, List<int> parts)
    {
        if (code < 0x80)
        {
            parts.Add(code);
        }
        else if (Data.Value.Parts.TryGetValue(code, out var own))
        {
            parts.AddRange(own);
        }
        else
        {
            AddHangul(code, parts);
        }
    }

    // Composed Hangul stays; conjoining letters are put together, so that one syllable is one character either way.
    private static void AddHangul(int code, List<int> parts)
    {
        var last = parts.Count > 0 ? parts[^1] : 0;
        if (
            code is >= VowelFirst and < VowelFirst + VowelCount
            && last is >= LeadFirst and < LeadFirst + LeadCount
        )
        {
            parts[^1] =
                HangulFirst
                + ((((last - LeadFirst) * VowelCount) + (code - VowelFirst)) * TailCount);
        }
        else if (
            code is > TailFirst and < TailFirst + TailCount
            && last is >= HangulFirst and <= HangulLast
            && (last - HangulFirst) % TailCount == 0
        )
        {
            parts[^1] = last + code - TailFirst;
        }
        else
        {
            parts.Add(code);
        }
    }

    // Marks in the order of their classes; within a class their own order counts.
    private static void Order(List<int> parts)
    {
        var classes = Data.Value.Classes;
        var at = 0;
        while (at < parts.Count)
        {
            var end = at;
            while (end < parts.Count && classes.ContainsKey(parts[end]))
            {
                end++;
            }
            if (end - at > 1)
            {
                var marks = parts[at..end].OrderBy(p => classes[p]).ToList(); // a stable sort
                for (var i = 0; i < marks.Count; i++)
                {
                    parts[at + i] = marks[i];
                }
            }
            at = Math.Max(end, at + 1);
        }
    }

    private static string Text(List<int> parts)
    {
        var text = new StringBuilder(parts.Count);
        Span<char> units = stackalloc char[2];
        foreach (var part in parts)
        {
            text.Append(units[..new Rune(part).EncodeToUtf16(units)]);
        }
        return text.ToString();
    }

    private static Tables Load()
    {
        using var stream = typeof(CanonicalForm).Assembly.GetManifestResourceStream(
            "policy/canonical-forms.txt"
        )!;
        using var reader = new StreamReader(stream);
        var parts = new Dictionary<int, int[]>();
        var classes = new Dictionary<int, byte>();
        foreach (var line in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '#')
            {
                continue;
            }
            var cut = line.IndexOfAny(['=', ':']);
            if (line[cut] == '=')
            {
                parts[Hex(line[..cut])] = [.. line[(cut + 1)..].Split(' ').Select(Hex)];
                continue;
            }
            var dots = line.IndexOf("..", StringComparison.Ordinal);
            var of = byte.Parse(line[(cut + 1)..], CultureInfo.InvariantCulture);
            for (var code = Hex(line[..dots]); code <= Hex(line[(dots + 2)..cut]); code++)
            {
                classes[code] = of;
            }
        }
        return new Tables(parts.ToFrozenDictionary(), classes.ToFrozenDictionary());
    }

    private static int Hex(string text) =>
        int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
