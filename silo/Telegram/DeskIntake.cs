using System.Globalization;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Intake;

namespace Orchestrator.Silo.Telegram;

/// <summary>Takes a task for somebody: whether the words fit, within their limit, once for an update however often it is handled.</summary>
internal sealed class DeskIntake(
    IGrainFactory grains,
    ITelegramStore store,
    TaskFolder folders,
    ChatFiles files,
    ChatGate gate,
    IOptions<TelegramOptions> settings
)
{
    private readonly TelegramOptions options = settings.Value;

    /// <summary>What is wrong with the words of a request; null = nothing.</summary>
    public ChatSend? Unfit(DeskCaller caller, string text) =>
        text.Length > SubmissionReader.RequestMax
            ? DeskAnswers.Say(caller, "too-long", SubmissionReader.RequestMax)
        : text.Length == 0 ? DeskAnswers.Say(caller, "empty")
        : text.Length < options.RequestCharactersMin
            ? DeskAnswers.Say(caller, "too-short", options.RequestCharactersMin)
        : null;

    /// <summary>The spec of a request in chat, or why it is none.</summary>
    public (TaskSpec? Spec, Failure? Failure) SpecOf(
        DeskCaller caller,
        string? type,
        ChatOrder order,
        string key
    )
    {
        var body = new SubmitRequest
        {
            Request = order.Text,
            Type = type ?? order.Wishes.Type,
            Priority = order.Wishes.Priority,
            Constraints = order.Wishes.Constraints,
            Runner = options.Runner,
            Script = options.Script,
        };
        var (spec, failure) = Submissions.Read(body, caller.Requester, key, folders);
        return spec is { Repository.Length: 0 } && options.Repository.Length > 0
            ? (spec with { Repository = options.Repository }, null)
            : (spec, failure);
    }

    /// <summary>The idempotency key of a task that an update makes.</summary>
    public static string KeyOf(DeskCaller caller) =>
        "update-" + caller.Parts[0].ToString(CultureInfo.InvariantCulture);

    /// <summary>The task of an id that follows from the update: found again, or taken within the user's limit.</summary>
    public async Task<IReadOnlyList<ChatSend>> TakeOnceAsync(
        DeskCaller caller,
        string id,
        Func<(TaskSpec? Spec, Failure? Failure)> read,
        Func<TaskSnapshot, ChatSend> told,
        CancellationToken token
    )
    {
        if (await grains.GetGrain<ITaskGrain>(id).GetAsync(token) is { } there)
        {
            return [caller.Again ? told(there) : DeskAnswers.Say(caller, "accepted-again", id)];
        }
        var wait = gate.TakeTurn(caller.Update.User);
        if (wait > TimeSpan.Zero)
        {
            return
            [
                DeskAnswers.Say(
                    caller,
                    "rate",
                    options.RequestsMax,
                    options.RequestsWindowSeconds,
                    (int)Math.Ceiling(wait.TotalSeconds)
                ),
            ];
        }
        var answer = await TakeAsync(caller, id, read, told, token);
        if (answer.TaskId.Length == 0)
        {
            gate.GiveBack(caller.Update.User);
        }
        return [answer];
    }

    /// <summary>That a task was taken, with its buttons.</summary>
    public static ChatSend Accepted(DeskCaller caller, TaskSnapshot task) =>
        DeskAnswers.Text(
            caller,
            ChatWords.Say(caller.Language, "accepted", task.TaskId, TitleOf(task)),
            task.TaskId
        ) with
        {
            Buttons = ChatCards.Living(task.TaskId, caller.Language),
        };

    /// <summary>What a task is called before anybody gave it a title.</summary>
    public static string TitleOf(TaskSnapshot task) =>
        task.Title.Length > 0 ? task.Title : SentenceReader.TitleOf(task.Request);

    /// <summary>From now on the chat is told of the task.</summary>
    public Task FollowAsync(DeskCaller caller, string taskId, CancellationToken token) =>
        store.FollowAsync(
            taskId,
            new ChatFollower(caller.Update.Chat, caller.Language),
            caller.At,
            token
        );

    private async Task<ChatSend> TakeAsync(
        DeskCaller caller,
        string id,
        Func<(TaskSpec? Spec, Failure? Failure)> read,
        Func<TaskSnapshot, ChatSend> told,
        CancellationToken token
    )
    {
        var (attached, bad) = await files.TakeAsync(caller.Update.Document, token);
        if (bad is not null)
        {
            return DeskAnswers.Say(caller, "refused", bad.Message);
        }
        var (spec, failure) = read();
        if (spec is null)
        {
            return DeskAnswers.Say(caller, "refused", failure!.Message);
        }
        if (spec.Attachments.Count + attached.Count > Attachment.PerTaskMax)
        {
            return DeskAnswers.Say(caller, "files-max", Attachment.PerTaskMax);
        }
        // Before the task is there, so that none of its facts is missed.
        await FollowAsync(caller, id, token);
        var answer = await grains
            .GetGrain<ITaskGrain>(id)
            .SubmitAsync(
                spec with
                {
                    Source = "telegram",
                    Attachments = [.. spec.Attachments, .. attached],
                },
                token
            );
        return answer.Failure is { } refusal
            ? DeskAnswers.Refused(caller, refusal, id)
            : told(answer.Snapshot!);
    }
}
