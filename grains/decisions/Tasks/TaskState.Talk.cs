using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <content>What people said after the request, and what a later turn remembers of it.</content>
public sealed partial record TaskState
{
    /// <summary>Turns that are remembered with their words; what was before them is in the mediator's summary.</summary>
    public const int MemoryMax = 20;

    /// <summary>Entries of the conversation that the state knows the places of.</summary>
    public const int SaidKept = 60;

    /// <summary>The kind of a turn that a reply caused.</summary>
    public const string ReplyTurn = "reply";

    /// <summary>The kind of a turn that tries the last one's words again.</summary>
    public const string RetryTurn = "retry";

    private const int MemoryTextMax = 1_500;

    /// <summary>Replies that wait for their turn, in the order they get it.</summary>
    public IReadOnlyList<Reply> Replies { get; init; } = [];

    /// <summary>Id and content hash of every reply accepted so far.</summary>
    public IReadOnlyList<ReplyMark> ReplyMarks { get; init; } = [];

    /// <summary>What must hold in every turn, in the users' words.</summary>
    public IReadOnlyList<string> Constraints { get; init; } = [];

    /// <summary>Files that users sent along so far.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];

    /// <summary>The queue's lane in force.</summary>
    public TaskPriority Priority { get; init; } = TaskPriority.Medium;

    /// <summary>The kind of work that a reply asked for; null = none did.</summary>
    public TaskKind? WishedKind { get; init; }

    /// <summary>What caused the turn: empty in the first, then <c>reply</c>, <c>retry</c>, <c>restage</c>, <c>feedback</c>.</summary>
    public string TurnKind { get; init; } = "";

    /// <summary>Whose wish the turn is: the requester's, or of whoever replied.</summary>
    public string Speaker { get; init; } = "";

    /// <summary>For the scripted runner: the turn's script.</summary>
    public string Script { get; init; } = "";

    /// <summary>The turn that <see cref="Result"/> belongs to.</summary>
    public int ResultTurn { get; init; }

    /// <summary>The turns before this one, oldest first, at most <see cref="MemoryMax"/>.</summary>
    public IReadOnlyList<TurnMemory> Memory { get; init; } = [];

    /// <summary>What the mediator wants to know; empty when nothing is asked, or a yes or no is.</summary>
    public IReadOnlyList<string> Questions { get; init; } = [];

    /// <summary>What is assumed when nobody answers.</summary>
    public IReadOnlyList<string> Assumptions { get; init; } = [];

    /// <summary>What the turn's questions came to: the answer, or the assumptions that stand. Empty when none were asked.</summary>
    public string Clarified { get; init; } = "";

    /// <summary>Places of the last entries of the conversation.</summary>
    public IReadOnlyList<SaidMark> Said { get; init; } = [];

    /// <summary>True when nothing is under way that a reply would have to wait for.</summary>
    public bool Rests => Ended || Phase == TaskPhase.InReview;

    /// <summary>The request as the mediator is to read it: of the kind that was asked for last, and of none where only reading was done so far and the words may want more.</summary>
    public TaskSpec MediatedSpec =>
        TurnKind.Length == 0 || Spec is null
            ? Spec!
            : Spec with
            {
                Kind =
                    WishedKind
                    ?? (
                        TurnKind == ReplyTurn && Plan is not { ReadOnly: false } ? TaskKind.Unknown
                        : TurnKind == ReplyTurn || Delivery is { InWork.Count: > 0 } ? Kind
                        : Spec.Kind
                    ),
            };

    private TaskState AfterReply(Reply reply) =>
        this with
        {
            Replies = [.. Replies, reply],
            ReplyMarks = [.. ReplyMarks, ReplyMark.Of(reply)],
        };

