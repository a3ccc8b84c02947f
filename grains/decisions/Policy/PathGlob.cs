using System.Globalization;
using System.Text;

namespace Orchestrator.Decisions.Policy;

/// <summary>
/// A pattern of paths, anchored at the repository's root: <c>*</c> and <c>?</c> within a part, <c>**</c> for any number of
/// parts, <c>{a,b}</c> for either. <c>docs/**</c>, also written <c>docs/</c>, is the folder with all below it. A match costs
/// at most parts times parts of the pattern: nothing is tried twice.
/// </summary>
internal sealed class PathGlob
{
    /// <summary>Longest pattern, in characters.</summary>
    public const int CharactersMax = 400;

    /// <summary>Most patterns that the braces of one may stand for.</summary>
    public const int WaysMax = 64;

    private const string Any = "**";
    private readonly Way[] ways;

    private PathGlob(string text, Way[] ways, IReadOnlyList<string> plain)
    {
        Text = text;
        Plain = plain;
        this.ways = ways;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The patterns without braces that it stands for, 1 to 64; <c>docs/</c> is <c>docs/**</c>.</summary>
    public IReadOnlyList<string> Plain { get; }

    /// <summary>Reads a pattern; null with the problem when it is malformed or can match no path.</summary>
    public static PathGlob? Read(string text, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<string>();
        problem = Malformed(text) ?? Expand(text, found) ?? "";
        if (problem.Length > 0)
        {
            return null;
        }
        var ways = new List<Way>();
        foreach (var way in found)
        {
            if (Way.Read(way, out problem) is not { } made)
            {
                return null;
            }
            ways.Add(made);
        }
        return new PathGlob(text, [.. ways], [.. found.Select(Once)]);
    }

    /// <summary>True when the path's key is one of the pattern's.</summary>
    public bool Matches(string key)
    {
        foreach (var way in ways)
        {
            if (way.Matches(key))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>True when the folder of that key is matched, or something below it may be.</summary>
    public bool MayHold(string key) => Array.Exists(ways, w => w.Matches(key) || w.MayHold(key));

    /// <summary>True when it surely matches all that the other does. False says nothing.</summary>
    public bool Covers(PathGlob other) => other.ways.All(o => Array.Exists(ways, w => w.Covers(o)));

    private static string? Malformed(string text)
    {
        if (text.Length is 0 or > CharactersMax)
        {
            return $"has {text.Length} characters; 1 to {CharactersMax} are taken";
        }
        if (text[0] == '!')
        {
            return "begins with '!'; patterns are not turned round: use the list of what is denied";
        }
        if (RepositoryPath.IsAbsolute(text))
        {
            return "is absolute; patterns begin at the repository's root, without '/' or a drive";
        }
        foreach (var (c, cure) in Refused)
        {
            if (text.Contains(c, StringComparison.Ordinal))
            {
                return $"holds '{c}'; {cure}";
            }
        }
        return text.Any(char.IsControl) ? "holds a control character" : null;
    }

    private static readonly (char, string)[] Refused =
    [
        ('\\', "folders are separated by '/'"),
        ('[', "sets of characters are not known: use ? for one character"),
        (']', "sets of characters are not known: use ? for one character"),
        (':', "no path holds it"),
        ('<', "no path holds it"),
        ('>', "no path holds it"),
        ('"', "no path holds it"),
        ('|', "no path holds it"),
    ];

    private static string? Expand(string text, List<string> found)
    {
        var todo = new Stack<string>([text]);
        while (todo.TryPop(out var next))
        {
            var open = next.IndexOf('{', StringComparison.Ordinal);
            var close = next.IndexOf('}', StringComparison.Ordinal);
            if (open < 0 && close < 0)
            {
                found.Add(next);
            }
            else if (open < 0 || close < open)
            {
                return "has a '{' or '}' without the other";
            }
            else if (next.IndexOf('{', open + 1) is var second && second >= 0 && second < close)
            {
                return "has braces in braces; write them out";
            }
            else
            {
                foreach (var choice in next[(open + 1)..close].Split(','))
                {
                    todo.Push(next[..open] + choice + next[(close + 1)..]);
                }
            }
            if (found.Count + todo.Count > WaysMax)
            {
                return $"stands for more than {WaysMax} patterns; write a wider one";
            }
        }
        return null;
    }

    private static string Once(string way)
    {
        var whole = way.EndsWith('/') ? way + Any : way;
        while (whole.Contains("**/**", StringComparison.Ordinal))
        {
            whole = whole.Replace("**/**", Any, StringComparison.Ordinal);
        }
        return whole;
    }

    /// <summary>A pattern without braces.</summary>
    private sealed class Way
    {
        private enum Shape
        {
            Parts = 0,
            All = 1,
            Exact = 2,
            Folder = 3,
            Name = 4,
            Ending = 5,
        }

        private readonly string[] parts;
        private readonly Shape shape;
        private readonly string literal;

        private Way(string[] parts)
        {
            this.parts = parts;
            var wild = parts.Count(IsWild);
            (shape, literal) = parts switch
            {
                [Any] => (Shape.All, ""),
                _ when wild == 0 => (Shape.Exact, string.Join('/', parts)),
                [.., Any] when wild == 1 => (Shape.Folder, string.Join('/', parts[..^1])),
                [Any, var name] when wild == 1 => (Shape.Name, name),
                [Any, ['*', .. var rest]] when !IsWild(rest) => (Shape.Ending, rest),
                _ => (Shape.Parts, ""),
            };
        }

