namespace Orchestrator.Decisions.Runners;

/// <summary>
/// What words of a reading program's command line mean: which make it write or run something, which are patterns and no
/// paths. Programs of GNU take a long option shortened and several short ones behind one dash, the value glued to the last.
/// </summary>
internal static class ReadingOptions
{
    // Options by which a program that reads writes or runs something.
    private static readonly Dictionary<string, string[]> Long = new(StringComparer.Ordinal)
    {
        ["sort"] = ["--output", "--compress-program"],
        ["rg"] = ["--pre", "--hostname-bin"],
        ["file"] = ["--compile"],
        ["date"] = ["--set"],
    };

    // The letter, and the letters behind which a value follows that it may be part of.
    private static readonly Dictionary<string, (char Letter, string Values)> Short = new(
        StringComparer.Ordinal
    )
    {
        ["sort"] = ('o', ""),
        ["tree"] = ('o', ""),
        ["file"] = ('C', ""),
        ["date"] = ('s', "dfrI"),
    };

    // Letters whose glued value is a sign, a date or a pattern: "cut -d/".
    private static readonly Dictionary<string, string> NoFiles = new(StringComparer.Ordinal)
    {
        ["cut"] = "dbcf",
        ["sort"] = "tk",
        ["paste"] = "d",
        ["date"] = "dI",
        ["diff"] = "IxF",
        ["tree"] = "PI",
        ["ls"] = "I",
        ["rg"] = "gtTr",
        ["git"] = "SG",
    };

    private static readonly string[] Found = ["-exec", "-ok", "-delete", "-fprint", "-fls"];

    /// <summary>True when an option makes the program do more than read.</summary>
    public static bool GoBeyond(string program, IReadOnlyCollection<string> words) =>
        program == "find"
            ? words.Any(w => Found.Any(f => w.StartsWith(f, StringComparison.Ordinal)))
            : words.Any(w =>
                (Long.TryGetValue(program, out var names) && names.Any(n => Names(w, n)))
                || (
                    Short.TryGetValue(program, out var option)
                    && Has(w, option.Letter, option.Values)
                )
            );

    /// <summary>True when the word names the long option: whole or shortened, with or without a value.</summary>
    public static bool Names(string word, string option)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        return name.Length > 2
            && name.StartsWith("--", StringComparison.Ordinal)
            && (
                option.StartsWith(name, StringComparison.Ordinal)
                || name.StartsWith(option, StringComparison.Ordinal)
            );
    }

    /// <summary>True when the letter is among the short options of the word.</summary>
    /// <param name="word">E.g. <c>-rn</c>.</param>
    /// <param name="letter">The option.</param>
    /// <param name="values">Options whose value is what follows them in the word.</param>
    public static bool Has(string word, char letter, string values)
    {
        if (word is not ['-', not '-', ..])
        {
            return false;
        }
        foreach (var c in word.AsSpan(1))
        {
            if (c == letter)
            {
                return true;
            }
            if (values.Contains(c))
            {
                return false;
            }
        }
        return false;
    }

    /// <summary>What may be a file's name in a word of short options: each end of it, whichever letter takes it.</summary>
    public static IEnumerable<string> Glued(string program, string word) =>
        word is ['-', not '-', _, ..]
        && !(NoFiles.TryGetValue(program, out var letters) && letters.Contains(word[1]))
            ? Enumerable.Range(2, word.Length - 2).Select(at => word[at..])
            : [];

    /// <summary>Places of the words that are patterns, or said and not opened; of the rest each may be a path.</summary>
    public static HashSet<int> Patterns(string[] words) =>
        words[0] switch
        {
            "echo" or "printf" => [.. Enumerable.Range(1, words.Length - 1)],
            "sed" or "tr" => FirstPlain(words),
            "jq" when words.Skip(1).Any(w => Has(w, 'f', "") || Names(w, "--from-file")) => [],
            "jq" => FirstPlain(words),
            "grep" or "egrep" or "fgrep" or "rg" => OfSearch(words),
            _ => [],
        };

    /// <summary>Where <c>cd</c> leads; null = not to a folder that the line names: home, or where it was before.</summary>
    public static string? FolderOf(string[] words)
    {
        var at = 1;
        while (at < words.Length && words[at] is "-L" or "-P" or "-e" or "-@")
        {
            at++;
        }
        if (at < words.Length && words[at] == "--")
        {
            at++;
        }
        return at == words.Length - 1 && words[at] is not ("" or ['-', ..]) ? words[at] : null;
    }

    private static HashSet<int> FirstPlain(string[] words)
    {
        var first = Array.FindIndex(words, 1, w => !w.StartsWith('-'));
        return first < 0 ? [] : [first];
    }

    // The first plain word is the pattern, unless an option brings one from wherever in the line: then it is a file.
    private static HashSet<int> OfSearch(string[] words)
    {
        var patterns = new HashSet<int>();
        var brought = false;
        var first = -1;
        var ended = false;
        for (var i = 1; i < words.Length; i++)
        {
            var word = words[i];
            if (ended || word is not ['-', _, ..])
            {
                first = first < 0 ? i : first;
            }
            else if (word == "--")
            {
                ended = true;
            }
            else if (word.StartsWith("--", StringComparison.Ordinal))
            {
                var pattern = Names(word, "--regexp");
                brought |=
                    pattern
                    || word == "--files"
                    || (
                        Names(word, "--file")
                        && !word.StartsWith("--files", StringComparison.Ordinal)
                    );
                if (pattern && !word.Contains('=', StringComparison.Ordinal))
                {
                    patterns.Add(++i);
                }
                else if (pattern)
                {
                    patterns.Add(i);
                }
            }
            else if (word.AsSpan(1).IndexOfAny('e', 'f') is var at and >= 0)
            {
                brought = true;
                if (word[at + 1] == 'e')
                {
                    // Glued to it, or the next word.
                    patterns.Add(at + 2 == word.Length ? ++i : i);
                }
            }
        }
        if (!brought && first > 0)
        {
            patterns.Add(first);
        }
        return patterns;
    }
}
