using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Decisions.Tickets;

/// <summary>Atlassian Document Format to text and back: paragraphs, lists, code and links; what else there is loses its form, not its words.</summary>
public static class AdfText
{
    private const int DepthMax = 40;
    private const int TextMax = 200_000;

    // The last day that there is.
    private const long DayMax = 253_402_300_799_999;

    /// <summary>The words of a document; of a string, as older servers give it, the string; empty for anything else.</summary>
    public static string Read(JsonElement document)
    {
        if (document.ValueKind == JsonValueKind.String)
        {
            return Words(document);
        }
        var text = new StringBuilder();
        Append(document, text, 0);
        return text.ToString().Trim();
    }

    /// <summary>Lines as a document, one paragraph each; <c>http</c> and <c>https</c> addresses become links, nothing else has a form.</summary>
    public static JsonObject Write(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var paragraphs = new JsonArray();
        foreach (var line in Lines(text))
        {
            var content = new JsonArray();
            foreach (var piece in Pieces(line))
            {
                var node = new JsonObject { ["type"] = "text", ["text"] = piece };
                if (IsAddress(piece))
                {
                    node["marks"] = new JsonArray(
                        new JsonObject
                        {
                            ["type"] = "link",
                            ["attrs"] = new JsonObject { ["href"] = piece },
                        }
                    );
                }
                content.Add((JsonNode)node);
            }
            paragraphs.Add(
                (JsonNode)new JsonObject { ["type"] = "paragraph", ["content"] = content }
            );
        }
        return new JsonObject
        {
            ["version"] = 1,
            ["type"] = "doc",
            ["content"] = paragraphs,
        };
    }

    /// <summary>The lines of a text; of control characters a blank is left.</summary>
    internal static IEnumerable<string> Lines(string text) =>
        text.ReplaceLineEndings("\n")
            .Split('\n')
            .Select(l => new string([.. l.Select(c => char.IsControl(c) ? ' ' : c)]));

    private static void Append(JsonElement node, StringBuilder text, int depth)
    {
        if (depth > DepthMax || text.Length > TextMax || node.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        var type = Text(node, "type");
        switch (type)
        {
            case "text":
                text.Append(Text(node, "text"));
                return;
            case "hardBreak":
                text.Append('\n');
                return;
            case "mention" or "emoji" or "inlineCard" or "blockCard" or "date" or "status":
                if (node.TryGetProperty("attrs", out var attributes))
                {
                    text.Append(
                        Text(attributes, "text") is { Length: > 0 } t ? t
                        : Text(attributes, "url") is { Length: > 0 } url ? url
                        : Text(attributes, "shortName") is { Length: > 0 } name ? name
                        : Day(Text(attributes, "timestamp"))
                    );
                }
                text.Append(type == "blockCard" ? "\n" : "");
                return;
            case "expand" or "nestedExpand":
                if (node.TryGetProperty("attrs", out var heading))
                {
                    text.Append(Text(heading, "title")).Append('\n');
                }
                break;
            case "listItem" or "taskItem":
                text.Append("- ");
                break;
            case "rule":
                text.Append("\n---\n");
                return;
        }
        if (
            node.TryGetProperty("content", out var content)
            && content.ValueKind == JsonValueKind.Array
        )
        {
            foreach (var child in content.EnumerateArray())
            {
                Append(child, text, depth + 1);
            }
        }
        if (
            type
            is "paragraph"
                or "heading"
                or "codeBlock"
                or "blockquote"
                or "tableRow"
                or "taskItem"
        )
        {
            text.Append('\n');
        }
    }

    private static string Text(JsonElement node, string name) =>
        node.ValueKind == JsonValueKind.Object
        && node.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? Words(value)
            : "";

    private static string Words(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return ""; // half of a surrogate pair
        }
    }

    // Milliseconds since 1970, as a text.
    private static string Day(string timestamp) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at <= DayMax
            ? DateTimeOffset
                .FromUnixTimeMilliseconds(at)
                .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : "";

    // Blanks stay with the words before them; an empty text is not allowed in a document.
    private static IEnumerable<string> Pieces(string line)
    {
        var words = new StringBuilder();
        var gap = false;
        foreach (var word in line.Split(' '))
        {
            words.Append(words.Length > 0 || gap ? " " : "");
            gap = false;
            if (!IsAddress(word))
            {
                words.Append(word);
                continue;
            }
            if (words.Length > 0)
            {
                yield return words.ToString();
            }
            yield return word;
            words.Clear();
            gap = true;
        }
        if (words.Length > 0)
        {
            yield return words.ToString();
        }
    }

    /// <summary>True for a whole <c>http</c> or <c>https</c> address.</summary>
    internal static bool IsAddress(string word) =>
        (
            word.StartsWith("https://", StringComparison.Ordinal)
            || word.StartsWith("http://", StringComparison.Ordinal)
        ) && Uri.IsWellFormedUriString(word, UriKind.Absolute);
}
