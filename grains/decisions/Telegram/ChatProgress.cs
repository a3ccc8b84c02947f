using System.Globalization;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Telegram;

/// <summary>What <c>/progress</c> shows: the last events of a task, one a line, <c>HH:MM:SS icon name — details</c> in UTC.</summary>
public static class ChatProgress
{
    /// <summary>Most events that are shown.</summary>
    public const int EventsMax = 10;

    private const int DetailMax = 160;

    /// <summary>The lines, the oldest first; only events not older than <paramref name="since"/>, when it is given.</summary>
    public static IReadOnlyList<string> Lines(
        IEnumerable<JournalEntry> facts,
        string language,
        DateTimeOffset? since = null
    )
    {
        ArgumentNullException.ThrowIfNull(facts);
        return
        [
            .. facts
                .Where(f => since is null || f.At >= since)
                .SelectMany(f => Line(f, language))
                .TakeLast(EventsMax),
        ];
    }

    private static IEnumerable<string> Line(JournalEntry entry, string language)
    {
        foreach (var (icon, name, details) in Of(entry.Fact, language))
        {
            var time = entry.At.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
            var told = ChatCards.Foreign(details.ReplaceLineEndings(" "), DetailMax);
            var turn = entry.Fact is TaskFact.TurnStarted started ? started.Turn : 0;
            var word = ChatWords.Say(language, "event." + name, turn);
            yield return told.Length > 0
                ? $"{time} {icon} {word} — {told}"
                : $"{time} {icon} {word}";
        }
    }

    private static IEnumerable<(string Icon, string Name, string Details)> Of(
        TaskFact fact,
        string language
    ) =>
        fact switch
        {
            TaskFact.Submitted f => [("📥", "received", f.Spec.Requester)],
            TaskFact.PlanMade f => [("🧩", "parsed", f.Plan.Title)],
            TaskFact.AgentStarted f => [("🚀", "started", f.Agent.Label)],
            TaskFact.RunEnded { Result.ErrorClass: ErrorClass.None } f =>
            [
                (
                    "📝",
                    "summarized",
                    ChatWords.Say(
                        language,
                        "event-files",
                        f.Result.Diff.FilesTotal,
                        f.Result.DurationSeconds.ToString("0.0", CultureInfo.InvariantCulture)
                    )
                ),
            ],
            TaskFact.RunEnded { Result.ErrorClass: ErrorClass.Timeout } f =>
            [
                ("⏱️", "timeout", f.Result.Message),
            ],
            TaskFact.RunEnded f => [("⚠️", "ended-badly", f.Result.Message)],
            TaskFact.Judged { Judgement.Accepted: true } => [("✅", "validated", "")],
            TaskFact.Judged f =>
            [
                (
                    "⚠️",
                    "not-accepted",
                    f.Judgement.Findings is [var first, ..] ? first.Message : ""
                ),
            ],
            TaskFact.RetryScheduled f =>
            [
                ("🔁", "retry", f.Reason.Length > 0 ? f.Reason : f.ErrorClass.ToString()),
            ],
            TaskFact.TurnStarted f => [("🔁", "turn", f.Kind)],
            TaskFact.Delivered => [("💾", "artifacts", ""), ("🏁", "finished", "")],
            TaskFact.Failed f => [("🏁", "failed", f.Failure.Message)],
            TaskFact.Cancelled => [("🏁", "cancelled", "")],
            TaskFact.CancelRequested f => [("⏹", "cancel-asked", f.By)],
            TaskFact.ApprovalAsked f => [("✋", "asks", f.What)],
            TaskFact.ApprovalReminded f => [("✋", "asks-again", f.What)],
            TaskFact.ApprovalHandedOver f =>
            [
                ("✋", "handed-over", ChatWords.Say(language, "event-by-to", f.By, f.To)),
            ],
            TaskFact.Approved f => [("✅", "approved", f.By)],
            TaskFact.Rejected f => [("❌", "rejected", f.By)],
            TaskFact.Staged f =>
            [
                ("📦", "staged", f.Diff.Hash[..Math.Min(12, f.Diff.Hash.Length)]),
            ],
            TaskFact.Applied f => [("📦", "applied", f.Branch)],
            TaskFact.ApplyRefused f => [("⚠️", "not-applied", f.Failure.Message)],
            TaskFact.Paused f => [("⏸", "paused", f.Reason)],
            TaskFact.Resumed f => [("▶️", "resumed", f.By)],
            TaskFact.CommitMade f => [("📦", "committed", f.Branch)],
            TaskFact.PullRequestOpened f => [("🔎", "in-review", f.PullRequest.WebAddress)],
            TaskFact.Merged f => [("📦", "merged", f.Commit)],
            _ => [],
        };
}
