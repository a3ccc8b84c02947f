using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Telegram;

/// <summary>Somebody who asks.</summary>
/// <param name="Update">What they sent.</param>
/// <param name="Parts">The updates that it was put together from.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Language">Theirs, two letters.</param>
/// <param name="At">When it came (UTC).</param>
/// <param name="Again">True: it was begun before.</param>
internal sealed record DeskCaller(
    ChatUpdate Update,
    IReadOnlyList<long> Parts,
    ChatRole Role,
    string Language,
    DateTimeOffset At,
    bool Again
)
{
    /// <summary>The name that policies and journal know them by.</summary>
    public string Requester => ChatAccess.RequesterOf(Update.User);
}

/// <summary>Makes answers, and finds the tasks that they are about.</summary>
internal sealed class DeskAnswers(IGrainFactory grains)
{
    // Beyond so many messages a text is a document.
    private const int MessagesMax = 3;

    /// <summary>A fixed text, as an answer to what was sent.</summary>
    public static ChatSend Say(DeskCaller caller, string key, params ReadOnlySpan<object> values) =>
        Text(caller, ChatWords.Say(caller.Language, key, values));

    /// <summary>A text that fits into one message.</summary>
    public static ChatSend Text(DeskCaller caller, string text, string taskId = "") =>
        new()
        {
            Text = ChatSplitter.Cut(text, ChatSplitter.UnitsMax),
            TaskId = taskId,
            ReplyTo = caller.Update.Message,
        };

    /// <summary>A text of any length: some messages, or its beginning and the whole as a document.</summary>
    public static IReadOnlyList<ChatSend> Long(DeskCaller caller, string text, string taskId = "")
    {
        var parts = ChatSplitter.Split(text);
        return parts.Count <= MessagesMax
            ?
            [
                .. parts.Select(
                    (p, i) =>
                        Text(caller, p, taskId) with
                        {
                            ReplyTo = i == 0 ? caller.Update.Message : 0,
                        }
                ),
            ]
            :
            [
                Text(caller, parts[0], taskId),
                new ChatSend
                {
                    Kind = ChatSendKind.Document,
                    TaskId = taskId,
                    FileName = "answer.txt",
                    Content = text.Length > 100_000 ? text[..100_000] : text,
                },
            ];
    }

    /// <summary>The answer that stops a tapped button's waiting.</summary>
    public static ChatSend Tap(DeskCaller caller, string text) =>
        new()
        {
            Kind = ChatSendKind.TapAnswer,
            TapId = caller.Update.TapId,
            Text = ChatSplitter.Cut(text, 190),
        };

    /// <summary>The task, when there is one that they may see; else what to tell them.</summary>
    public async Task<(TaskSnapshot? Task, ChatSend? Refusal)> FindAsync(
        DeskCaller caller,
        string taskId,
        CancellationToken token
    )
    {
        var task = SubmissionReader.IsId(taskId)
            ? await grains.GetGrain<ITaskGrain>(taskId).GetAsync(token)
            : null;
        return
            task is not null && ChatAccess.MaySee(caller.Role, caller.Update.User, task.Requester)
            ? (task, null)
            : (null, Say(caller, "no-task", taskId));
    }

    /// <summary>A refusal in the words of whoever refused.</summary>
    public static ChatSend Refused(DeskCaller caller, Failure failure, string taskId) =>
        failure.Code switch
        {
            FailureCodes.NotFound => Say(caller, "no-task", taskId),
            FailureCodes.NotPossibleNow => Say(caller, "not-now", failure.Message),
            _ => Say(caller, "refused", failure.Message),
        };
}
