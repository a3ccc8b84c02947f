using System.Text.Json;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Mediation;

/// <summary>A model's answer, or its absence, to a plan. What the requester said always wins over what a model thinks.</summary>
public static class PlanReader
{
    private const int TitleMax = 200;
    private const int FilesMax = 50;
    private const int FileMax = 400;
    private const int CriteriaMax = 20;
    private const int CriterionMax = 500;
    private const int QuestionMax = 300;

    private static readonly string[] Members =
    [
        "type",
        "title",
        "target_files",
        "success_criteria",
        "risk",
        "questions",
        "assumptions",
    ];

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
        if (string.IsNullOrEmpty(problem))
        {
            reason = Make(answer, words, out var made);
            if (reason.Length == 0)
            {
                return Settle(
                    spec,
                    made with
                    {
                        Mode = MediationMode.Llama,
                        Model = model,
                        ModelAnswered = true,
                    }
                );
            }
        }
        var kind = SentenceReader.KindOf(words);
        var fallback = new Plan
        {
            Mode = MediationMode.Fallback,
            Model = model,
            ModelAnswered = string.IsNullOrEmpty(problem),
            FallbackReason = reason,
            Kind = kind,
            Title = SentenceReader.TitleOf(words),
            TargetFiles = SentenceReader.FilesOf(words),
            Risk = IsReadOnly(kind) ? "low" : "medium",
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

    // The reason why the answer is of no use; empty = the plan stands.
    private static string Make(string answer, string words, out Plan plan)
    {
        plan = new Plan();
        if (AnswerReader.Read(answer, Members, out var root) is { Length: > 0 } problem)
        {
            return problem;
        }
        var kind = KindOf(AnswerReader.Text(root, "type"));
        var title = TextCut.Line(AnswerReader.Text(root, "title") ?? "");
        var risk = AnswerReader.Text(root, "risk") ?? "";
        var files = Files(root);
        var criteria = AnswerReader
            .Texts(root, "success_criteria", CriteriaMax)
            ?.ConvertAll(TextCut.Line);
        if (kind == TaskKind.Unknown)
        {
            return "The model's type is none of the known.";
        }
        if (title.Length is 0 or > TitleMax)
        {
            return "The model's title is empty or too long.";
        }
        if (risk is not ("low" or "medium" or "high"))
        {
            return "The model's risk is none of low, medium, high.";
        }
        if (files is null)
        {
            return $"The model's target files are not at most {FilesMax} relative paths.";
        }
        if (criteria is null || criteria.Exists(c => c.Length is 0 or > CriterionMax))
        {
            return "The model's success criteria are out of range.";
        }
        var (questions, assumptions) = Questions(root);
        if (AnswerReader.Orders(title) || criteria.Exists(AnswerReader.Orders))
        {
            return "The model's answer gives orders instead of describing the request.";
        }
        if (!IsReadOnly(kind) && SentenceReader.ForbidsWriting(words))
        {
            return "The model wants files changed, and the request forbids it.";
        }
        plan = new Plan
        {
            Kind = kind,
            Title = title,
            Risk = risk,
            TargetFiles = files,
            SuccessCriteria = criteria,
            Questions = questions,
            Assumptions = assumptions,
        };
        return "";
    }

    // Questions are a courtesy: what is not one question with one assumption each is left out, and the plan stands.
    private static (IReadOnlyList<string> Questions, IReadOnlyList<string> Assumptions) Questions(
        JsonElement root
    )
    {
        var questions = AnswerReader.Texts(root, "questions", Plan.QuestionsMost) ?? [];
        var assumptions = AnswerReader.Texts(root, "assumptions", Plan.QuestionsMost) ?? [];
        var all = questions.Concat(assumptions).Select(TextCut.Line).ToList();
        return
            questions.Count == assumptions.Count
            && all.TrueForAll(t => t.Length is > 0 and <= QuestionMax && !AnswerReader.Orders(t))
            ? (all[..questions.Count], all[questions.Count..])
            : ([], []);
    }

    private static TaskKind KindOf(string? type) =>
        type switch
        {
            "fix" => TaskKind.Fix,
            "documentation" => TaskKind.Documentation,
            "code_review" => TaskKind.CodeReview,
            "summarize" => TaskKind.Summarize,
            "analyze" => TaskKind.Analyze,
            _ => TaskKind.Unknown,
        };

    // Relative and '/' separated, each once; null when one of them is no such path.
    private static List<string>? Files(JsonElement root)
    {
        var files = AnswerReader.Texts(root, "target_files", FilesMax);
        if (files is null || files.Exists(f => !IsRelative(f)))
        {
            return null;
        }
        return
        [
            .. files
                .Select(f =>
                    string.Join('/', f.Split('/', '\\').Where(part => part is not ("" or ".")))
                )
                .Where(f => f.Length > 0)
                .Distinct(StringComparer.Ordinal),
        ];
    }

    private static bool IsRelative(string path) =>
        path.Length is > 0 and <= FileMax
        && path[0] is not ('/' or '\\' or '~' or '-')
        && !path.Any(c => char.IsControl(c) || c is ':' or '<' or '>' or '|' or '"')
        && !Array.Exists(
            path.Split('/', '\\'),
            part => part.Trim() is ".." || part.Equals(".git", StringComparison.OrdinalIgnoreCase)
        );
}
