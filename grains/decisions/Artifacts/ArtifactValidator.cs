using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Orchestrator.Decisions.Artifacts;

/// <summary>Checks artifacts of schema 1.0 and 1.1 against the product's JSON Schemas.</summary>
public static class ArtifactValidator
{
    private static readonly Lazy<JsonSchema> One = new(() => Load("artifact-1.0.schema"));
    private static readonly Lazy<JsonSchema> OneOne = new(() => Load("artifact-1.1.schema"));

    /// <summary>Every finding, empty when it is valid. Throws <see cref="JsonException"/> when the text is no JSON or a member stands twice in an object.</summary>
    public static IReadOnlyList<string> Check(string name, string json)
    {
        try
        {
            return CheckAll(name, json);
        }
        catch (Exception e)
            when (e is FormatException or OverflowException or InvalidOperationException)
        {
            return
            [
                "It holds a number or a text that no reader can hold (1e999, half a surrogate pair).",
            ];
        }
    }

    private static List<string> CheckAll(string name, string json)
    {
        // A member that stands twice would be read differently by different readers.
        var node = JsonNode.Parse(
            json,
            documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }
        );
        if (node is not JsonObject root)
        {
            return ["The artifact is no JSON object."];
        }
        var version = root["schema_version"]?.ToString();
        var schema = version switch
        {
            "1.0" => One.Value,
            "1.1" => OneOne.Value,
            _ => null,
        };
        if (schema is null)
        {
            return
            [
                $"schema_version is {(root.ContainsKey("schema_version") ? version : "absent")}; known: 1.0, 1.1.",
            ];
        }
        using var document = JsonDocument.Parse(json);
        var result = schema.Evaluate(document.RootElement, TextSchemas.AsList);
        var findings = new List<string>();
        if (!result.IsValid)
        {
            findings.AddRange(
                (result.Details ?? [])
                    .Where(d => d.Errors is not null)
                    .SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}"))
                    .Distinct()
            );
        }
        if (root["task_id"]?.ToString() != name)
        {
            findings.Add($"task_id is {root["task_id"]}; the file is named {name}.");
        }
        return findings;
    }

    private static JsonSchema Load(string name)
    {
        using var stream = typeof(ArtifactValidator).Assembly.GetManifestResourceStream(
            $"schemas/{name}.json"
        )!;
        using var reader = new StreamReader(stream);
        return JsonSchema.FromText(reader.ReadToEnd());
    }
}
