using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Decisions.Tasks;

/// <summary>
/// The keys of a task file's frontmatter. Read event by event: no alias is ever followed, nothing is nested deeper than
/// <see cref="DepthMax"/>, so that no text costs more than its length.
/// </summary>
internal sealed class TaskFileKeys
{
    /// <summary>Longest frontmatter, in characters.</summary>
    public const int CharactersMax = 65_536;

    private const int DepthMax = 8;

    private static readonly string[] Known =
    [
        "id",
        "type",
        "priority",
        "created",
        "cwd",
        "timeout_sec",
        "agent_type",
        "parent_task_id",
        "base_branch",
        "remote",
        "tickets",
        "runner",
        "model",
        "script",
        "max_turns",
    ];

    private static readonly string[] Types =
    [
        "code_review",
        "summarize",
        "fix",
        "analyze",
        "documentation",
        "bug_fix",
    ];

    private static readonly string[] Agents =
    [
        "analyze",
        "bug_fix",
        "code_review",
        "documentation",
    ];

    private readonly Dictionary<string, (int Line, string Text)> values = new(
        StringComparer.Ordinal
    );
    private bool broken;

    /// <summary>Reads the lines between the markers; the first of them is line 2 of the file.</summary>
    public static TaskFileKeys Read(
        string[] lines,
        TaskFileFindings problems,
        TaskFileFindings warnings
    )
    {
        var keys = new TaskFileKeys();
        var text = string.Join('\n', lines);
        if (text.Length > CharactersMax)
        {
            keys.Break(
                problems,
                2,
                $"it has {text.Length} characters, at most {CharactersMax} are read",
                "Put the text under **Prompt:** instead."
            );
            return keys;
        }
        try
        {
            keys.ReadEvents(text, problems, warnings);
        }
        catch (Exception e)
            when (e
                    is YamlException
                        or ArgumentException
                        or InvalidOperationException
                        or FormatException
                        or OverflowException
                        or IndexOutOfRangeException
            )
        {
            var line = e is YamlException yaml ? (int)yaml.Start.Line + 1 : 2;
            keys.Break(
                problems,
                Math.Clamp(line, 2, lines.Length + 2),
                e.Message.ReplaceLineEndings(" "),
                "Write 'key: value', one a line; put a value with ': ', '#' or a backslash in double quotes into 'single quotes'."
            );
        }
        return keys;
    }

    /// <summary>The line of a key's value; 1 when the key is absent.</summary>
    public int LineOf(string key) => Value(key).Line;

    /// <summary>The id, or the name when the key is absent.</summary>
    public string Id(string name, TaskFileFindings problems)
    {
        var (line, text) = Value("id");
        var id = text.Length > 0 ? text : name;
        if (!SubmissionReader.IsId(id))
        {
            problems.Add(
                line,
                $"Invalid id: {Cut(id)}",
                text.Length > 0
                    ? "Use 1 to 64 of A-Z a-z 0-9 . _ -, not only dots."
                    : "The id comes from the file's name; add a key 'id' with 1 to 64 of A-Z a-z 0-9 . _ -."
            );
        }
        return id;
    }

    /// <summary>The required type.</summary>
    public string Type(TaskFileFindings problems)
    {
        var (line, text) = Value("type");
        if (text.Length == 0 && !broken)
        {
            problems.Add(
                line,
                "Missing required field: type",
                $"Add 'type: fix' to the frontmatter; known: {string.Join(", ", Types)}."
            );
        }
        else if (text.Length > 0 && !Types.Contains(text))
        {
            problems.Add(
                line,
                $"Invalid task type: {Cut(text)}",
                $"Use one of {string.Join(", ", Types)}."
            );
        }
        return text;
    }

    /// <summary>The priority, medium when absent.</summary>
    public string Priority(TaskFileFindings problems)
    {
        var (line, text) = Value("priority");
        if (text is not ("" or "high" or "medium" or "low"))
        {
            problems.Add(line, $"Invalid priority: {Cut(text)}", "Use one of high, medium, low.");
        }
        return text.Length > 0 ? text : "medium";
    }

