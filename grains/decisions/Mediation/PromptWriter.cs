using System.Text;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Mediation;

/// <summary>
/// What the agent gets on stdin. Begins with a fixed line, because a leading '/' would be a command of the agent's CLI
/// (claude CLI 2.1.330). The user's words stand in it verbatim and once.
/// </summary>
public static class PromptWriter
{
    private const string Header =
        "Task from the orchestrator. The request between the marks is the user's own words.";

    /// <summary>The prompt of the state's next run.</summary>
    public static string Write(TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var spec = state.Spec!;
        var text = new StringBuilder(Header).Append("\n\n");
        text.Append(Role(state.Kind)).Append("\n\n");
        var words = state.TurnMessage.Length > 0 ? state.TurnMessage : spec.Request;
        text.Append("<request>\n").Append(words).Append("\n</request>\n");
        // A session that goes on knows what was said in it; what must hold is said again, for it may have been condensed away.
        var known = state is { Resume: true, TurnMessage.Length: > 0 };
        if (state.TurnMessage.Length > 0 && !known)
        {
            text.Append("\nThe first request of this task, which still holds:\n<first_request>\n")
                .Append(spec.Request)
                .Append("\n</first_request>\n");
        }
        AddList(text, "The user demands that in all of this:", state.Constraints);
        if (state.Clarified.Length > 0)
        {
            text.Append("\nAsked beforehand:\n").Append(state.Clarified).Append('\n');
        }
        if (spec.Context.Length > 0 && !known)
        {
            text.Append("\nContext given by the user:\n").Append(spec.Context).Append('\n');
        }
        AddList(text, "Files named by the user:", spec.TargetFiles);
        AddList(text, "In the end this must hold:", spec.SuccessCriteria);
        AddHints(text, state, words);
        if (state.Plan is { PriorSummary.Length: > 0 } plan && !known)
        {
            text.Append("\nWhat was said and done before:\n")
                .Append(plan.PriorSummary)
                .Append('\n');
        }
        if (state.PatchBlob.Length > 0)
        {
            text.Append(
                "\nThe working directory holds the changes of an earlier run of this task, which may be unfinished. Look at them first, and go on from there.\n"
            );
        }
        if (state.Feedback.Length > 0)
        {
            text.Append('\n').Append(state.Feedback).Append('\n');
        }
        return text.ToString();
    }

    // The model only adds, and is not trusted: named as what it is, below the user's words, never a second time those.
    private static void AddHints(StringBuilder text, TaskState state, string words)
    {
        if (state.Plan is not { Mode: MediationMode.Llama } plan)
        {
            return;
        }
        var spec = state.Spec!;
        string[] hints =
        [
            .. plan.TargetFiles.Except(spec.TargetFiles).Select(f => "file: " + f),
            .. plan.SuccessCriteria.Except(spec.SuccessCriteria).Select(c => "check: " + c),
        ];
        AddList(
            text,
            "Hints of a local model, which may be wrong; the request rules:",
            [.. hints.Where(h => !h.Contains(words, StringComparison.Ordinal))]
        );
    }

    private static string Role(TaskKind kind) =>
        kind switch
        {
            TaskKind.Fix =>
                "Change the files of this working directory until the request is met. Your changes are checked afterwards.",
            TaskKind.Documentation =>
                "Write or improve the documentation that the request asks for. Change nothing else.",
            TaskKind.CodeReview =>
                "Review what the request names and report your findings with file and line. Change no file.",
            TaskKind.Summarize => "Read what the request names and summarize it. Change no file.",
            _ => "Read what is needed and answer the request. Change no file.",
        };

    private static void AddList(StringBuilder text, string heading, IReadOnlyList<string> items)
    {
        if (items.Count == 0)
        {
            return;
        }
        text.Append('\n').Append(heading).Append('\n');
        foreach (var item in items)
        {
            text.Append("- ").Append(item).Append('\n');
        }
    }
}
