using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Orchestrator.Decisions.Tasks;

/// <summary>A task file's text. <see cref="TaskFileReader"/> reads back what is written here, whatever the words are.</summary>
public static class TaskFileWriter
{
    private static readonly string[] Headings =
    [
        "**Target Files:**",
        "**Prompt:**",
        "**Success Criteria:**",
        "**Context:**",
    ];

    /// <summary>The text, with <c>\n</c> as line ends.</summary>
    public static string Write(TaskFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var text = new StringBuilder("---\n");
        Key(text, "id", file.Id);
        Key(text, "type", file.Type);
        Key(text, "priority", file.Priority);
        Key(
            text,
            "created",
            file.Created?.ToUniversalTime()
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
                ?? ""
        );
        Key(text, "cwd", file.Cwd);
        Key(text, "timeout_sec", file.TimeoutSeconds?.ToString(CultureInfo.InvariantCulture) ?? "");
        Key(text, "agent_type", file.AgentType);
        Key(text, "parent_task_id", file.ParentTaskId);
        Key(text, "base_branch", file.BaseBranch);
        Key(text, "remote", file.Remote);
        Key(text, "tickets", string.Join(", ", file.Tickets));
        Key(text, "runner", file.Runner);
        Key(text, "model", file.Model);
        Key(text, "script", file.Script);
        Key(text, "max_turns", file.MaxTurns?.ToString(CultureInfo.InvariantCulture) ?? "");
        text.Append("---\n\n# ").Append(file.Title.ReplaceLineEndings(" ")).Append("\n\n");
        Items(text, 0, "- ", file.TargetFiles);
        Items(text, 2, "- [ ] ", file.SuccessCriteria);
        text.Append(Headings[3]).Append('\n');
        Lines(text, file.Context, guard: true);
        // The prompt comes last: once every heading has been seen, a line that looks like one is text.
        text.Append('\n').Append(Headings[1]).Append('\n');
        Lines(text, file.Request, guard: false);
        return text.ToString();
    }

    private static void Key(StringBuilder text, string key, string value)
    {
        if (value.Length > 0)
        {
            text.Append(key).Append(": ").Append(Value(value)).Append('\n');
        }
    }

    // Plain where nothing in the value can mean something to YAML; single quotes need no escapes for a Windows path.
    private static string Value(string value) =>
        value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
        && char.IsAsciiLetterOrDigit(value[0])
        && !value.Equals("null", StringComparison.OrdinalIgnoreCase)
            ? value
        : value.Any(char.IsControl) || value.Any(c => c is '\u2028' or '\u2029' or '\uFEFF')
            ? $"\"{JavaScriptEncoder.Default.Encode(value)}\""
        : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private static void Items(
        StringBuilder text,
        int heading,
        string mark,
        IReadOnlyList<string> items
    )
    {
        text.Append(Headings[heading]).Append('\n');
        foreach (var item in items)
        {
            text.Append(mark).Append(item.ReplaceLineEndings(" ")).Append('\n');
        }
        text.Append('\n');
    }

    private static void Lines(StringBuilder text, string words, bool guard)
    {
        foreach (var line in words.ReplaceLineEndings("\n").Split('\n'))
        {
            if (guard && Headings.Any(h => line.StartsWith(h, StringComparison.OrdinalIgnoreCase)))
            {
                text.Append(' ');
            }
            text.Append(line).Append('\n');
        }
    }
}
