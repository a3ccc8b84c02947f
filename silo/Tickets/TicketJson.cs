using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Silo.Tickets;

/// <summary>Reads others' JSON without trusting its shape: what is missing or of another kind is empty.</summary>
internal static class TicketJson
{
    /// <summary>What stands at a path of names, or null.</summary>
    public static JsonNode? At(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node =
                node is JsonObject o && o.TryGetPropertyValue(name, out var inner) ? inner : null;
        }
        return node;
    }

    /// <summary>A text or number there as text; empty for anything else.</summary>
    public static string Text(JsonNode? node, params ReadOnlySpan<string> path) =>
        At(node, path) is JsonValue value
            ? value.GetValueKind() switch
            {
                JsonValueKind.String => value.GetValue<string>(),
                JsonValueKind.Number => value.ToJsonString(),
                _ => "",
            }
            : "";

    /// <summary>True when <c>true</c> stands there.</summary>
    public static bool Flag(JsonNode? node, params ReadOnlySpan<string> path) =>
        At(node, path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>The items of a list there; none for anything else.</summary>
    public static IEnumerable<JsonNode?> Items(JsonNode? node, params ReadOnlySpan<string> path) =>
        At(node, path) is JsonArray items ? items : [];
}
