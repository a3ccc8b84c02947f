using System.Text;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tickets;

/// <summary>What a task's tickets are to say. It follows from the task's state alone, so writing it again changes nothing.</summary>
/// <param name="Text">The one comment, plain lines; its last line is <see cref="Marker"/>.</param>
/// <param name="Stage">Where the ticket belongs.</param>
/// <param name="PullRequest">To link, or null.</param>
public sealed record TicketNote(string Text, TicketStage Stage, PullRequestRef? PullRequest)
{
    private const int WordsMax = 1_500;

    /// <summary>True for facts after which a ticket has something new to say.</summary>
    public static bool Concerns(TaskFact fact) =>
        fact
            is TaskFact.Submitted
                or TaskFact.TurnStarted
                or TaskFact.PullRequestOpened
                or TaskFact.Merged
                or TaskFact.PullRequestClosed
                or TaskFact.Delivered
                or TaskFact.Failed
                or TaskFact.Cancelled;

    /// <summary>By which the one comment of a task is known.</summary>
    public static string Marker(string taskId) => $"orchestrator:task={taskId};";

    /// <summary>True when a comment is the one of a marker: it stands in the last line, which nobody's words reach; an agent may have written another task's into its own.</summary>
    public static bool IsOf(string comment, string marker)
    {
        ArgumentNullException.ThrowIfNull(comment);
        var text = comment.AsSpan().Trim();
        var last = text[(text.LastIndexOf('\n') + 1)..].Trim();
        return last.Length > 0 && last.SequenceEqual(marker);
    }

    /// <summary>What to say now.</summary>
    public static TicketNote Of(string taskId, TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var delivery = state.Delivery ?? new DeliveryState();
        var text = new StringBuilder();
        text.Append(Where(state, delivery)).Append('\n');
        if (delivery.PullRequest is { } pull)
        {
            text.Append($"Pull request: {pull.WebAddress}\n");
        }
        if (state is { Phase: TaskPhase.Failed, Failure: { } failure })
        {
            text.Append($"Reason: {TextCut.Head(TextCut.Line(failure.Message), WordsMax)}\n");
        }
        if (state is { Ended: true, Result.ResultText: { Length: > 0 } said })
        {
            text.Append($"The agent said: {TextCut.Head(TextCut.Line(said), WordsMax)}\n");
        }
        text.Append(Marker(taskId));
        return new TicketNote(text.ToString(), StageOf(state, delivery), delivery.PullRequest);
    }

    /// <summary>The state that a ticket is to be moved to; null = it stays. What somebody closed is not opened again, and moved is forward only by our word.</summary>
    public static string? MoveOf(TicketView ticket, TicketStage stage, TicketRules rules)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(rules);
        var wanted = stage switch
        {
            TicketStage.Started => rules.StateStarted,
            TicketStage.Review => rules.StateReview,
            TicketStage.Done => rules.StateDone,
            _ => "",
        };
        return
            wanted.Length == 0
            || wanted.Equals(ticket.State, StringComparison.OrdinalIgnoreCase)
            || ticket.Closed
            ? null
            : wanted;
    }

    /// <summary>The states on the way to a stage's, in order, after the one where the ticket is: where a workflow allows no leap, it is gone step by step.</summary>
    public static IReadOnlyList<string> StepsTo(
        TicketView ticket,
        TicketStage stage,
        TicketRules rules
    )
    {
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(rules);
        string[] all = stage switch
        {
            TicketStage.Review => [rules.StateStarted],
            TicketStage.Done => [rules.StateStarted, rules.StateReview],
            _ => [],
        };
        var here = Array.FindLastIndex(
            all,
            s => s.Equals(ticket.State, StringComparison.OrdinalIgnoreCase)
        );
        return [.. all.Skip(here + 1).Where(s => s.Length > 0)];
    }

    private static string Where(TaskState state, DeliveryState delivery) =>
        state.Phase switch
        {
            _ when delivery is { Over: true, MergeCommit.Length: > 0 } =>
                $"The work is merged as {Short(delivery.MergeCommit)}.",
            _ when delivery.Over => "The pull request was closed without a merge.",
            TaskPhase.Done when delivery.PullRequest is null =>
                "The work is done and passed its checks. It waits in the task to be committed.",
            TaskPhase.Done => "The work is done and passed its checks.",
            TaskPhase.InReview => "The work passed its checks and is in review.",
            TaskPhase.Failed => "The work failed.",
            TaskPhase.Cancelled => "The work was cancelled.",
            _ when state.Turn > 1 => $"Work goes on, turn {state.Turn}.",
            _ => "Work on this ticket has begun.",
        };

    private static TicketStage StageOf(TaskState state, DeliveryState delivery) =>
        delivery is { Over: true, MergeCommit.Length: > 0 } ? TicketStage.Done
        : delivery.Over || state.Phase is TaskPhase.Failed or TaskPhase.Cancelled ? TicketStage.None
        // Accepted is not merged: somebody still has to take it.
        : state.Phase is TaskPhase.InReview or TaskPhase.Done ? TicketStage.Review
        : TicketStage.Started;

    private static string Short(string commit) => commit.Length > 12 ? commit[..12] : commit;
}

/// <summary>Where a ticket belongs by its task.</summary>
public enum TicketStage
{
    /// <summary>Left where it is.</summary>
    None = 0,

    /// <summary>Work goes on.</summary>
    Started = 1,

    /// <summary>People are to look.</summary>
    Review = 2,

    /// <summary>Merged.</summary>
    Done = 3,
}
