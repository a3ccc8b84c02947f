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

    private static readonly HashSet<string> Courtesies = Set(
        "please can could would will you kindly i we want need to like let's lets"
    );

    private static readonly HashSet<string> Repairs = Set("fix repair correct resolve");

    /// <summary>The kind of work, never unknown.</summary>
    public static TaskKind KindOf(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        var orders = new SentenceOrders(sentence);
        var words = orders.Words;
        var edit = orders.Edit;
        if (edit >= 0)
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
            return Asks(words) && !FindsAndRepairs(words, edit) ? TaskKind.Analyze : TaskKind.Fix;
        }
        if (FirstOrder(words, ReviewWords) >= 0)
        {
            return TaskKind.CodeReview;
        }
        if (First(words, SummaryWords) >= 0)
        {
            return TaskKind.Summarize;
        }
        return words.Count > 0 && words[0] == "document" && !orders.Forbids
            ? TaskKind.Documentation
            : TaskKind.Analyze;
    }

    /// <summary>True when the sentence forbids writing: as a whole, or an edit without ordering another.</summary>
    public static bool ForbidsWriting(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        return new SentenceOrders(sentence).Forbids;
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

    // "Please explain ...", "what does ...": the first word that carries meaning asks.
    private static bool Asks(IReadOnlyList<string> words) =>
        words.FirstOrDefault(w => !Courtesies.Contains(w)) is { } first && AskWords.Contains(first);

    private static bool FindsAndRepairs(IReadOnlyList<string> words, int edit) =>
        edit > 0
        && words[edit - 1] is "and" or "then"
        && Repairs.Contains(words[edit])
        && words.First(w => !Courtesies.Contains(w)) is "find" or "analyze" or "analyse";

    // A word is an order when no article makes it a noun.
    private static int FirstOrder(IReadOnlyList<string> words, HashSet<string> set)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (set.Contains(words[i]) && (i == 0 || !SentenceOrders.IsArticle(words[i - 1])))
            {
                return i;
            }
        }
        return -1;
    }

    private static int First(IReadOnlyList<string> words, HashSet<string> set)
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

    private static HashSet<string> Set(string words) =>
        new(words.Split(' '), StringComparer.Ordinal);

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();

    [GeneratedRegex(
        @"[A-Za-z0-9_\-./\\]+\.[A-Za-z][A-Za-z0-9]{0,9}\b",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex PathWord();
}
