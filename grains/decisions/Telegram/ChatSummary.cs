using System.Text;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Telegram;

/// <summary>
/// How a turn ended, in the reader's language: outcome, agent, what was changed, the checks, what the agent says, what comes
/// next. What the server, a tool or the agent said stands in it as it was said.
/// </summary>
public static class ChatSummary
{
    private const int FailureMax = 400;
    private const int ChecksMax = 400;
    private const int AnswerMax = 900;
    private const int FilesShown = 5;

    /// <summary>The text, some lines; each part is cut, so that the whole stays below a message's length.</summary>
    public static string Write(TaskState state, string language)
    {
        ArgumentNullException.ThrowIfNull(state);
        var lines = new List<string> { Outcome(state, language) };
        if (state.Result?.AgentLabel is { Length: > 0 } agent)
        {
            lines.Add(ChatWords.Say(language, "end-agent", agent));
        }
        lines.Add(
            state.Result?.Diff is { FilesTotal: > 0 } diff
                ? ChatWords.Say(
                    language,
                    "end-changed",
                    diff.FilesTotal,
                    diff.AddedLines,
                    diff.DeletedLines,
                    string.Join(", ", diff.Files.Take(FilesShown).Select(f => f.Path))
                )
                : ChatWords.Say(language, "end-unchanged")
        );
        lines.Add(
            ChatWords.Say(
                language,
                "end-checks",
                ChatSplitter.Cut(Checks(state.Verification, language), ChecksMax)
            )
        );
        if (OneLine(state.Result?.ResultText ?? "") is { Length: > 0 } answer)
        {
            lines.Add(ChatWords.Say(language, "end-says", ChatSplitter.Cut(answer, AnswerMax)));
        }
        lines.Add(Next(state, language));
        return string.Join('\n', lines);
    }

    private static string Outcome(TaskState state, string language) =>
        state.Phase == TaskPhase.Failed
            ? ChatWords.Say(
                language,
                "end-failed",
                ChatSplitter.Cut(
                    OneLine(state.Failure?.Message ?? state.ErrorClass.ToString()),
                    FailureMax
                )
            )
            : ChatWords.Say(
                language,
                "end-success",
                state.Phase is TaskPhase.Done or TaskPhase.InReview
                    ? state.Judgement?.Outcome ?? "SUCCESS"
                    : ChatCards.Word(state.Phase, language)
            );

    private static string Checks(VerificationReport? run, string language) =>
        run switch
        {
            null => ChatWords.Say(language, "end-not-checked"),
            { Problem.Length: > 0 } => run.Problem,
            { Commands.Count: 0 } => ChatWords.Say(language, "end-no-checks"),
            _ => string.Join(
                "; ",
                run.Commands.Select(c =>
                    c.Command
                    + " → "
                    + (
                        c.TimedOut
                            ? ChatWords.Say(language, "end-timed-out")
                            : ChatWords.Say(language, "end-exit", c.ExitCode)
                    )
                )
            ),
        };

    private static string Next(TaskState state, string language) =>
        state.Phase == TaskPhase.Done ? ChatWords.Say(language, "end-next-done")
        : RetrySchedule.SuggestedAction(state.ErrorClass) is { Length: > 0 } action
            ? ChatWords.Say(language, "end-next", action)
        : ChatWords.Say(language, "end-next-show");

    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