    /// <summary>The instant of writing; what cannot be read is ignored with a warning, because nothing depends on it.</summary>
    public DateTimeOffset? Created(TaskFileFindings warnings)
    {
        var (line, text) = Value("created");
        if (text.Length == 0)
        {
            return null;
        }
        if (
            DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var created
            )
        )
        {
            return created;
        }
        warnings.Add(
            line,
            $"Invalid created: {Cut(text)}; the time of arrival counts",
            "Write it as 2025-08-03T16:30:00Z."
        );
        return null;
    }

    /// <summary>A known agent, or empty.</summary>
    public string AgentType(TaskFileFindings problems)
    {
        var (line, text) = Value("agent_type");
        if (text.Length > 0 && !Agents.Contains(text))
        {
            problems.Add(
                line,
                $"Invalid agent_type: {Cut(text)}",
                $"Use one of {string.Join(", ", Agents)}, or leave it out: then the type decides."
            );
        }
        return text;
    }

    /// <summary>An optional task id.</summary>
    public string TaskId(string key, TaskFileFindings problems)
    {
        var (line, text) = Value(key);
        if (text.Length > 0 && !SubmissionReader.IsId(text))
        {
            problems.Add(
                line,
                $"Invalid {key}: {Cut(text)}",
                "Name the id of a task, or leave it out."
            );
        }
        return text;
    }

    /// <summary>An optional whole number from 1.</summary>
    public int? Number(string key, int max, TaskFileFindings problems)
    {
        var (line, text) = Value(key);
        if (text.Length == 0)
        {
            return null;
        }
        if (
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1
            && number <= max
        )
        {
            return number;
        }
        problems.Add(
            line,
            $"Invalid {key}: {Cut(text)}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"Use a whole number from 1 to {max:N0}, or leave it out."
            )
        );
        return null;
    }

    /// <summary>An optional text of bounded length.</summary>
    public string Text(string key, int max, TaskFileFindings problems)
    {
        var (line, text) = Value(key);
        if (text.Length > max || text.Contains('\0', StringComparison.Ordinal))
        {
            problems.Add(line, $"Invalid {key}: {Cut(text)}", $"Use at most {max} characters.");
        }
        return text;
    }

    private (int Line, string Text) Value(string key) =>
        values.TryGetValue(key, out var found) ? found : (1, "");

    private void ReadEvents(string text, TaskFileFindings problems, TaskFileFindings warnings)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        string? key = null;
        while (parser.MoveNext())
        {
            var now = parser.Current!;
            var line = (int)now.Start.Line + 1;
            if (Forbidden(now, depth) is { } reason)
            {
                Break(problems, line, reason, "Write 'key: value', one a line.");
                return;
            }
            switch (now)
            {
                case Scalar scalar when depth == 1 && key is null:
                    key = scalar.Value;
                    break;
                case Scalar scalar when depth == 1:
                    Take(key!, line, scalar, problems, warnings);
                    key = null;
                    break;
                case MappingStart or SequenceStart when depth == 1:
                    Nested(key, line, problems, warnings);
                    depth++;
                    break;
                case MappingStart or SequenceStart:
                    depth++;
                    break;
                case MappingEnd or SequenceEnd:
                    depth--;
                    key = depth == 1 ? null : key;
                    break;
                default:
                    break;
            }
        }
    }

    private static string? Forbidden(ParsingEvent now, int depth) =>
        now switch
        {
            AnchorAlias => "aliases (*name) are not followed",
            NodeEvent { Anchor.IsEmpty: false } => "anchors (&name) are not taken",
            Scalar { Value.Length: > 0 } or SequenceStart when depth == 0 =>
                "it holds no 'key: value' lines",
            MappingStart or SequenceStart when depth >= DepthMax =>
                $"it is nested deeper than {DepthMax}",
            DocumentStart { IsImplicit: false } => "it holds a second document",
            _ => null,
        };

    private void Take(
        string key,
        int line,
        Scalar scalar,
        TaskFileFindings problems,
        TaskFileFindings warnings
    )
    {
        // Plain ~ and null are YAML's words for nothing.
        var nothing = scalar.Style == ScalarStyle.Plain && scalar.Value is "~" or "null" or "Null";
        if (!values.TryAdd(key, (line, nothing ? "" : scalar.Value.Trim())))
        {
            Break(problems, line, $"the key '{Cut(key)}' stands there twice", "Keep one of them.");
        }
        else if (!Known.Contains(key) && key != "template_id")
        {
            Ignore(key, line, warnings);
        }
    }

    private void Nested(string? key, int line, TaskFileFindings problems, TaskFileFindings warnings)
    {
        if (key is null || Known.Contains(key))
        {
            Break(
                problems,
                line,
                key is null ? "a key is no plain word" : $"the key '{key}' needs one plain value",
                "Write 'key: value', one a line."
            );
            return;
        }
        Ignore(key, line, warnings);
    }

    private static void Ignore(string key, int line, TaskFileFindings warnings) =>
        warnings.Add(
            line,
            $"The key '{Cut(key)}' is unknown and ignored",
            $"Known: {string.Join(", ", Known)}."
        );

    private void Break(TaskFileFindings problems, int line, string reason, string cure)
    {
        if (broken)
        {
            return; // one broken place makes more of them; the first is the one to mend
        }
        broken = true;
        problems.Add(line, "Invalid YAML frontmatter: " + reason.TrimEnd('.', ' '), cure);
    }

    private static string Cut(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length > 60 ? line[..60] + "…" : line;
    }
}
