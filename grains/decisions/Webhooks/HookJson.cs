using System.Text.Json;

namespace Orchestrator.Decisions.Webhooks;

/// <summary>Looks into foreign JSON without believing its shape: what is not there, or of another kind, is empty.</summary>
internal static class HookJson
{
    /// <summary>Parses a stored body, or null when it is no object.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var json = JsonDocument.Parse(
                body,
                new JsonDocumentOptions { MaxDepth = InboundSource.DepthMax }
            );
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                return json;
            }
            json.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The value at a path of members, or null.</summary>
    public static JsonElement? At(this JsonElement root, params ReadOnlySpan<string> path)
    {
        var here = root;
        foreach (var name in path)
        {
            if (
                here.ValueKind != JsonValueKind.Object
                || !here.TryGetProperty(name, out var next)
                || next.ValueKind == JsonValueKind.Null
            )
            {
                return null;
            }
            here = next;
        }
        return here;
    }

    /// <summary>The text at a path, cut; a number as its digits; else empty.</summary>
    public static string Text(
        this JsonElement root,
        int charactersMax,
        params ReadOnlySpan<string> path
    )
    {
        if (root.At(path) is not { } value)
        {
            return "";
        }
        string text;
        try
        {
            text = value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Number => value.GetRawText(),
                _ => "",
            };
        }
        catch (InvalidOperationException)
        {
            return ""; // half a surrogate pair
        }
        return text.Length > charactersMax ? text[..charactersMax] : text;
    }

    /// <summary>The positive number at a path, or 0.</summary>
    public static int Number(this JsonElement root, params ReadOnlySpan<string> path) =>
        root.At(path) is { ValueKind: JsonValueKind.Number } value
        && value.TryGetInt32(out var number)
        && number > 0
            ? number
            : 0;

    /// <summary>The elements of the list at a path; none when there is no list.</summary>
    public static IEnumerable<JsonElement> List(
        this JsonElement root,
        params ReadOnlySpan<string> path
    ) => root.At(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
}
