using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Cli;

/// <summary>A fact in words for a person who watches.</summary>
internal static class FactWords
{
    /// <summary>One line (with indented ones for findings), or null for facts that nobody watches for.</summary>
    public static string? Of(TaskFact fact) =>
        Phase(fact) is { } phase ? Line(phase, Detail(fact)) : null;

    /// <summary>The word for where the task is after the fact, or null when it says nothing about that.</summary>
    public static string? Phase(TaskFact fact) =>
        fact switch
        {
            TaskFact.Submitted => "received",
            TaskFact.Screened => "mediating",
            TaskFact.PlanMade => "queued",
            TaskFact.RunStarted => "preparing",
            TaskFact.AgentStarted => "running",
            TaskFact.RunEnded { Result.ErrorClass: ErrorClass.None } => "validating",
            TaskFact.RunEnded => "ended",
            TaskFact.Verified => "verified",
            TaskFact.Judged => "judged",
            TaskFact.RetryScheduled => "retry",
            TaskFact.Delivered => "done",
            TaskFact.Failed => "failed",
            TaskFact.Paused => "paused",
            TaskFact.Resumed => "resumed",
            TaskFact.ApprovalAsked => "asks",
            TaskFact.CancelRequested => "cancelling",
            TaskFact.Cancelled => "cancelled",
            TaskFact.TurnStarted f => "turn " + f.Turn,
            TaskFact.ApprovalReminded => "reminded",
            TaskFact.ApprovalHandedOver => "handed over",
            TaskFact.Replied => "reply",
            TaskFact.CommitMade => "committed",
            TaskFact.OverlapFound => "overlaps",
            TaskFact.Ruled { Ruling.Verdict: Verdict.Deny } => "denied",
            TaskFact.Staged => "staged",
            TaskFact.Approved => "approved",
            TaskFact.Rejected => "rejected",
            TaskFact.ApplyStarted => "applying",
            TaskFact.Applied => "applied",
            TaskFact.ApplyRefused => "refused",
            TaskFact.PolicyActivated => "policy",
            TaskFact.BranchPushed => "pushed",
            TaskFact.PullRequestOpened => "in review",
            TaskFact.FeedbackReceived => "feedback",
            TaskFact.FeedbackAnswered => "answered",
            TaskFact.MergeHeld => "held",
            TaskFact.MergeStarted => "merging",
            TaskFact.Merged => "merged",
            TaskFact.PullRequestClosed => "closed",
            _ => null,
        };

