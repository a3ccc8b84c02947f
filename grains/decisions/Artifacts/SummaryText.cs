using System.Text;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Artifacts;

/// <summary>
/// The summary for people: what was done, at most three points, the outcome, what comes next. At most 200 words. All but
/// the point about the agent's answer is evidence; a model may condense that answer, never the rest.
/// </summary>
public static class SummaryText
{
    /// <summary>Most words of a summary.</summary>
    public const int WordsMax = 200;

    // The parts add up to less than the whole: 30 + 40 + 30 + 30 + 60, and the labels.
    private const int TitleWordsMax = 20;
    private const int FailureWordsMax = 40;
    private const int ChecksWordsMax = 30;
    private const int AnswerWordsMax = 60;
    private const int NextWordsMax = 30;
    private const int WordMax = 120;

    /// <summary>The text, with the agent's answer in its own words.</summary>
    public static string Write(string taskId, TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Head(taskId, state)
            + Answer("The agent says", state.Result?.ResultText ?? "")
            + Tail(taskId, state);
    }

    /// <summary>The text's beginning, up to the point about the agent's answer.</summary>
    public static string Head(string taskId, TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var diff = state.Result?.Diff;
        var text = new StringBuilder();
        text.Append(taskId).Append(": ").Append(Cut(state.Title, TitleWordsMax)).Append('\n');
        text.Append("Outcome: ").Append(Cut(Outcome(state), FailureWordsMax)).Append('\n');
        if (state.Result?.AgentLabel.Length > 0)
        {
            text.Append("Agent: ").Append(Cut(state.Result.AgentLabel, 6)).Append('\n');
        }
        if (diff is { FilesTotal: > 0 })
        {
            text.Append(
                $"- Changed {diff.FilesTotal} files (+{diff.AddedLines} -{diff.DeletedLines}): "
            );
            text.Append(Cut(string.Join(", ", diff.Files.Take(5).Select(f => f.Path)), 10))
                .Append('\n');
        }
        else
        {
            text.Append("- Changed no files.\n");
        }
        return text.Append("- Checks: ")
            .Append(Cut(Checks(state), ChecksWordsMax))
            .Append('\n')
            .ToString();
    }

    /// <summary>The point about the agent's answer; empty without one.</summary>
    public static string Answer(string label, string answer)
    {
        var cut = Cut(answer, AnswerWordsMax);
        return cut.Length > 0 ? $"- {label}: {cut}\n" : "";
    }

    /// <summary>The text's end: what comes next.</summary>
    public static string Tail(string taskId, TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var next =
            state.Phase == TaskPhase.Done
                ? $"Look at it: orchestrator diff {taskId}. Keep it: orchestrator git-commit {taskId}."
                : RetrySchedule.SuggestedAction(state.ErrorClass);
        return $"Next: {(next.Length > 0 ? Cut(next, NextWordsMax) : $"orchestrator explain {taskId}")}\n";
    }

    private static string Outcome(TaskState state) =>
        state.Phase switch
        {
            TaskPhase.Done => state.Judgement?.Outcome ?? "SUCCESS",
            _ => $"FAILED ({state.Failure?.Message ?? state.Phase.ToString()})",
        };

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

    // One line of so many words, none of them endless.
    private static string Cut(string text, int wordsMax)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var line = string.Join(
            ' ',
            words.Take(wordsMax).Select(w => w.Length > WordMax ? w[..WordMax] + "…" : w)
        );
        return words.Length > wordsMax ? line + "…" : line;
    }
}
