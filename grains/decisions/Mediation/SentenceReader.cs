using System.Text.RegularExpressions;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Mediation;

/// <summary>
/// Reads a plain sentence by fixed rules: the fallback when no model answers. Word-bound and negation aware; read-only
/// when in doubt. Outcomes for plain sentences are the predecessor's: edit words give a fix, review words a review.
/// </summary>
public static partial class SentenceReader
{
    private const int TitleMax = 80;
    private const int WindowWords = 4;

    private static readonly HashSet<string> EditWords = Set(
        "fix fixes repair add adds create implement implements change modify update edit write rename remove delete refactor replace rewrite migrate move convert upgrade improve optimize make build extend append insert correct resolve"
    );

    private static readonly HashSet<string> ReviewWords = Set("review check audit inspect assess");

    private static readonly HashSet<string> SummaryWords = Set(
        "summary summarize summarise outline overview"
    );

    private static readonly HashSet<string> DocumentationWords = Set(
        "document documentation docs readme docstring docstrings"
    );

    private static readonly HashSet<string> AskWords = Set(
        "what why how where which who when explain analyze analyse find list show describe tell"
    );

    private static readonly HashSet<string> Negations = Set(
        "not no never don't dont without nothing avoid cannot can't won't"
    );

    // "the error handling", "an update": a noun by its article, no order.
    private static readonly HashSet<string> Articles = Set(
        "the a an this that these those its their our your my any of for about"
    );

    /// <summary>The kind of work, never unknown.</summary>
    public static TaskKind KindOf(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        var words = Words(sentence);
        var edit = FirstOrder(words, EditWords);
        var review = FirstOrder(words, ReviewWords);
        var summary = First(words, SummaryWords);
        if (edit >= 0 && !ForbidsWriting(words))
        {
            // The order that comes first rules: "review and fix" still writes, "review the fix" does not.
            if (
                First(words, DocumentationWords) is var docs and >= 0
                && docs > edit
                && docs - edit <= WindowWords
            )
            {
                return TaskKind.Documentation;
            }
            return First(words, AskWords) == 0 ? TaskKind.Analyze : TaskKind.Fix;
        }
        if (review >= 0)
        {
            return TaskKind.CodeReview;
        }
        if (summary >= 0)
        {
            return TaskKind.Summarize;
        }
        return words.Count > 0 && words[0] == "document"
            ? TaskKind.Documentation
            : TaskKind.Analyze;
    }

    /// <summary>A title: the first line, cut at a word.</summary>
    public static string TitleOf(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        var line =
            sentence
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .FirstOrDefault()
            ?? "";
        line = Blank().Replace(line, " ");
        if (line.Length <= TitleMax)
        {
            return line.Length > 0 ? line : "Untitled task";
        }
        var cut = line.LastIndexOf(' ', TitleMax);
        return line[..(cut > TitleMax / 2 ? cut : TitleMax)] + "…";
    }

    /// <summary>Files that the sentence names: words with a known shape of a path. At most 20.</summary>
    public static IReadOnlyList<string> FilesOf(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        return
        [
            .. PathWord()
                .Matches(sentence.Length > 32_000 ? sentence[..32_000] : sentence)
                .Select(m => m.Value.TrimEnd('.', ',', ':', ';').Replace('\\', '/'))
                .Where(p =>
                    !p.StartsWith("//", StringComparison.Ordinal)
                    && !p.Contains("..", StringComparison.Ordinal)
                    && !p.StartsWith('/')
                )
                .Distinct(StringComparer.Ordinal)
                .Take(20),
        ];
    }

    private static bool ForbidsWriting(List<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (!Negations.Contains(words[i]))
            {
                continue;
            }
            for (var j = i + 1; j < words.Count && j <= i + WindowWords; j++)
            {
                if (EditWords.Contains(words[j]))
                {
                    return true;
                }
            }
        }
        return words.Contains("only") && FirstOrder(words, ReviewWords) >= 0
            || words.Contains("read-only");
    }

    // A word is an order when no article makes it a noun.
    private static int FirstOrder(List<string> words, HashSet<string> set)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (set.Contains(words[i]) && (i == 0 || !Articles.Contains(words[i - 1])))
            {
                return i;
            }
        }
        return -1;
    }

    private static int First(List<string> words, HashSet<string> set)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (set.Contains(words[i]))
            {
                return i;
            }
        }
        return -1;
    }

    private static List<string> Words(string sentence)
    {
        var text = sentence.Length > 32_000 ? sentence[..32_000] : sentence;
        return
        [
            .. Word().Matches(text.Replace('\u2019', '\'')).Select(m => m.Value.ToLowerInvariant()),
        ];
    }

    private static HashSet<string> Set(string words) =>
        new(words.Split(' '), StringComparer.Ordinal);

    [GeneratedRegex(@"[\p{L}\p{N}][\p{L}\p{N}'\-]*", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();

    [GeneratedRegex(
        @"[A-Za-z0-9_\-./\\]+\.[A-Za-z][A-Za-z0-9]{0,9}\b",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex PathWord();
}