    // What a reply brings counts from the turn on that is about it.
    private TaskState Taking(string replyId)
    {
        if (Replies.FirstOrDefault(r => r.Id == replyId) is not { } reply)
        {
            return this;
        }
        return this with
        {
            Replies = [.. Replies.Where(r => r.Id != replyId)],
            Constraints = [.. Constraints.Union(reply.Constraints)],
            Attachments = [.. Attachments.Union(reply.Attachments)],
            Priority = reply.Priority ?? Priority,
            WishedKind = reply.Kind ?? WishedKind,
            Script = reply.Script.Length > 0 ? reply.Script : Script,
        };
    }

    /// <summary>What a task that begins after this turn remembers.</summary>
    public IReadOnlyList<TurnMemory> MemoryWithThisTurn => Remembering();

    private IReadOnlyList<TurnMemory> Remembering()
    {
        var now = new TurnMemory
        {
            Turn = Turn,
            Asked = Cut(TurnMessage.Length > 0 ? TurnMessage : Spec?.Request ?? ""),
            Answered = ResultTurn == Turn ? Cut(Result?.ResultText ?? "") : "",
            Outcome = Phase switch
            {
                TaskPhase.Failed => "failed",
                TaskPhase.Cancelled => "cancelled",
                _ => "done",
            },
        };
        // A turn that only checked said nothing.
        return CheckOnly ? Memory : [.. Memory.TakeLast(MemoryMax - 1), now];
    }

    private IReadOnlyList<SaidMark> Saying(TaskFact fact, int turn)
    {
        if (
            !Conversation.Says(fact)
            && fact is not (TaskFact.TurnStarted or TaskFact.Approved or TaskFact.CancelRequested)
        )
        {
            return Said;
        }
        var marks = Said.ToList();
        Conversation.Note(marks, fact, Version + 1, turn);
        return marks.Count > SaidKept ? marks[^SaidKept..] : marks;
    }

    private TaskState NextTurn(TaskFact.TurnStarted fact)
    {
        var reply = Replies.FirstOrDefault(r => r.Id == fact.ReplyId);
        return Taking(fact.ReplyId).Turned(fact) with
        {
            TurnKind = fact.Kind,
            // What is tried again is what was wanted last.
            TurnMessage = fact.Kind is RetryTurn or Restage
                ? TurnMessage
                : reply?.Text ?? fact.Message,
            Speaker =
                fact.Kind == ReplyTurn ? fact.By
                : fact.Kind is RetryTurn or Restage ? Speaker
                : Spec?.Requester ?? "",
            Memory = Remembering(),
            Clarified = "",
            Questions = [],
            Assumptions = [],
        };
    }

    // A reply answers in its own words; a plain yes, and silence, let the assumptions stand.
    private TaskState Clear(TaskFact.Approved fact)
    {
        var reply = Replies.FirstOrDefault(r => r.Id == fact.ReplyId);
        return (Answered() with { Phase = ReturnTo, Speaker = reply?.By ?? Speaker }).Taking(
            fact.ReplyId
        ) with
        {
            Clarified = reply is null
                ? string.Join(
                    '\n',
                    Questions.Select(
                        (q, i) => $"{q} Assumed: {(i < Assumptions.Count ? Assumptions[i] : "")}"
                    )
                )
                : $"{string.Join('\n', Questions)}\nAnswered: {reply.Text}",
        };
    }

    private static string Cut(string text) =>
        text.Length <= MemoryTextMax ? text : Mediation.TextCut.Head(text, MemoryTextMax - 1) + "…";
}

/// <summary>A reply that was accepted once.</summary>
/// <param name="Id">Its sender's id.</param>
/// <param name="Hash">Tells another content under the same id.</param>
public sealed record ReplyMark(string Id, string Hash)
{
    /// <summary>The mark of a reply.</summary>
    public static ReplyMark Of(Reply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var content = string.Join(
            '\n',
            [
                reply.Text,
                .. reply.Constraints,
                .. reply.Attachments.Select(a => a.Blob),
                reply.Kind?.ToString() ?? "",
                reply.Priority?.ToString() ?? "",
                reply.Script,
            ]
        );
        return new(
            reply.Id,
            Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(
                    System.Text.Encoding.UTF8.GetBytes(content)
                )
            )[..16]
        );
    }
}
