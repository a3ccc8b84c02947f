using System.Globalization;
using System.Text;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>A conversation as text for people. What was said is fenced: nothing in it becomes markup.</summary>
public static class ConversationText
{
    private const int FenceLeast = 3;

    /// <summary>As Markdown: a heading for each entry, its words in a fence that they cannot close.</summary>
    public static string Markdown(string taskId, IReadOnlyList<ConversationEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var text = new StringBuilder("# ").Append(taskId).Append('\n');
        foreach (var entry in entries)
        {
            text.Append("\n## ").Append(Heading(entry)).Append("\n\n");
            var fence = new string('`', Math.Max(FenceLeast, LongestRun(entry.Text) + 1));
            text.Append(fence)
                .Append("text\n")
                .Append(entry.Text.ReplaceLineEndings("\n").TrimEnd('\n'))
                .Append('\n')
                .Append(fence)
                .Append('\n');
            foreach (var constraint in entry.Constraints)
            {
                text.Append("\nFrom now on: `")
                    .Append(constraint.Replace('`', '\'').ReplaceLineEndings(" "))
                    .Append("`\n");
            }
            foreach (var file in entry.Attachments)
            {
                text.Append("\nAttached: `").Append(file).Append("`\n");
            }
            if (entry.Artifact.Length > 0)
            {
                text.Append("\nArtifact: `").Append(entry.Artifact).Append("`\n");
            }
        }
        return text.ToString();
    }

    /// <summary>One line about an entry: turn, who, when, how.</summary>
    public static string Heading(ConversationEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var who = Plain(entry.Author.Length > 0 ? $"{entry.Role} {entry.Author}" : entry.Role);
        var by = entry.Channel.Length > 0 ? " by " + Plain(entry.Channel) : "";
        var turn =
            entry.Withdrawn ? "withdrawn"
            : entry.Turn == 0 ? "waiting"
            : string.Create(CultureInfo.InvariantCulture, $"turn {entry.Turn}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Number}. {turn}: {who}{by}, {entry.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"
        );
    }

    private static string Plain(string text) =>
        string.Concat(
            text.Where(c =>
                char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.' or ':' or '@' or ','
            )
        );

    private static int LongestRun(string text)
    {
        var (longest, run) = (0, 0);
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return longest;
    }
}
