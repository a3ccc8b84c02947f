using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Decisions.Mediation;

/// <summary>Reads a model's JSON answer strictly: bounded, one object, exactly the known members, texts that are only text.</summary>
internal static partial class AnswerReader
{
    /// <summary>Longest answer that is looked at, characters.</summary>
    public const int AnswerMax = 65_536;

    private const int DepthMax = 8;

    /// <summary>The object's members, or why the answer is none.</summary>
    public static string Read(string answer, IReadOnlyList<string> members, out JsonElement root)
    {
        root = default;
        if (string.IsNullOrWhiteSpace(answer))
        {
            return "The model's answer is empty.";
        }
        if (answer.Length > AnswerMax)
        {
            return $"The model's answer has {answer.Length} characters; at most {AnswerMax} are read.";
        }
        try
        {
            using var document = JsonDocument.Parse(
                answer,
                new JsonDocumentOptions { MaxDepth = DepthMax }
            );
            root = document.RootElement.Clone();
            return root.ValueKind != JsonValueKind.Object ? "The model's answer is no JSON object."
                : HasOthers(root, members)
                    ? "The model's answer has members that were not asked for."
                : "";
        }
        catch (JsonException)
        {
            return "The model's answer is no JSON.";
        }
        // Half of a surrogate pair: in the text itself, or escaped in a member's name.
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return "The model's answer is no valid Unicode.";
        }
    }

    /// <summary>A text member, or null when it is missing, no text, or no valid Unicode.</summary>
    public static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) ? Text(value) : null;

    /// <summary>A list of texts, or null when it is missing, longer than allowed, or holds anything else.</summary>
    public static List<string>? Texts(JsonElement root, string name, int max)
    {
        if (
            !root.TryGetProperty(name, out var value)
            || value.ValueKind != JsonValueKind.Array
            || value.GetArrayLength() > max
        )
        {
            return null;
        }
        var texts = new List<string>();
        foreach (var item in value.EnumerateArray())
        {
            if (Text(item) is not { } text)
            {
                return null;
            }
            texts.Add(text);
        }
        return texts;
    }

    /// <summary>
    /// True for words that speak to an agent instead of describing work: the marks of the agent's prompt, control
    /// characters, or an order to drop what it was told. The model reads text that others wrote; its answer must not
    /// carry their orders on.
    /// </summary>
    public static bool Orders(string text) =>
        text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
        || Marks().IsMatch(text)
        || Override().IsMatch(text);

    private static bool HasOthers(JsonElement root, IReadOnlyList<string> members)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return root.EnumerateObject().Any(m => !members.Contains(m.Name) || !seen.Add(m.Name));
    }

    private static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // half of a surrogate pair
        }
    }

    [GeneratedRegex(
        @"<\s*/?\s*(request|system|instructions?)\b|\[/?INST\]|<\|",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex Marks();

    [GeneratedRegex(
        @"\b(ignore|disregard|forget|override)\b[^.\n]{0,40}\b(instructions?|previous|prior|above|earlier|rules|prompt|restrictions?)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex Override();
}
