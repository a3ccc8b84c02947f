using System.Globalization;
using System.Text;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Delivery;

/// <summary>The words of a pull request. What users and agents wrote is quoted, so that none of it acts as markup of ours.</summary>
public static partial class PullRequestText
{
    private const int BodyMax = 60_000;
    private const int RequestMax = 20_000;
    private const int AnswerMax = 6_000;
    private const int TailMax = 1_500;
    private const int FilesShown = 50;
    private const int TitleMax = 200;

    /// <summary>By which a task's pull request is known; stands in its body.</summary>
    public static string Marker(string taskId) => $"<!-- orchestrator:task={taskId} -->";

    /// <summary>By which the one comment is known.</summary>
    public static string StickyMarker(string taskId) => $"<!-- orchestrator:sticky={taskId} -->";

    /// <summary>By which an answer is known.</summary>
    public static string AnswerMarker(string taskId, string feedbackId, int turn) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"<!-- orchestrator:answer={taskId}:{turn}:{Plain(feedbackId)} -->"
        );

    /// <summary>One line, at most 200 characters.</summary>
    public static string Title(TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var title = TextCut.Line(state.Title.Length > 0 ? state.Title : state.Spec?.Request ?? "");
        return title.Length == 0 ? "Work of a task" : TextCut.Head(title, TitleMax);
    }

    /// <summary>The body, at most 60,000 characters, with the marker.</summary>
    public static string Body(string taskId, TaskState state, string mention)
    {
        ArgumentNullException.ThrowIfNull(state);
        var text = new StringBuilder();
        text.Append("### Request\n\n").Append(Fenced(state.Spec?.Request ?? "", RequestMax));
        if (state.Result is { ResultText.Length: > 0 } result)
        {
            text.Append("\n### What was done\n\n")
                .Append($"{Cell(Agent(state, result))} says:\n\n")
                .Append(FeedbackText.Quote(TextCut.Head(result.ResultText.Trim(), AnswerMax)))
                .Append('\n');
        }
        Files(text, state);
        text.Append("\n### Checks\n\n").Append(Checks(state));
        text.Append("\n### Policy\n\n").Append(Policy(state));
        if (state.Spec is { Tickets.Count: > 0 } spec)
        {
            text.Append("\n### Tickets\n\n")
                .AppendJoin('\n', spec.Tickets.Select(t => "- " + Cell(t)))
                .Append('\n');
        }
        text.Append("\n### Go on\n\n")
            .Append(
                $"Ask for changes in a review, comment on a line, or write a comment with `@{mention}`: each starts another turn of this task. "
            )
            .Append(
                $"`orchestrator explain {taskId}` says where it is, `orchestrator retry {taskId}` works on, `orchestrator cancel {taskId}` stops.\n"
            );
        var tail = $"\n{Marker(taskId)}\n";
        var body = text.ToString();
        return (
                body.Length + tail.Length > BodyMax
                    ? TextCut.Head(body, BodyMax - tail.Length - 20) + "\n\n(cut)\n"
                    : body
            ) + tail;
    }

    /// <summary>The comment that is kept up to date.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="state">Its state.</param>
    /// <param name="artifact">Where the artifact is, as Markdown.</param>
    /// <param name="attached">The artifact as <see cref="Attached"/> folds it, or empty.</param>
    public static string Sticky(
        string taskId,
        TaskState state,
        string artifact,
        string attached = ""
    )
    {
        ArgumentNullException.ThrowIfNull(state);
        var delivery = state.Delivery ?? new DeliveryState();
        var text = new StringBuilder();
        text.Append($"**Task `{taskId}`**: {Where(state, delivery)}\n\n");
        text.Append("| | |\n|---|---|\n");
        Row(text, "Turn", state.Turn.ToString(CultureInfo.InvariantCulture));
        Row(text, "Head", delivery.Head.Length > 0 ? $"`{Short(delivery.Head)}`" : "");
        Row(
            text,
            "Checked on",
            delivery.BaseCommit.Length > 0 ? $"`{Short(delivery.BaseCommit)}`" : ""
        );
        Row(text, "Checks here", Sum(state.Verification));
        Row(text, "Policy", state.Ruling is { } r ? $"{Cell(r.Policy)}: {Word(r.Verdict)}" : "");
        Row(
            text,
            "Cost",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{state.CostUsd:0.00} USD, {state.Tokens} tokens, {state.Attempt} attempts"
            )
        );
        Row(text, "Feedback", Talk(delivery));
        Row(text, "Artifact", artifact);
        if (delivery is { Over: false, HeldFor.Count: > 0 })
        {
            text.Append("\n**Not merged by itself because**\n\n")
                .AppendJoin('\n', delivery.HeldFor.Select(h => "- " + Cell(h)))
                .Append('\n');
        }
        if (state is { Phase: TaskPhase.Failed, Failure: { } failure } && !delivery.Over)
        {
            text.Append("\n**The last turn failed**\n\n")
                .Append(FeedbackText.Quote(TextCut.Head(failure.Message, AnswerMax)))
                .Append('\n');
        }
        if (attached.Length > 0)
        {
            text.Append('\n').Append(attached);
        }
        return text.Append('\n').Append(StickyMarker(taskId)).Append('\n').ToString();
    }

    /// <summary>The commit status of a head: its state and at most 140 characters.</summary>
    public static (string State, string Text) Status(TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var run = state.Verification?.Commands ?? [];
        var words = state.Judgement switch
        {
            { Accepted: false } => $"not accepted; {Sum(state.Verification)}",
            _ when run.Count == 0 => "accepted without a verify command",
            _ when run.All(c => c.ExitCode == 0 && !c.TimedOut) =>
                $"{Sum(state.Verification)}; policy allows it",
            _ => $"accepted; {Sum(state.Verification)}",
        };
        return (
            state.Judgement is { Accepted: false } ? "failure" : "success",
            TextCut.Head($"Turn {state.Turn}: {words}", 140)
        );
    }

    private static string Where(TaskState state, DeliveryState delivery) =>
        (state.Phase, delivery) switch
        {
            (_, { MergeCommit.Length: > 0 }) =>
                $"merged as `{Short(delivery.MergeCommit)}`{By(delivery.OverBy)}.",
            (_, { Over: true }) => $"closed without a merge{By(delivery.OverBy)}.",
            (TaskPhase.InReview, { MergeHead.Length: > 0 }) => "is being merged.",
            (TaskPhase.InReview, { HeldFor.Count: > 0 }) => "in review.",
            (TaskPhase.InReview, _) => "in review, nothing is known against a merge.",
            (TaskPhase.AwaitingApproval, _) =>
                $"waits for an answer: {Cell(state.WaitingFor)} (`orchestrator approve`)",
            (TaskPhase.Failed, _) => "the last turn failed; feedback or a retry works on.",
            (TaskPhase.Cancelled, _) => "cancelled; this pull request is left as it is.",
            (TaskPhase.Paused, _) => $"paused: {Cell(state.WaitingFor)}",
            _ => string.Create(CultureInfo.InvariantCulture, $"turn {state.Turn} is under way."),
        };

    private static string Talk(DeliveryState delivery) =>
        delivery.Seen.Count == 0
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{delivery.Rounds} rounds, {delivery.Pending.Count + delivery.InWork.Count} points open"
            );

    private static void Files(StringBuilder text, TaskState state)
    {
        if (state.Result?.Diff is not { FilesTotal: > 0 } diff)
        {
            return;
        }
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n### Files\n\n{diff.FilesTotal} changed, +{diff.AddedLines} -{diff.DeletedLines}\n\n"
        );
        foreach (var file in diff.Files.Take(FilesShown))
        {
            text.Append("- ").Append(Code(file.Path)).Append('\n');
        }
        if (diff.FilesTotal > FilesShown)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"- and {diff.FilesTotal - FilesShown} more\n"
            );
        }
    }

    private static string Checks(TaskState state)
    {
        if (state.Verification is not { } report)
        {
            return "None were run.\n";
        }
        if (report.Problem.Length > 0)
        {
            return Cell(report.Problem) + "\n";
        }
        if (report.Commands.Count == 0)
        {
            return "The repository names no verify command, and none was detected.\n";
        }
        var text = new StringBuilder("| command | exit code | seconds |\n|---|---|---|\n");
        foreach (var command in report.Commands)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Code(command.Command)} | {(command.TimedOut ? "timed out" : command.ExitCode)} | {command.DurationSeconds:0.0} |\n"
            );
        }
        foreach (
            var command in report.Commands.Where(c => c.ExitCode != 0 && c.OutputTail.Length > 0)
        )
        {
            text.Append('\n').Append(Fenced(command.OutputTail, TailMax));
        }
        return text.ToString();
    }

    private static string Policy(TaskState state)
    {
        if (state.Ruling is not { } ruling)
        {
            return "No policy ruled on this work.\n";
        }
        var text = new StringBuilder(
            $"{Cell(ruling.Policy)}{(ruling.Lane is { } lane ? ", lane " + Cell(lane.Name) : "")}: {Word(ruling.Verdict)}.\n"
        );
        foreach (var rule in ruling.Rulings.Where(r => r.Verdict != Verdict.Allow).Take(10))
        {
            text.Append($"- {Cell(rule.Rule)} ({Cell(rule.Source)}): {Cell(rule.Reason)}\n");
        }
        if (state.ApprovedBy.Count > 0)
        {
            text.Append($"- approved by {Cell(string.Join(", ", state.ApprovedBy))}\n");
        }
        return text.ToString();
    }

    private static string Sum(VerificationReport? report) =>
        report is not { Commands.Count: > 0 }
            ? "no verify command"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Commands.Count(c => c.ExitCode == 0 && !c.TimedOut)} of {report.Commands.Count} verify commands passed"
            );

    private static string Agent(TaskState state, RunResult result) =>
        result.AgentLabel.Length > 0 ? result.AgentLabel
        : state.Agent?.Label is { Length: > 0 } label ? label
        : "The agent";

    private static string Word(Verdict verdict) =>
        verdict switch
        {
            Verdict.Allow => "allowed",
            Verdict.Deny => "denied",
            _ => "people were asked",
        };

    private static string By(string by) => by.Length > 0 ? " by " + Cell(by) : "";

    private static string Short(string commit) => commit[..Math.Min(12, commit.Length)];

    private static void Row(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
        {
            text.Append($"| {name} | {value} |\n");
        }
    }

    // One line in which nothing is markup, a mention or a link of somebody else's making.
    private static string Cell(string value)
    {
        var text = new StringBuilder();
        foreach (var c in TextCut.Head(TextCut.Line(value), 500))
        {
            if (c is '|' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '\\' or '#' or '~')
            {
                text.Append('\\');
            }
            text.Append(c);
            if (c == '@')
            {
                text.Append('\u200b');
            }
        }
        return text.ToString();
    }

    private static string Code(string value)
    {
        var line = TextCut
            .Head(TextCut.Line(value), 300)
            .Replace("|", "\\|", StringComparison.Ordinal);
        var fence = new string('`', Longest(line) + 1);
        return $"{fence} {line} {fence}";
    }

    private static string Fenced(string value, int max, string language = "text")
    {
        var body = TextCut.Head(value, max).ReplaceLineEndings("\n").TrimEnd('\n');
        var fence = new string('`', Math.Max(3, Longest(body) + 1));
        return $"{fence}{language}\n{body}\n{fence}\n";
    }

    private static int Longest(string value)
    {
        var (longest, run) = (0, 0);
        foreach (var c in value)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return longest;
    }

    // Nothing that could end the comment that it stands in.
    private static string Plain(string id) =>
        new([.. id.Select(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '.' or '_' ? c : '_')]);
}
