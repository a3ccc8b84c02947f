using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Telegram;

/// <summary>
/// Writes what chats are told of their tasks: one card a turn, which is kept up to date, the questions, how it ended. It sends
/// nothing itself, so that no chat holds it up. What it writes has a name that follows from the fact, so that facts may come
/// twice.
/// </summary>
[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace), OnControlSilos]
public sealed class TelegramGrain(
    SubscriberServices services,
    ITelegramStore store,
    IWebhookOutbox outbox,
    IChatHost host,
    ILogger<TelegramGrain> logger
) : SubscriberGrain(services, logger), ITelegramGrain
{
    // A bot that is set up on old data does not tell of years.
    private static readonly TimeSpan NewsMax = TimeSpan.FromDays(7);
    private readonly TaskFolds folds = new(services.Journal);
    private readonly Redactor redactor = services.Redactor;
    private readonly TimeProvider time = services.Time;

    /// <inheritdoc />
    protected override string Kind => "telegram";

    /// <inheritdoc />
    protected override async Task<bool> HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        bool replay,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (!host.Door.IsOpen)
        {
            return false;
        }
        var told = false;
        foreach (var group in entries.GroupBy(e => e.TaskId))
        {
            if (group.Key != TaskIds.System)
            {
                told |= await TaskAsync(group.Key, [.. group], replay, cancellationToken);
            }
        }
        if (told)
        {
            await GrainFactory.GetGrain<ITelegramSenderGrain>(0).WakeAsync(cancellationToken);
        }
        return told;
    }

    private async Task<bool> TaskAsync(
        string taskId,
        IReadOnlyList<JournalEntry> fresh,
        bool replay,
        CancellationToken cancellationToken
    )
    {
        var followers = (await store.ListFollowersAsync(taskId, cancellationToken)).ToList();
        var notified = host.Door.NoticeChat;
        if (followers.Count == 0 && notified == 0)
        {
            return false;
        }
        var state = await folds.BeforeAsync(taskId, fresh[0].Sequence, cancellationToken);
        var told = false;
        var cardChanged = false;
        foreach (var entry in fresh)
        {
            state = state.After(entry.Fact, entry.At);
            if (!replay && time.GetUtcNow() - entry.At > NewsMax)
            {
                continue;
            }
            cardChanged |= ChatCards.Concerns(entry.Fact);
            foreach (var follower in followers)
            {
                told |= await TellAsync(taskId, entry, state, follower, cancellationToken);
            }
            if (
                notified != 0
                && followers.All(f => f.Chat != notified)
                && (
                    IsEnd(entry.Fact)
                    || entry.Fact is TaskFact.ApprovalAsked or TaskFact.ApprovalReminded
                )
            )
            {
                told |= await TellAsync(
                    taskId,
                    entry,
                    state,
                    new ChatFollower(notified, host.Door.Language),
                    cancellationToken
                );
            }
        }
        if (cardChanged && !replay)
        {
            foreach (var follower in followers)
            {
                await CardAsync(taskId, state, follower, cancellationToken);
                told = true;
            }
        }
        folds.Keep(taskId, state);
        return told;
    }

    private static bool IsEnd(TaskFact fact) =>
        fact
            is TaskFact.Delivered
                or TaskFact.Failed
                or TaskFact.Cancelled
                or TaskFact.PullRequestOpened;

    private async Task<bool> TellAsync(
        string taskId,
        JournalEntry entry,
        TaskState state,
        ChatFollower follower,
        CancellationToken cancellationToken
    )
    {
        if (IsEnd(entry.Fact))
        {
            return await EndAsync(taskId, entry, state, follower, cancellationToken);
        }
        var send = entry.Fact is TaskFact.ApprovalAsked or TaskFact.ApprovalReminded
            ? ChatCards.Asked(taskId, state, follower.Language)
            : ChatCards.Paused(taskId, entry.Fact, follower.Language);
        if (send is null)
        {
            return false;
        }
        // A question is no notice: somebody waits for its answer.
        await AddAsync(follower.Chat, entry, 0, send, send.Gathers, cancellationToken);
        return true;
    }

    private async Task<bool> EndAsync(
        string taskId,
        JournalEntry entry,
        TaskState state,
        ChatFollower follower,
        CancellationToken cancellationToken
    )
    {
        if (ChatCards.Ended(taskId, state, follower.Language) is not { } ended)
        {
            return false;
        }
        await AddAsync(follower.Chat, entry, 0, ended, true, cancellationToken);
        var now = time.GetUtcNow();
        if (host.Door.Quiet.DueOf(now, host.Door.Zone) > now)
        {
            // What waits is told together, a line each; a document would be a message of its own. /diff brings it.
            return true;
        }
        var documents = ChatCards.Documents(taskId, state, follower.Language);
        for (var i = 0; i < documents.Count; i++)
        {
            await AddAsync(follower.Chat, entry, i + 1, documents[i], true, cancellationToken);
        }
        return true;
    }

    private Task CardAsync(
        string taskId,
        TaskState state,
        ChatFollower follower,
        CancellationToken cancellationToken
    )
    {
        var card = ChatCards.CardOf(taskId, state.Turn);
        var text = redactor.Redact(ChatCards.Progress(taskId, state, follower.Language));
        var now = time.GetUtcNow();
        // The end tells all that a card would; one that nobody has seen yet need not come before it.
        return state.Ended
            ? store.EndCardAsync(follower.Chat, card, text, now, cancellationToken)
            : store.WantCardAsync(
                follower.Chat,
                card,
                taskId,
                text,
                // Not at once: the answer to the request comes first, and a short turn needs no card.
                host.Door.Quiet.DueOf(now + host.Door.EditEvery, host.Door.Zone),
                cancellationToken
            );
    }

    private Task AddAsync(
        long chat,
        JournalEntry entry,
        int part,
        ChatSend send,
        bool notice,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        return outbox.AddAsync(
            new OutboxMessage(
                TelegramNames.EndpointOf(chat),
                string.Create(CultureInfo.InvariantCulture, $"f{entry.Position}:{part}"),
                notice ? "notice" : "question",
                (send with { Text = redactor.Redact(send.Text) }).ToBytes(),
                now,
                now + TelegramDeskGrain.SendMax
            )
            {
                Due = notice ? host.Door.Quiet.DueOf(now, host.Door.Zone) : null,
            },
            cancellationToken
        );
    }
}
