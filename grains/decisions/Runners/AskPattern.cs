using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace Orchestrator.Decisions.Runners;

/// <summary>
/// Whether a command is one that a person must allow. Wider than what allows a command, so that the same act in another
/// spelling is asked about too: the program by any path and in any case, behind another one (<c>env git push</c>), and with
/// further words between the pattern's (<c>git --no-pager push</c>).
/// </summary>
internal static partial class AskPattern
{
    private static readonly string[] Endings = [".exe", ".cmd", ".bat", ".com"];

    /// <summary>True when the words are, or hold, a command that begins with the pattern's words.</summary>
    /// <param name="words">Program and arguments.</param>
    /// <param name="pattern">The lane's words.</param>
    /// <param name="behind">True: the program may be one that another is told to run; false for programs that run none.</param>
    public static bool Catches(IReadOnlyList<string> words, string pattern, bool behind)
    {
        var wanted = pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (wanted.Length == 0)
        {
            return false;
        }
        var program = Name(wanted[0]);
        for (var first = 0; first < (behind ? words.Count : Math.Min(1, words.Count)); first++)
        {
            if (Is(Name(words[first]), program) && Follow(words, first + 1, wanted))
            {
                return true;
            }
        }
        return false;
    }

    private static bool Follow(IReadOnlyList<string> words, int from, string[] wanted)
    {
        var next = 1;
        for (var i = from; i < words.Count && next < wanted.Length; i++)
        {
            if (Is(words[i], wanted[next]))
            {
                next++;
            }
        }
        return next == wanted.Length;
    }

    /// <summary>The program's name, without its folder and without what Windows adds to it.</summary>
    public static string Name(string word)
    {
        var name = word[(word.LastIndexOfAny(['/', '\\']) + 1)..];
        var ending = Array.Find(
            Endings,
            e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase) && name.Length > e.Length
        );
        return ending is null ? name : name[..^ending.Length];
    }

    // A shell puts files' names in the place of wildcards: 'git pus?' is 'git push' where there is a file of that name.
    private static bool Is(string word, string wanted) =>
        word.AsSpan().IndexOfAny("*?[") >= 0
            ? Matches(word, wanted)
            : word.Equals(wanted, StringComparison.OrdinalIgnoreCase);

    // A bracket stands for any one character here: rather asked about once too often.
    private static bool Matches(string wild, string text)
    {
        var simple = Bracket().Replace(wild, "?");
        return FileSystemName.MatchesSimpleExpression(simple, text, ignoreCase: true);
    }

    [GeneratedRegex(@"\[[^\]]*\]?", RegexOptions.CultureInvariant)]
    private static partial Regex Bracket();
}
