using System.Globalization;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Policy;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Intake;

namespace Orchestrator.Silo.Telegram;

/// <summary>Takes requests and replies. Each has an id that follows from its update, so that it is taken once however often it is handled.</summary>
internal sealed class DeskWork(
    IGrainFactory grains,
    ITelegramStore store,
    IWebhookInbox inbox,
    IPolicySource policies,
    TaskFolder folders,
    ChatFiles files,
    ChatGate gate,
    DeskAnswers answers,
    IOptions<TelegramOptions> settings
)
{
    private readonly TelegramOptions options = settings.Value;

    /// <summary>Words without a command: a request, which is asked about first where it could do harm.</summary>
    public async Task<IReadOnlyList<ChatSend>> PlainAsync(
        DeskCaller caller,
        string text,
        CancellationToken token
    )
    {
        if (text.Length == 0 && caller.Update.Document is null)
        {
            return [DeskAnswers.Say(caller, "only-text")];
        }
        if (Unfit(caller, text) is { } unfit)
        {
            return [unfit];
        }
        if (await RiskOfAsync(caller, text, token) is not { } risk)
        {
            return await SubmitAsync(caller, null, new ChatOrder(ChatVerb.Plain, "", text), token);
        }
        var subject = string.Create(
            CultureInfo.InvariantCulture,
            $"{caller.Parts[0]}-{caller.Parts[^1]}"
        );
        return
        [
            DeskAnswers.Say(caller, "confirm", risk.Repository, risk.Why) with
            {
                Buttons =
                [
                    [
                        ChatCards.Button(caller.Language, ButtonAct.Go, "button-go", subject),
                        ChatCards.Button(
                            caller.Language,
                            ButtonAct.Forget,
                            "button-forget",
                            subject
                        ),
                    ],
                ],
            },
        ];
    }

    /// <summary>What was asked about is wanted, or not.</summary>
    public async Task<IReadOnlyList<ChatSend>> ConfirmedAsync(
        DeskCaller caller,
        ButtonData data,
        CancellationToken token
    )
    {
        if (data.Act == ButtonAct.Forget)
        {
            var words = ChatWords.Say(caller.Language, "forgotten");
            return [DeskAnswers.Tap(caller, words), DeskAnswers.Text(caller, words)];
        }
        var ends = data.Subject.Split('-').Select(TelegramOptions.Number).ToList();
        var parts = new List<ChatUpdate>();
        for (
            var id = ends[0] ?? 0;
            ends.Count == 2 && id > 0 && id <= ends[1] && id - ends[0] < 200;
            id++
        )
        {
            var body = await inbox.FindBodyAsync(
                TelegramNames.Source,
                id.ToString(CultureInfo.InvariantCulture),
                token
            );
            // Others' messages may lie between the parts of one text.
            if (
                body is { } there
                && ChatUpdateReader.Read(there) is var part
                && part.Chat == caller.Update.Chat
                && part.User == caller.Update.User
                && part.Event == ChatEvent.Message
            )
            {
                parts.Add(part);
            }
        }
        if (parts.Count == 0)
        {
            var gone = ChatWords.Say(caller.Language, "confirm-gone");
            return [DeskAnswers.Tap(caller, gone), DeskAnswers.Text(caller, gone)];
        }
        var whole = ChatParts.Join(parts);
        var told = await SubmitAsync(
            caller with
            {
                Update = whole,
                Parts = [.. parts.Select(p => p.Id)],
            },
            null,
            new ChatOrder(ChatVerb.Plain, "", whole.Text.Trim()),
            token
        );
        return [DeskAnswers.Tap(caller, told[0].Text.Split('\n')[0]), .. told];
    }

    /// <summary>Takes a request.</summary>
    public async Task<IReadOnlyList<ChatSend>> SubmitAsync(
        DeskCaller caller,
        string? type,
        ChatOrder order,
        CancellationToken token
    )
    {
        if (Unfit(caller, order.Text) is { } unfit)
        {
            return [unfit];
        }
        var key = "update-" + caller.Parts[0].ToString(CultureInfo.InvariantCulture);
        var id = Submissions.IdOf(caller.Requester, key);
        var task = grains.GetGrain<ITaskGrain>(id);
        if (await task.GetAsync(token) is { } there)
        {
            return
            [
                caller.Again
                    ? Accepted(caller, there)
                    : DeskAnswers.Say(caller, "accepted-again", id),
            ];
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
        var told = await TakeAsync(caller, type, order, key, id, token);
        if (told.TaskId.Length == 0)
        {
            gate.GiveBack(caller.Update.User);
        }
        return [told];
    }

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
            return [DeskAnswers.Say(caller, "reply-empty")];
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
            new ReplyRequest { Text = order.Text },
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
        await FollowAsync(caller, task.TaskId, token);
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

    private async Task<ChatSend> TakeAsync(
        DeskCaller caller,
        string? type,
        ChatOrder order,
        string key,
        string id,
        CancellationToken token
    )
    {
        var (attached, bad) = await files.TakeAsync(caller.Update.Document, token);
        if (bad is not null)
        {
            return DeskAnswers.Say(caller, "refused", bad.Message);
        }
        var (spec, failure) = SpecOf(caller, type, order.Text, key);
        if (spec is null)
        {
            return DeskAnswers.Say(caller, "refused", failure!.Message);
        }
        // Before the task is there, so that none of its facts is missed.
        await FollowAsync(caller, id, token);
        var answer = await grains
            .GetGrain<ITaskGrain>(id)
            .SubmitAsync(spec with { Attachments = attached }, token);
        return answer.Failure is { } refusal
            ? DeskAnswers.Refused(caller, refusal, id)
            : Accepted(caller, answer.Snapshot!);
    }

    private (TaskSpec? Spec, Failure? Failure) SpecOf(
        DeskCaller caller,
        string? type,
        string text,
        string key
    )
    {
        var body = new SubmitRequest
        {
            Request = text,
            Type = type,
            Runner = options.Runner,
            Script = options.Script,
        };
        var (spec, failure) = Submissions.Read(body, caller.Requester, key, folders);
        return spec is { Repository.Length: 0 } && options.Repository.Length > 0
                ? (spec with { Repository = options.Repository, Source = "telegram" }, null)
            : spec is null ? (null, failure)
            : (spec with { Source = "telegram" }, null);
    }

    private static ChatSend Accepted(DeskCaller caller, TaskSnapshot task) =>
        DeskAnswers.Text(
            caller,
            ChatWords.Say(
                caller.Language,
                "accepted",
                task.TaskId,
                task.Title.Length > 0 ? task.Title : SentenceReader.TitleOf(task.Request)
            ),
            task.TaskId
        ) with
        {
            Buttons = ChatCards.Living(task.TaskId, caller.Language),
        };

    private Task FollowAsync(DeskCaller caller, string taskId, CancellationToken token) =>
        store.FollowAsync(
            taskId,
            new ChatFollower(caller.Update.Chat, caller.Language),
            caller.At,
            token
        );

    private ChatSend? Unfit(DeskCaller caller, string text) =>
        text.Length > SubmissionReader.RequestMax
            ? DeskAnswers.Say(caller, "too-long", SubmissionReader.RequestMax)
        : text.Length == 0 ? DeskAnswers.Say(caller, "empty")
        : text.Length < options.RequestCharactersMin
            ? DeskAnswers.Say(caller, "too-short", options.RequestCharactersMin)
        : null;

    // Null: nothing needs to be asked. By the kind of work that fixed rules read, as the policy's lane has it.
    private async Task<(string Repository, string Why)?> RiskOfAsync(
        DeskCaller caller,
        string text,
        CancellationToken token
    )
    {
        if (options.Confirm == ConfirmWhen.Never)
        {
            return null;
        }
        var (spec, _) = SpecOf(caller, null, text, "");
        var kind = SentenceReader.KindOf(text);
        var readOnly =
            kind is not (TaskKind.Fix or TaskKind.Documentation)
            || SentenceReader.ForbidsWriting(text);
        var policy = await policies.CurrentAsync(token);
        var lane = PolicyEngine
            .OnPlan(
                policy,
                new PolicyRequest(
                    caller.Requester,
                    spec?.Repository ?? "",
                    spec?.BaseBranch ?? "",
                    kind,
                    readOnly,
                    "",
                    "",
                    false
                ),
                []
            )
            .Lane;
        var risky = lane?.Write == LaneWrite.Direct && spec is { Repository.Length: > 0 };
        return risky || options.Confirm == ConfirmWhen.Always
            ? (
                spec is { Repository.Length: > 0 } ? Path.GetFileName(spec.Repository) : "-",
                lane is null ? kind.ToString() : "lane " + lane.Name
            )
            : null;
    }
}
