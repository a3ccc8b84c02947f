using System.Text;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Delivery;

/// <summary>Names and words of a commit that holds a task's work.</summary>
public static class CommitText
{
    /// <summary>The trailer that names the task.</summary>
    public const string TaskTrailer = "Orchestrator-Task";

    /// <summary>The trailer that names the tree of the task's work, so that a later turn commits only what is new.</summary>
    public const string WorkTrailer = "Orchestrator-Work";

    /// <summary>The trailer that names the turn.</summary>
    public const string TurnTrailer = "Orchestrator-Turn";

    /// <summary>Branch template when none is configured.</summary>
    public const string BranchDefault = "orchestrator/{task}-{slug}";

    /// <summary>Longest subject, characters.</summary>
    public const int SubjectMax = 72;

    /// <summary>Longest message of a person's own, characters.</summary>
    public const int MessageMax = 10_000;

    private const int SlugMax = 50;
    private const int BranchMax = 200;

    private static readonly string[] Kinds = ["fix", "refactor", "docs", "test", "feat"];

    private static readonly (string Kind, string[] Verbs)[] FirstVerbs =
    [
        (
            "refactor",
            ["refactor", "rename", "extract", "simplify", "restructure", "inline", "move", "split"]
        ),
        ("docs", ["document", "describe"]),
        ("test", ["test"]),
        ("feat", ["add", "implement", "create", "introduce", "support", "build", "allow"]),
    ];

    /// <summary>The branch of a task: the template with <c>{task}</c> and <c>{slug}</c> (the title in <c>a-z0-9-</c>, at most 50) filled in.</summary>
    public static string Branch(string template, string taskId, string title)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(taskId);
        var name = template
            .Replace("{task}", taskId, StringComparison.Ordinal)
            .Replace("{slug}", Slug(title), StringComparison.Ordinal)
            .Replace("..", "-", StringComparison.Ordinal)
            .TrimEnd('-', '.', '/');
        return name.EndsWith(".lock", StringComparison.OrdinalIgnoreCase)
            ? name[..^5] + "-lock"
            : name;
    }

    /// <summary>True when the text may name a branch: git's own rules, no leading dash, at most 200 characters.</summary>
    public static bool IsBranch(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= BranchMax
            && name[0] is not ('-' or '/')
            && name[^1] is not ('/' or '.')
            && name is not ("HEAD" or "@")
            && !name.Contains("..", StringComparison.Ordinal)
            && !name.Contains("@{", StringComparison.Ordinal)
            && !name.Any(c =>
                char.IsControl(c) || c is ' ' or '~' or '^' or ':' or '?' or '*' or '[' or '\\'
            )
            && name.Split('/')
                .All(p =>
                    p.Length > 0
                    && p[0] != '.'
                    && !p.EndsWith(".lock", StringComparison.OrdinalIgnoreCase)
                );
    }

    /// <summary>The subject line: <c>fix|refactor|docs|test|feat: text</c>, at most 72 characters, cut at a word.</summary>
    public static string Subject(TaskKind kind, string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        var text = title.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        var colon = text.IndexOf(": ", StringComparison.Ordinal);
        if (colon > 0 && Kinds.Contains(text[..colon], StringComparer.OrdinalIgnoreCase))
        {
            return Cut(text);
        }
        if (text.Length == 0)
        {
            text = "the work of a task";
        }
        if (text.Length > 1 && char.IsUpper(text[0]) && char.IsLower(text[1]))
        {
            text = char.ToLowerInvariant(text[0]) + text[1..];
        }
        return Cut($"{Kind(kind, text)}: {text}");
    }

    /// <summary>The whole message: a person's words or the subject made from the task, then the trailers; turn 0 is not named.</summary>
    public static string Message(
        string? words,
        TaskKind kind,
        string title,
        string taskId,
        string workTree,
        int turn = 0
    )
    {
        var head = string.IsNullOrWhiteSpace(words)
            ? Subject(kind, title)
            : words.ReplaceLineEndings("\n").Trim();
        var text = new StringBuilder(head).Append("\n\n");
        text.Append(TaskTrailer).Append(": ").Append(taskId).Append('\n');
        if (workTree.Length > 0)
        {
            text.Append(WorkTrailer).Append(": ").Append(workTree).Append('\n');
        }
        if (turn > 0)
        {
            text.Append(TurnTrailer).Append(": ").Append(turn).Append('\n');
        }
        return text.ToString();
    }

    private static string Kind(TaskKind kind, string text)
    {
        if (kind == TaskKind.Documentation)
        {
            return "docs";
        }
        var words = text.ToLowerInvariant()
            .Split([' ', ',', ':', '-'], StringSplitOptions.RemoveEmptyEntries);
        var first = words.Length > 0 ? words[0] : "";
        if (first is "add" or "write" && words.Any(w => w is "test" or "tests"))
        {
            return "test";
        }
        return FirstVerbs.FirstOrDefault(v => v.Verbs.Contains(first)).Kind ?? "fix";
    }

    private static string Slug(string title)
    {
        var slug = new StringBuilder();
        foreach (var c in (title ?? "").ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(c);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }
        var text = slug.ToString();
        return (text.Length > SlugMax ? text[..SlugMax] : text).Trim('-');
    }

    private static string Cut(string text)
    {
        if (text.Length <= SubjectMax)
        {
            return text;
        }
        var end = text.LastIndexOf(' ', SubjectMax - 1);
        end = end > SubjectMax / 2 ? end : SubjectMax - 1;
        // A pair of surrogates is one character: never half of it.
        return (char.IsHighSurrogate(text[end - 1]) ? text[..(end - 1)] : text[..end]) + "…";
    }
}
