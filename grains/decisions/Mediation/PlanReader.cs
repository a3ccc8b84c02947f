using System.Text.Json;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Mediation;

/// <summary>A model's answer, or its absence, to a plan. What the requester said always wins over what a model thinks.</summary>
public static class PlanReader
{
    private const int TitleMax = 200;
    private const int CriterionMax = 500;

    /// <summary>The plan: the model's when its answer is whole and in range, the rules' otherwise, with the reason.</summary>
    public static Plan Read(
        TaskSpec spec,
        string message,
        string answer,
        string problem,
        string model
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        var words = string.IsNullOrEmpty(message) ? spec.Request : message;
        var reason = problem;
        if (string.IsNullOrEmpty(problem) && TryRead(answer, out var made, out reason))
        {
            return Settle(spec, made with { Mode = MediationMode.Llama, Model = model });
        }
        var fallback = new Plan
        {
            Mode = MediationMode.Fallback,
            Model = model,
            FallbackReason = reason,
            Kind = SentenceReader.KindOf(words),
            Title = SentenceReader.TitleOf(words),
            TargetFiles = SentenceReader.FilesOf(words),
        };
        return Settle(spec, fallback);
    }

    /// <summary>True when nothing of this kind may write.</summary>
    public static bool IsReadOnly(TaskKind kind) =>
        kind is not (TaskKind.Fix or TaskKind.Documentation);

    private static Plan Settle(TaskSpec spec, Plan plan)
    {
        var kind =
            spec.Kind != TaskKind.Unknown ? spec.Kind : KindOfAgent(spec.AgentType, plan.Kind);
        return plan with
        {
            Kind = kind,
            ReadOnly = IsReadOnly(kind),
            Title = spec.Title.Length > 0 ? spec.Title : plan.Title,
            TargetFiles = spec.TargetFiles.Count > 0 ? spec.TargetFiles : plan.TargetFiles,
            SuccessCriteria =
                spec.SuccessCriteria.Count > 0 ? spec.SuccessCriteria : plan.SuccessCriteria,
            AgentType = spec.AgentType.Length > 0 ? spec.AgentType : AgentOf(kind),
        };
    }

    private static TaskKind KindOfAgent(string agentType, TaskKind otherwise) =>
        agentType switch
        {
            "bug_fix" => TaskKind.Fix,
            "code_review" => TaskKind.CodeReview,
            "analyze" => TaskKind.Analyze,
            "documentation" => TaskKind.Documentation,
            _ => otherwise,
        };

    private static string AgentOf(TaskKind kind) =>
        kind switch
        {
            TaskKind.Fix => "bug_fix",
            TaskKind.CodeReview => "code_review",
            TaskKind.Documentation => "documentation",
            _ => "analyze",
        };

    private static bool TryRead(string answer, out Plan plan, out string reason)
    {
        plan = new Plan();
        try
        {
            using var document = JsonDocument.Parse(
                answer,
                new JsonDocumentOptions { MaxDepth = 8 }
            );
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                reason = "The model's answer is no JSON object.";
                return false;
            }
            return TryMake(root, out plan, out reason);
        }
        catch (JsonException)
        {
            reason = string.IsNullOrWhiteSpace(answer)
                ? "The model's answer is empty."
                : "The model's answer is no JSON.";
            return false;
        }
    }

    private static bool TryMake(JsonElement root, out Plan plan, out string reason)
    {
        plan = new Plan();
        var kind = Text(root, "type") switch
        {
            "fix" => TaskKind.Fix,
            "documentation" => TaskKind.Documentation,
            "code_review" => TaskKind.CodeReview,
            "summarize" => TaskKind.Summarize,
            "analyze" => TaskKind.Analyze,
            _ => TaskKind.Unknown,
        };
        var title = (Text(root, "title") ?? "").ReplaceLineEndings(" ").Trim();
        var risk = Text(root, "risk") ?? "";
        var files = Texts(root, "target_files", 50);
        var criteria = Texts(root, "success_criteria", 20);
        reason =
            kind == TaskKind.Unknown ? "The model's type is none of the known."
            : title.Length is 0 or > TitleMax ? "The model's title is empty or too long."
            : risk is not ("low" or "medium" or "high")
                ? "The model's risk is none of low, medium, high."
            : files is null || files.Any(f => !IsRelative(f))
                ? "The model's target files are no relative paths."
            : criteria is null || criteria.Any(c => c.Length is 0 or > CriterionMax)
                ? "The model's success criteria are out of range."
            : "";
        if (reason.Length > 0)
        {
            return false;
        }
        plan = new Plan
        {
            Kind = kind,
            Title = title,
            Risk = risk,
            TargetFiles = files!,
            SuccessCriteria = criteria!,
        };
        return true;
    }

    private static bool IsRelative(string path) =>
        path.Length is > 0 and <= 400
        && path[0] is not ('/' or '\\' or '~')
        && !path.Contains(':', StringComparison.Ordinal)
        && !path.Split('/', '\\').Contains("..");

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static List<string>? Texts(JsonElement root, string name, int max)
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
            if (item.ValueKind != JsonValueKind.String)
            {
                return null;
            }
            texts.Add(item.GetString()!);
        }
        return texts;
    }
}
