using System.Text;

namespace Orchestrator.Decisions.Tickets;

/// <summary>Plain lines as Markdown that shows them as they are: no markup, image, mention or hidden link of somebody else's making.</summary>
public static class MarkdownText
{
    private const string Markup = "\\`*_{}[]()<>#|~!&";

    /// <summary>The text, escaped; words that are <c>http</c> or <c>https</c> addresses stay, and with them what they link to is plain to see.</summary>
    /// <param name="text">Lines.</param>
    /// <param name="marker">A line that is exactly this stays as it is.</param>
    public static string Write(string text, string marker)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Join('\n', AdfText.Lines(text).Select(l => l == marker ? l : Line(l)));
    }

    private static string Line(string line)
    {
        var written = new StringBuilder();
        foreach (var word in line.Split(' '))
        {
            written.Append(written.Length > 0 ? " " : "");
            if (IsPlainAddress(word))
            {
                written.Append(word);
                continue;
            }
            foreach (var c in word)
            {
                if (Markup.Contains(c, StringComparison.Ordinal))
                {
                    written.Append('\\');
                }
                written.Append(c);
                if (c == '@')
                {
                    written.Append('\u200b');
                }
            }
        }
        // What makes a list, a heading or a quotation of a line stands first in it.
        var text = written.ToString();
        return text.Length > 0 && text[0] is '-' or '+' or '=' ? "\\" + text : text;
    }

    private static bool IsPlainAddress(string word) =>
        AdfText.IsAddress(word)
        && !word.Any(c => c is not ('_' or '#' or '&') && Markup.Contains(c));
}
