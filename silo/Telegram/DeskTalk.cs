using System.Globalization;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;

namespace Orchestrator.Silo.Telegram;

/// <summary>Goes on with tasks: replies, and new tasks from a turn of another. Each has an id that follows from its update.</summary>
internal sealed class DeskTalk(
    IGrainFactory grains,
    IJournal journal,
    DeskIntake intake,
    ChatFiles files,
    DeskAnswers answers,
    IOptions<TelegramOptions> settings
)
{
    private readonly TelegramOptions options = settings.Value;

    /// <summary>Takes a reply.</summary>
    public async Task<IReadOnlyList<ChatSend>> ReplyAsync(
        DeskCaller caller,
        ChatOrder order,
        CancellationToken token
    )
    {
        var (task, refusal) = await answers.FindAsync(caller, order.TaskId, token);
        if (task is null)
        {
            return [refusal!];
        }
        if (order.Text.Length == 0)
        {
            return [Empty(caller, "reply-empty", ChatVerb.Reply)];
        }
        if (caller.Role == ChatRole.Read)
        {
            return [DeskAnswers.Say(caller, "no-task", order.TaskId)];
        }
        var (attached, bad) = await files.TakeAsync(caller.Update.Document, token);
        if (bad is not null)
        {
            return [DeskAnswers.Say(caller, "refused", bad.Message)];
        }
        var (reply, failure) = ReplyReader.Read(
            new ReplyRequest
            {
                Text = order.Text,
                Type = order.Wishes.Type,
                Priority = order.Wishes.Priority,
                Constraints = order.Wishes.Constraints,
            },
            new ReplySender(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"telegram-{caller.Update.User}-{caller.Parts[0]}"
                ),
                caller.Requester,
                "telegram",
                string.Create(CultureInfo.InvariantCulture, $"chat {caller.Update.Chat}")
            )
        );
        if (reply is null)
        {
            return [DeskAnswers.Say(caller, "refused", failure!.Message)];
        }
        await intake.FollowAsync(caller, task.TaskId, token);
        var answer = await grains
            .GetGrain<ITaskGrain>(task.TaskId)
            .ReplyAsync(reply with { Attachments = attached }, token);
        return answer.Failure is { } no
            ? [DeskAnswers.Refused(caller, no, task.TaskId)]
            :
            [
                DeskAnswers.Text(
                    caller,
                    ChatWords.Say(caller.Language, "replied", task.TaskId),
                    task.TaskId
                ),
            ];
    }

    /// <summary><c>/fork</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> ForkAsync(
        DeskCaller caller,
        ChatOrder order,
        CancellationToken token
    )
    {
        var (parent, refusal) = await answers.FindAsync(caller, order.TaskId, token);
        if (parent is null)
        {
            return [refusal!];
        }
        if (order.Text.Length == 0)
        {
            return [Empty(caller, "fork-empty", ChatVerb.Fork)];
        }
        if (intake.Unfit(caller, order.Text) is { } unfit)
        {
            return [unfit];
        }
        var then = ForkReader.StateAfter(
            await TalkEndpoints.FactsAsync(journal, parent.TaskId, token),
            order.Turn
        );
        if (then is null)
        {
            return
            [
                order.Turn is { } turn
                    ? DeskAnswers.Say(caller, "fork-turn", turn, parent.TaskId)
                    : DeskAnswers.Say(caller, "fork-none", parent.TaskId),
            ];
        }
        var key = DeskIntake.KeyOf(caller);
        return await intake.TakeOnceAsync(
            caller,
            Submissions.IdOf(caller.Requester, parent.TaskId + "\n" + key),
            () => ForkReader.Read(parent.TaskId, then, ForkOf(order), caller.Requester, key),
            task => Forked(caller, task),
            token
        );
    }

    private static ChatSend Empty(DeskCaller caller, string key, ChatVerb verb) =>
        DeskAnswers.Say(caller, key, ChatVerbs.Of(verb)!.Usage(caller.Language));

    private ForkRequest ForkOf(ChatOrder order) =>
        new()
        {
            Request = order.Text,
            Turn = order.Turn,
            Type = order.Wishes.Type,
            Priority = order.Wishes.Priority,
            Constraints = order.Wishes.Constraints,
            Script = options.Script,
        };

    private static ChatSend Forked(DeskCaller caller, TaskSnapshot task) =>
        DeskIntake.Accepted(caller, task) with
        {
            Text = ChatWords.Say(
                caller.Language,
                "forked",
                task.TaskId,
                DeskIntake.TitleOf(task),
                task.ParentTurn,
                task.ParentTaskId
            ),
        };
}
