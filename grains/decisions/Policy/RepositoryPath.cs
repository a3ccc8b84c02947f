using System.Buffers;
using System.Globalization;
using System.Text;

namespace Orchestrator.Decisions.Policy;

/// <summary>
/// A path below a repository's root, as rules see it. <see cref="Key"/> is one for all spellings of a path: '/' and '\'
/// separate, <c>.</c> and <c>..</c> are resolved, Unicode forms are one, case does not count, and neither do the trailing
/// dots and blanks and the <c>:stream</c> that Windows drops. Case never counts, on no platform: a repository is checked
/// out on all of them, and a rule that only one spelling obeys is a rule with a way around it.
/// </summary>
internal sealed class RepositoryPath
{
    private const int ShownMax = 300;

    // Neither a separator nor something that needs a closer look.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789_-+@#,=()[]{}!$%&'^;ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    );

    private RepositoryPath(string shown, string key, bool escapes, string oddity)
    {
        Shown = shown;
        Key = key;
        Escapes = escapes;
        Oddity = oddity;
    }

    /// <summary>For people: as it was written, control characters made visible, at most 300 characters.</summary>
    public string Shown { get; }

    /// <summary>What is compared: lower case, '/' between parts; empty = the root itself.</summary>
    public string Key { get; }

    /// <summary>True when it leaves the repository: absolute, or more <c>..</c> than folders.</summary>
    public bool Escapes { get; }

    /// <summary>What a file system may read differently than it is written; empty = nothing.</summary>
    public string Oddity { get; }

    /// <summary>True when a part of it is git's own folder.</summary>
    public bool IsGitInternal =>
        Key == ".git"
        || Key.StartsWith(".git/", StringComparison.Ordinal)
        || Key.EndsWith("/.git", StringComparison.Ordinal)
        || Key.Contains("/.git/", StringComparison.Ordinal);

    /// <summary>Reads a path as somebody wrote it.</summary>
    public static RepositoryPath Of(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var escapes = IsAbsolute(path);
        var oddity = path.Length == 0 ? "it is empty" : "";
        var parts = new List<string>(8);
        foreach (var range in path.AsSpan().SplitAny('/', '\\'))
        {
            var part = path.AsSpan()[range];
            if (part.Length == 0 || part is ".")
            {
                continue;
            }
            if (part is "..")
            {
                escapes |= parts.Count == 0;
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
                continue;
            }
            if (!part.ContainsAnyExcept(Plain))
            {
                oddity = oddity.Length > 0 ? oddity : Reserved(part);
                parts.Add(Lowered(part));
                continue;
            }
            oddity = oddity.Length > 0 ? oddity : OddityOf(part);
            var kept = Kept(part);
            if (kept.Length == 0)
            {
                // Only dots and blanks: some systems read it as "..".
                escapes |= part.Count('.') > 1;
                continue;
            }
            parts.Add(CanonicalForm.Fold(kept.ToString()));
        }
        return new RepositoryPath(ShownOf(path), string.Join('/', parts), escapes, oddity);
    }

    /// <summary>True for what names a place of its own, on any platform.</summary>
    public static bool IsAbsolute(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path is ['/' or '\\', ..]
            || (path is [var drive, ':', ..] && char.IsAsciiLetter(drive));
    }

    /// <summary>The part without what Windows drops: a stream's name, trailing dots and blanks.</summary>
    private static ReadOnlySpan<char> Kept(ReadOnlySpan<char> part)
    {
        var colon = part.IndexOf(':');
        var kept = colon >= 0 ? part[..colon] : part;
        return kept.TrimEnd(". ");
    }

    private static string Lowered(ReadOnlySpan<char> part) =>
        string.Create(part.Length, part, static (to, from) => from.ToLowerInvariant(to));

    private static string OddityOf(ReadOnlySpan<char> part)
    {
        if (part.Contains(':'))
        {
            return "it holds ':', which on Windows begins a stream or a drive";
        }
        if (part[^1] is '.' or ' ')
        {
            return "a part of it ends with a dot or a blank, which Windows drops";
        }
        foreach (var rune in part.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029)
            {
                return "it holds a control character";
            }
            if (rune == Rune.ReplacementChar)
            {
                return "it is no valid UTF-8";
            }
            if (rune.IsAscii && "<>\"|?*".Contains((char)rune.Value, StringComparison.Ordinal))
            {
                return $"it holds '{rune}', which no file on Windows may";
            }
            // Joiners are part of names in some scripts and of emoji; rules do not see them anyway.
            if (
                CanonicalForm.IsIgnored(rune)
                && rune.Value is not (0x200C or 0x200D or (>= 0xFE00 and <= 0xFE0F))
            )
            {
                return "it holds a character that cannot be seen";
            }
        }
        return IsShortName(part)
            ? "a part of it looks like a short (8.3) name of another file"
            : Reserved(part);
    }

    // NAME~1.EXT: what Windows calls a longer name of the same folder.
    private static bool IsShortName(ReadOnlySpan<char> part)
    {
        var dot = part.IndexOf('.');
        var name = dot >= 0 ? part[..dot] : part;
        var tilde = name.LastIndexOf('~');
        return tilde > 0
            && name.Length <= 8
            && tilde + 1 < name.Length
            && !name[(tilde + 1)..].ContainsAnyExceptInRange('0', '9')
            && (dot < 0 || part.Length - dot <= 4);
    }

    /// <summary>Why a name is none on Windows; empty = it is one.</summary>
    internal static string Reserved(ReadOnlySpan<char> part)
    {
        var dot = part.IndexOf('.');
        var name = (dot >= 0 ? part[..dot] : part).TrimEnd(' ');
        var device = name.Length switch
        {
            3 => Is(name, "con") || Is(name, "prn") || Is(name, "aux") || Is(name, "nul"),
            4 => (Is(name[..3], "com") || Is(name[..3], "lpt"))
                && name[3] is (>= '0' and <= '9') or '¹' or '²' or '³',
            6 => Is(name, "conin$"),
            7 => Is(name, "conout$"),
            _ => false,
        };
        return device ? $"'{name}' is a device on Windows" : "";
    }

    private static bool Is(ReadOnlySpan<char> part, string name) =>
        part.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string ShownOf(string path)
    {
        var shown = path.Length > ShownMax ? path[..ShownMax] + "…" : path;
        if (Ascii.IsValid(shown) && !shown.AsSpan().ContainsAnyInRange('\0', '\u001f'))
        {
            return shown;
        }
        var text = new StringBuilder(shown.Length);
        foreach (var rune in shown.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || CanonicalForm.IsIgnored(rune))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
            else
            {
                text.Append(rune);
            }
        }
        return text.ToString();
    }
}
