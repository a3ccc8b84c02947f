using System.Text.RegularExpressions;

namespace Orchestrator.Decisions.Mediation;

/// <summary>
/// Finds in plain words what is ordered and what is forbidden. Clauses bound a negation: "do not" and "never" hold to the
/// end of their clause (a comma does not end it: "do not create, edit or delete"), "without" to the comma, "no" for two
/// words. An edit word is an order when it is no noun, not negated and not part of a question.
/// </summary>
internal sealed partial class SentenceOrders
{
    private const int TextMax = 32_000;

    private static readonly HashSet<string> EditWords = Set(
        "fix fixes repair add adds create implement implements change modify update edit write rename remove delete refactor replace rewrite migrate move convert upgrade improve optimize make build extend append insert correct resolve"
    );

    // Only ever forbidden by these, never ordered: "without touching anything", "no changes".
    private static readonly HashSet<string> ChangeForms = Set(
        "touch touching changes changing modifications modifying edits editing writes writing creating adding removing deleting rewriting altering alter"
    );

    // "the error handling", "an update": a noun by its article, no order.
    private static readonly HashSet<string> Articles = Set(
        "the a an this that these those its their our your my any of for about"
    );

    private static readonly HashSet<string> Forbidders = Set(
        "don't dont never mustn't shouldn't avoid without"
    );

    private static readonly HashSet<string> Describers = Set(
        "not cannot can't won't doesn't didn't isn't"
    );

    private static readonly HashSet<string> Nothings = Set("no nothing none zero");
    private static readonly HashSet<string> Questions = Set(
        "whether how why what which where should"
    );
    private static readonly HashSet<string> Everything = Set(
        "anything file files code repository repo everything"
    );
    private static readonly HashSet<string> Fillers = Set("any the my a an single of");
    private static readonly HashSet<string> Others = Set("else other otherwise");
    private static readonly HashSet<string> Readings = Set(
        "review check audit inspect assess read look analyze analyse explain describe summarize summarise report"
    );

    private readonly List<List<string>> clauses = [];

    public SentenceOrders(string sentence)
    {
        var text = sentence.Length > TextMax ? sentence[..TextMax] : sentence;
        var clause = new List<string>();
        foreach (Match match in Token().Matches(text.Replace('\u2019', '\'')))
        {
            var token = match.Value.ToLowerInvariant();
            if (token is "," || char.IsLetterOrDigit(token[0]) && token is not ("but" or "instead"))
            {
                clause.Add(token);
                continue;
            }
            clauses.Add(clause);
            clause = [];
        }
        clauses.Add(clause);
        Words = [.. clauses.SelectMany(c => c).Where(w => w != ",")];
        Edit = Find(IsOrder);
        Forbids =
            ForbidsAll()
            || (Edit < 0 && clauses.Exists(c => c.Where((_, i) => Negated(c, i)).Any()));
        if (ForbidsAll())
        {
            Edit = -1;
        }
    }

    /// <summary>All words, lower case, without marks.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Index of the first edit that is ordered; -1 when none is, or when all writing is forbidden.</summary>
    public int Edit { get; }

    /// <summary>True when writing is forbidden as a whole, or an edit is forbidden and none is ordered.</summary>
    public bool Forbids { get; }

    /// <summary>True for an article or what stands like one before a noun.</summary>
    public static bool IsArticle(string word) => Articles.Contains(word);

    private static bool IsOrder(List<string> clause, int i) =>
        EditWords.Contains(clause[i])
        && (i == 0 || !Articles.Contains(clause[i - 1]))
        && !Negated(clause, i)
        && !Asked(clause, i);

    // An edit or change word under a negation.
    private static bool Negated(List<string> clause, int i)
    {
        if (!EditWords.Contains(clause[i]) && !ChangeForms.Contains(clause[i]))
        {
            return false;
        }
        if (i + 1 < clause.Count && Nothings.Contains(clause[i + 1]))
        {
            return true; // "change nothing", "make no changes"
        }
        var comma = false;
        for (var j = i - 1; j >= 0; j--)
        {
            comma |= clause[j] == ",";
            if (Nothings.Contains(clause[j]) && i - j <= 2)
            {
                return true;
            }
            if (!Denies(clause, j, i, comma))
            {
                continue;
            }
            return true;
        }
        return false;
    }

    private static bool Denies(List<string> clause, int j, int i, bool comma)
    {
        var word = clause[j];
        var next = clause[j + 1];
        if (next is "forget" or "hesitate" or "only" or "just")
        {
            return false; // "don't forget to add"
        }
        if (Forbidders.Contains(word))
        {
            return word is not ("without" or "avoid") || !comma;
        }
        if (!Describers.Contains(word))
        {
            return false;
        }
        var before = j > 0 ? clause[j - 1] : "do";
        return (word == "not" && before is "do" or "must" or "should" or "shall" or "may" or "and")
            || i == j + 1
            || (i == j + 2 && next == "to");
    }

    private static bool Asked(List<string> clause, int i)
    {
        for (var j = i - 1; j >= 0 && clause[j] != ","; j--)
        {
            if (Questions.Contains(clause[j]))
            {
                return true;
            }
        }
        return false;
    }

    private bool ForbidsAll() => clauses.Exists(ForbidsAll);

    private static bool ForbidsAll(List<string> clause)
    {
        for (var i = 0; i < clause.Count; i++)
        {
            if (clause[i] == "read-only" && (i == 0 || !Articles.Contains(clause[i - 1])))
            {
                return true;
            }
            if (clause[i] is "only" or "just" && Readings.Contains(At(clause, i + 1)))
            {
                return true;
            }
            if (clause[i] == "only" && i > 0 && Readings.Contains(clause[i - 1]))
            {
                return true;
            }
            if (Negated(clause, i) && HasWholeObject(clause, i))
            {
                return true;
            }
        }
        return false;
    }

    // "anything", "any file", "nothing", and "no changes" that are not "to" something.
    private static bool HasWholeObject(List<string> clause, int i)
    {
        var j = i + 1;
        if (At(clause, j) == "nothing")
        {
            return !Others.Contains(At(clause, j + 1));
        }
        if (
            clause[i] is "changes" or "modifications" or "edits"
            && At(clause, j) is not ("to" or "in" or "of" or "on" or "outside" or "beyond")
        )
        {
            return true;
        }
        while (Fillers.Contains(At(clause, j)))
        {
            j++;
        }
        return Everything.Contains(At(clause, j)) && !Others.Contains(At(clause, j + 1));
    }

    private static string At(List<string> clause, int i) => i < clause.Count ? clause[i] : "";

    private int Find(Func<List<string>, int, bool> wanted)
    {
        var at = 0;
        foreach (var clause in clauses)
        {
            for (var i = 0; i < clause.Count; i++)
            {
                if (clause[i] == ",")
                {
                    continue;
                }
                if (wanted(clause, i))
                {
                    return at;
                }
                at++;
            }
        }
        return -1;
    }

    private static HashSet<string> Set(string words) =>
        new(words.Split(' '), StringComparer.Ordinal);

    [GeneratedRegex(
        @"[\p{L}\p{N}][\p{L}\p{N}'\-]*|[,;!?\n]|[.:](?=\s|$)",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Token();
}