    private static string Detail(TaskFact fact) =>
        fact switch
        {
            TaskFact.PlanMade f =>
                $"{f.Plan.Kind}{(f.Plan.ReadOnly ? ", read-only" : "")}: {f.Plan.Title} [{(f.Plan.Mode == MediationMode.Llama ? "LLAMA" : "FALLBACK")}]",
            TaskFact.RunStarted f => $"attempt {f.Attempt} on {f.Host}",
            TaskFact.AgentStarted f => f.Agent.Label,
            TaskFact.RunEnded { Result.ErrorClass: ErrorClass.None } f =>
                $"{f.Result.Diff.FilesTotal} files changed (+{f.Result.Diff.AddedLines} -{f.Result.Diff.DeletedLines}), {f.Result.DurationSeconds:0.0}s{Cost(f.Result.Usage.CostUsd)}",
            TaskFact.RunEnded f => $"{f.Result.ErrorClass}: {f.Result.Message}",
            TaskFact.Verified f => f.Report.Problem.Length > 0 ? f.Report.Problem
            : f.Report.Commands.Count == 0 ? "no checks known"
            : string.Join(
                "; ",
                f.Report.Commands.Select(c =>
                    $"{c.Command} → {(c.TimedOut ? "timed out" : "exit " + c.ExitCode)}"
                )
            ),
            TaskFact.Judged f => f.Judgement.Outcome
                + string.Concat(f.Judgement.Findings.Select(x => "\n           " + x.Message)),
            TaskFact.RetryScheduled f => $"{f.ErrorClass}, again at {f.Due.ToLocalTime():HH:mm:ss}"
                + (f.Reason.Length > 0 ? $": {f.Reason}" : ""),
            TaskFact.Failed f => f.Failure.Message,
            TaskFact.Paused f => f.Until is { } until
                ? $"{f.Reason} (until {until.ToLocalTime():yyyy-MM-dd HH:mm:ss}, then it goes on by itself)"
                : f.Reason,
            TaskFact.Resumed f => f.By,
            TaskFact.ApprovalAsked f => f.What,
            TaskFact.CancelRequested f => f.By,
            TaskFact.ApprovalReminded f => f.What,
            TaskFact.ApprovalHandedOver f => $"by {f.By} to {f.To}",
            TaskFact.Replied f => $"{f.Reply.By}: {FirstLine(f.Reply.Text)}",
            TaskFact.TurnStarted f => f.Kind,
            TaskFact.OverlapFound f => string.Join(
                "; ",
                f.With.Select(o => $"{string.Join(", ", o.Paths.Select(PathText))} with {o.TaskId}")
            ),
            TaskFact.Ruled f => string.Join(
                "\n           ",
                f.Ruling.Rulings.Where(r => r.Verdict == Verdict.Deny)
                    .Select(r => $"{r.Reason} (rule {r.Rule}, {r.Source})")
            ),
            TaskFact.Staged f =>
                $"diff {f.Diff.Hash[..Math.Min(12, f.Diff.Hash.Length)]}, not applied before it is approved",
            TaskFact.Approved f => f.Note.Length > 0 ? $"{f.By}: {f.Note}" : f.By,
            TaskFact.Rejected f => f.Note.Length > 0 ? $"{f.By}: {f.Note}" : f.By,
            TaskFact.ApplyStarted f => f.By,
            TaskFact.Applied f => $"{f.Commit} on {f.Branch}",
            TaskFact.ApplyRefused f => f.Failure.Message,
            TaskFact.PolicyActivated f => $"{f.Policy}, set by {f.By}",
            TaskFact.CommitMade f => $"{f.Commit} on {f.Branch}{(f.Pushed ? ", pushed" : "")}",
            TaskFact.BranchPushed f => $"{f.Head} on {f.Branch}",
            TaskFact.PullRequestOpened f => f.PullRequest.WebAddress,
            TaskFact.FeedbackReceived f => string.Join(
                "\n           ",
                f.Items.Select(i =>
                    $"{i.Kind} by {i.By}{(i.Path.Length > 0 ? $" on {i.Path}:{i.Line}" : "")}"
                )
            ),
            TaskFact.MergeHeld f => string.Join("\n           ", f.Reasons),
            TaskFact.MergeStarted f => $"{f.Method} of {f.Head}",
            TaskFact.Merged f => $"{f.Commit}{(f.By.Length > 0 ? " by " + f.By : "")}",
            TaskFact.PullRequestClosed f => f.By,
            _ => "",
        };

    /// <summary>A path of an overlap, as people read it.</summary>
    public static string PathText(string path) => path.Length > 0 ? path : "the whole repository";

    private static string FirstLine(string text)
    {
        const int max = 120;
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        var line = end >= 0 ? text[..end] : text;
        return line.Length > max || end >= 0 ? line[..Math.Min(line.Length, max)] + "…" : line;
    }

    private static string Cost(decimal usd) => usd > 0 ? $", ${usd:0.0000}" : "";

    private static string Line(string name, string detail)
    {
        var colour = name switch
        {
            "done" or "committed" or "approved" or "applied" or "in review" or "merged" => 32,
            "failed" or "ended" or "cancelled" or "denied" or "rejected" or "refused" or "closed" =>
                31,
            "retry"
            or "paused"
            or "overlaps"
            or "cancelling"
            or "asks"
            or "staged"
            or "feedback"
            or "held" => 33,
            _ => 36,
        };
        return $"{Output.Paint(name.PadRight(11), colour)} {detail}".TrimEnd();
    }
}