        public static Way? Read(string text, out string problem)
        {
            var whole = text.EndsWith('/') ? text + Any : text;
            var parts = new List<string>();
            foreach (var part in whole.Split('/'))
            {
                problem = Problem(part);
                if (problem.Length > 0)
                {
                    return null;
                }
                if (part != Any || parts.Count == 0 || parts[^1] != Any)
                {
                    parts.Add(CanonicalForm.Fold(part));
                }
            }
            problem = "";
            return new Way([.. parts]);
        }

        public bool Matches(string key) =>
            shape switch
            {
                Shape.All => true,
                Shape.Exact => key == literal,
                Shape.Folder => IsBelow(key, literal),
                Shape.Name => key.EndsWith(literal, StringComparison.Ordinal)
                    && (key.Length == literal.Length || key[^(literal.Length + 1)] == '/'),
                Shape.Ending => key.EndsWith(literal, StringComparison.Ordinal),
                _ => MatchesParts(key),
            };

        public bool MayHold(string key)
        {
            if (key.Length == 0)
            {
                return true;
            }
            var i = 0;
            foreach (var range in key.AsSpan().Split('/'))
            {
                if (i == parts.Length)
                {
                    return false;
                }
                if (parts[i] == Any)
                {
                    return true;
                }
                if (!Wildcard.Matches(key.AsSpan()[range], parts[i]))
                {
                    return false;
                }
                i++;
            }
            return i < parts.Length;
        }

        public bool Covers(Way other) =>
            shape == Shape.All
            || parts.AsSpan().SequenceEqual(other.parts)
            || (
                shape == Shape.Folder
                && IsBelow(string.Join('/', other.parts.TakeWhile(p => !IsWild(p))), literal)
            )
            || (other.shape == Shape.Exact && Matches(other.literal));

        private static string Problem(string part) =>
            part switch
            {
                "" => "has two '/' beside each other",
                "." or ".." => $"holds '{part}', which no path keeps: paths are resolved first",
                Any => "",
                _ when part.Contains(Any, StringComparison.Ordinal) =>
                    "has '**' beside other characters; it stands alone between two '/'",
                [.., '.' or ' '] =>
                    "has a part that ends with a dot or a blank, which no path keeps",
                _ => "",
            };

        private static bool IsWild(string part) =>
            part.Contains('*', StringComparison.Ordinal)
            || part.Contains('?', StringComparison.Ordinal);

        private static bool IsBelow(string key, string folder) =>
            key.StartsWith(folder, StringComparison.Ordinal)
            && (key.Length == folder.Length || key[folder.Length] == '/');

        // Only the last ** is ever tried again: what an earlier one could take, it can take too.
        private bool MatchesParts(string key)
        {
            var (at, part) = (0, 0);
            var (retryAt, retryPart) = (-1, -1);
            while (at <= key.Length)
            {
                var end = key.IndexOf('/', at);
                end = end < 0 ? key.Length : end;
                if (part < parts.Length && parts[part] == Any)
                {
                    (retryAt, retryPart) = (at, ++part);
                }
                else if (
                    part < parts.Length
                    && Wildcard.Matches(key.AsSpan(at, end - at), parts[part])
                )
                {
                    (at, part) = (end + 1, part + 1);
                }
                else if (retryPart >= 0)
                {
                    if (retryPart == parts.Length)
                    {
                        return true;
                    }
                    var next = key.IndexOf('/', retryAt);
                    retryAt = next < 0 ? key.Length + 1 : next + 1;
                    (at, part) = (retryAt, retryPart);
                }
                else
                {
                    return false;
                }
            }
            while (part < parts.Length && parts[part] == Any)
            {
                part++;
            }
            return part == parts.Length;
        }
    }
}

/// <summary><c>*</c> and <c>?</c> in a text without parts: a name, or one part of a path. Both sides are folded.</summary>
internal static class Wildcard
{
    /// <summary>True when the whole text is of the pattern. A <c>?</c> takes a letter with all its marks.</summary>
    public static bool Matches(ReadOnlySpan<char> text, string pattern)
    {
        var (at, next) = (0, 0);
        var (retryAt, retryNext) = (-1, -1);
        while (at < text.Length)
        {
            if (next < pattern.Length && pattern[next] == '*')
            {
                (retryAt, retryNext) = (at, ++next);
            }
            else if (next < pattern.Length && pattern[next] == '?')
            {
                (at, next) = (at + LetterLength(text[at..]), next + 1);
            }
            else if (next < pattern.Length && pattern[next] == text[at])
            {
                (at, next) = (at + 1, next + 1);
            }
            else if (retryNext >= 0)
            {
                (at, next) = (++retryAt, retryNext);
            }
            else
            {
                return false;
            }
        }
        while (next < pattern.Length && pattern[next] == '*')
        {
            next++;
        }
        return next == pattern.Length;
    }

    private static int LetterLength(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out _, out var length);
        while (length < text.Length && IsMark(text[length..], out var more))
        {
            length += more;
        }
        return length;
    }

    private static bool IsMark(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out var rune, out length);
        return Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark;
    }
}
