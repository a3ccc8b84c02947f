using System.Text.Json;
using Json.Schema;

namespace Orchestrator.Decisions.Artifacts;

/// <summary>The published schemas of lines and files other than artifacts, to check them against.</summary>
public static class TextSchemas
{
    private static readonly Lazy<JsonSchema> Event = new(() => Load("event.schema"));
    private static readonly Lazy<JsonSchema> TaskFile = new(() => Load("task-file.schema"));

    // One for all: evaluations of one schema at once, each with options of its own, let invalid documents pass
    // (JsonSchema.Net 7.4, json-everything issue 929).
    internal static readonly EvaluationOptions AsList = new() { OutputFormat = OutputFormat.List };

    private static readonly Lazy<JsonSchema> Policy = new(() => Load("policy.schema"));

    /// <summary>Findings about a policy, given as the JSON that its YAML stands for.</summary>
    public static IReadOnlyList<string> CheckPolicy(string json) => Check(Policy.Value, json);

    /// <summary>Findings about one line of events.ndjson; empty when it is valid. Throws <see cref="JsonException"/> when it is no JSON.</summary>
    public static IReadOnlyList<string> CheckEvent(string line) => Check(Event.Value, line);

    /// <summary>Findings about the frontmatter of a task file, given as a JSON object of its keys.</summary>
    public static IReadOnlyList<string> CheckTaskFile(string keys) => Check(TaskFile.Value, keys);

    private static List<string> Check(JsonSchema schema, string json)
    {
        using var document = JsonDocument.Parse(json);
        var result = schema.Evaluate(document.RootElement, AsList);
        if (result.IsValid)
        {
            return [];
        }
        List<string> findings =
        [
            .. (result.Details ?? [])
                .Where(d => d.Errors is not null)
                .SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}"))
                .Distinct(),
        ];
        return findings.Count > 0 ? findings : ["It does not match the schema."];
    }

    private static JsonSchema Load(string name)
    {
        using var stream = typeof(TextSchemas).Assembly.GetManifestResourceStream(
            $"schemas/{name}.json"
        )!;
        using var reader = new StreamReader(stream);
        return JsonSchema.FromText(reader.ReadToEnd());
    }
}
