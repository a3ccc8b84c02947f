using System.Text;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Artifacts;

/// <summary>The summary for people: what was done, at most three points, the outcome, what comes next. At most 200 words.</summary>
public static class SummaryText
{
    private const int AnswerMax = 500;

    /// <summary>The text.</summary>
    public static string Write(string taskId, TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var diff = state.Result?.Diff;
        var text = new StringBuilder();
        text.Append(taskId).Append(": ").Append(state.Title).Append('\n');
        text.Append("Outcome: ").Append(Outcome(state)).Append('\n');
        if (state.Result?.AgentLabel.Length > 0)
        {
            text.Append("Agent: ").Append(state.Result.AgentLabel).Append('\n');
        }
        if (diff is { FilesTotal: > 0 })
        {
            text.Append(
                $"- Changed {diff.FilesTotal} files (+{diff.AddedLines} -{diff.DeletedLines}): "
            );
            text.Append(string.Join(", ", diff.Files.Take(5).Select(f => f.Path))).Append('\n');
        }
        else
        {
            text.Append("- Changed no files.\n");
        }
        text.Append("- Checks: ").Append(Checks(state)).Append('\n');
        var answer = state.Result?.ResultText.ReplaceLineEndings(" ").Trim() ?? "";
        if (answer.Length > 0)
        {
            text.Append("- The agent says: ")
                .Append(answer.Length > AnswerMax ? answer[..AnswerMax] + "…" : answer)
                .Append('\n');
        }
        var next =
            state.Phase == TaskPhase.Done
                ? $"Look at it: orchestrator diff {taskId}. Keep it: orchestrator git-commit {taskId}."
                : RetrySchedule.SuggestedAction(state.ErrorClass);
        text.Append("Next: ").Append(next).Append('\n');
        return text.ToString();
    }

    private static string Outcome(TaskState state) =>
        state.Phase == TaskPhase.Done
            ? state.Judgement?.Outcome ?? "SUCCESS"
            : $"FAILED ({state.Failure?.Message ?? state.Phase.ToString()})";

    private static string Checks(TaskState state) =>
        state.Verification switch
        {
            null => "not run",
            { Problem.Length: > 0 } v => v.Problem,
            { Commands.Count: 0 } => "none known for this repository",
            { } v => string.Join(
                "; ",
                v.Commands.Select(c =>
                    $"{c.Command} → {(c.TimedOut ? "timed out" : "exit " + c.ExitCode)}"
                )
            ),
        };
}
