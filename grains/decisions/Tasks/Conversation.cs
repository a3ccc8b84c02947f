using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>Where in a task's facts something was said.</summary>
/// <param name="Number">The entry's number, from 1.</param>
/// <param name="Sequence">Number of the fact.</param>
/// <param name="Turn">The turn it belongs to; 0 = a reply that waits.</param>
/// <param name="ReplyId">For a reply: its id.</param>
/// <param name="Withdrawn">True for a reply that a cancel took along.</param>
public sealed record SaidMark(
    int Number,
    long Sequence,
    int Turn,
    string ReplyId = "",
    bool Withdrawn = false
);

/// <summary>Facts to the conversation they hold. The words stand in the facts alone; marks say where.</summary>
public static class Conversation
{
    /// <summary>Brings marks up to date with one more fact.</summary>
    /// <param name="marks">Changed in place; may hold the last ones only.</param>
    /// <param name="fact">The fact.</param>
    /// <param name="sequence">Its number in the task.</param>
    /// <param name="turn">The turn after it.</param>
    public static void Note(IList<SaidMark> marks, TaskFact fact, long sequence, int turn)
    {
        ArgumentNullException.ThrowIfNull(marks);
        switch (fact)
        {
            case TaskFact.TurnStarted { ReplyId.Length: > 0 } f:
                GiveTurn(marks, f.ReplyId, turn);
                break;
            case TaskFact.Approved { ReplyId.Length: > 0 } f:
                GiveTurn(marks, f.ReplyId, turn);
                break;
            case TaskFact.CancelRequested { KeepsReplies: false }:
                Withdraw(marks);
                break;
            default:
                break;
        }
        if (Says(fact))
        {
            var reply = (fact as TaskFact.Replied)?.Reply;
            marks.Add(
                new SaidMark(
                    marks.Count > 0 ? marks[^1].Number + 1 : 1,
                    sequence,
                    reply is null ? turn : 0,
                    reply?.Id ?? ""
                )
            );
        }
    }

    /// <summary>The entry that a mark stands for.</summary>
    /// <param name="entry">The fact at the mark's place.</param>
    /// <param name="mark">The mark.</param>
    public static ConversationEntry Entry(JournalEntry entry, SaidMark mark)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(mark);
        var said = new ConversationEntry
        {
            Number = mark.Number,
            Turn = mark.Turn,
            At = entry.At,
            Withdrawn = mark.Withdrawn,
        };
        return entry.Fact switch
        {
            TaskFact.Submitted f => said with
            {
                Role = "user",
                Text = f.Spec.Request,
                Author = f.Spec.Requester,
                Channel = f.Spec.Source,
                Attachments = [.. f.Spec.Attachments.Select(a => a.Name)],
                Constraints = f.Spec.Constraints,
            },
            TaskFact.Replied f => said with
            {
                Role = "user",
                Text = f.Reply.Text,
                Author = f.Reply.By,
                Channel = f.Reply.Channel,
                Attachments = [.. f.Reply.Attachments.Select(a => a.Name)],
                Constraints = f.Reply.Constraints,
            },
            TaskFact.TurnStarted f => said with
            {
                Role = "user",
                Text = f.Message.Length > 0 ? f.Message : $"({f.Kind})",
                Author = f.By,
                Channel = f.Kind == TaskState.FeedbackTurn ? "github" : "",
            },
            TaskFact.PlanMade f => said with
            {
                Role = "mediator",
                Text = f.Plan.Title,
                Author = f.Plan.Model,
            },
            TaskFact.ApprovalAsked f => said with
            {
                Role = "mediator",
                Text = string.Join(
                    '\n',
                    f.Questions.Select(
                        (q, i) =>
                            i < f.Assumptions.Count
                                ? $"{i + 1}. {q} (else: {f.Assumptions[i]})"
                                : $"{i + 1}. {q}"
                    )
                ),
            },
            TaskFact.RunEnded f => said with
            {
                Role = "agent",
                Text = f.Result.ResultText,
                Author = f.Result.AgentLabel,
                Artifact = $"results/{entry.TaskId}.json",
            },
            _ => said,
        };
    }

    /// <summary>True for facts that somebody's words stand in.</summary>
    public static bool Says(TaskFact fact) =>
        fact switch
        {
            TaskFact.Submitted or TaskFact.Replied => true,
            TaskFact.TurnStarted { ReplyId.Length: 0 } => true,
            TaskFact.PlanMade f => f.Plan.Mode == MediationMode.Llama,
            TaskFact.ApprovalAsked f => f.Questions.Count > 0,
            TaskFact.RunEnded f => f.Result.ResultText.Length > 0,
            _ => false,
        };

    // Looked for from the end: replies that wait are few and late.
    private static void GiveTurn(IList<SaidMark> marks, string replyId, int turn)
    {
        for (var i = marks.Count - 1; i >= 0; i--)
        {
            if (marks[i].ReplyId == replyId)
            {
                marks[i] = marks[i] with { Turn = turn };
                return;
            }
        }
    }

    private static void Withdraw(IList<SaidMark> marks)
    {
        for (var i = 0; i < marks.Count; i++)
        {
            if (marks[i] is { Turn: 0, Withdrawn: false })
            {
                marks[i] = marks[i] with { Withdrawn = true };
            }
        }
    }
}
