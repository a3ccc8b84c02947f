using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Telegram;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Telegram;

/// <summary>
/// Carries one message at a time to a chat. The host has no idempotency keys, so that a message is noted as doubtful before it
/// is sent. Who comes after a crash looks for it first, by an edit that would change nothing: the host answers that it is not
/// modified when the message is there, and that there is none when it is not. Not thread-safe; the sender's grain owns it.
/// </summary>
internal sealed partial class ChatPost(
    ITelegramStore store,
    IWebhookOutbox outbox,
    IChatHost host,
    IChatDocuments documents,
    Redactor redactor,
    ChatPace pace,
    TimeProvider time,
    ILogger logger
)
{
    private const int GatheredMax = 20;
    private const int WordsMax = 500;
    private const string CardPrefix = "card:";

    // A bot's chats share their numbers: what was sent to others, and written by people, in the moment of the crash.
    private const int LookMax = 40;
    private readonly Dictionary<long, ChatDoubt> doubts = [];

    private sealed record Outgoing(
        IReadOnlyList<OutboxEntry> Rows,
        ChatCardRow? Card,
        ChatSend Send
    )
    {
        public string Name =>
            Card is null
                ? Rows[0].Id.ToString(CultureInfo.InvariantCulture)
                : CardPrefix + Card.Card;
    }

    /// <summary>Reads what was on its way when the last sender ended.</summary>
    public async Task RecallAsync(CancellationToken cancellationToken)
    {
        doubts.Clear();
        foreach (var doubt in await store.ListDoubtsAsync(cancellationToken))
        {
            doubts[doubt.Chat] = doubt;
        }
    }

    /// <summary>Sends what is next for a chat. False: there is nothing more that is due.</summary>
    public async Task<bool> SendNextAsync(long chat, CancellationToken cancellationToken)
    {
        var doubt = doubts.GetValueOrDefault(chat);
        if (await NextAsync(chat, doubt, cancellationToken) is not { } next)
        {
            if (doubt is not null)
            {
                await ClearAsync(chat); // what was in doubt is settled or given up
            }
            return false;
        }
        var document = await documents.MakeAsync(next.Send, cancellationToken);
        if (document is null)
        {
            await GiveUpAsync(
                next,
                chat,
                new ChatAnswer(0, 0, "What the document was made from is gone.")
            );
            return true;
        }
        if (doubt is not null)
        {
            if (doubt.Message == next.Name)
            {
                if (await FindAsync(chat, doubt, next, cancellationToken) is not { } found)
                {
                    return true; // the host did not say; again later
                }
                if (found.Done)
                {
                    await SettleAsync(chat, next, found);
                    return true;
                }
            }
            await ClearAsync(chat);
        }
        await CarryAsync(chat, next, document.Value, cancellationToken);
        return true;
    }

    private async Task CarryAsync(
        long chat,
        Outgoing next,
        ReadOnlyMemory<byte> document,
        CancellationToken cancellationToken
    )
    {
        ChatAnswer answer;
        if (next.Card is { MessageId: > 0 } card)
        {
            answer = await host.EditAsync(chat, card.MessageId, next.Send, cancellationToken);
            answer = answer.IsUnchanged ? new ChatAnswer(200, card.MessageId) : answer;
            answer = answer.Done ? answer with { MessageId = card.MessageId } : answer;
        }
        else
        {
            if (next.Send.Kind != ChatSendKind.TapAnswer)
            {
                await DoubtAsync(chat, next, cancellationToken);
            }
            answer = await host.SendAsync(chat, next.Send, document, cancellationToken);
        }
        await SettleAsync(chat, next, answer);
    }

    private async Task DoubtAsync(long chat, Outgoing next, CancellationToken cancellationToken)
    {
        var floor = Math.Max(
            await store.HighestMessageAsync(chat, cancellationToken),
            next.Send.ReplyTo
        );
        var doubt = new ChatDoubt(chat, next.Name, floor);
        await store.DoubtAsync(doubt, cancellationToken);
        doubts[chat] = doubt;
    }

    // Done: the message is there. Not done: it is not. Null: the host did not say.
    private async Task<ChatAnswer?> FindAsync(
        long chat,
        ChatDoubt doubt,
        Outgoing next,
        CancellationToken cancellationToken
    )
    {
        // Nothing is known that came before it: nothing can be looked for.
        for (var i = 1; i <= LookMax && doubt.Floor > 0; i++)
        {
            var answer = await host.EditAsync(chat, doubt.Floor + i, next.Send, cancellationToken);
            pace.Sending(chat, time.GetUtcNow());
            if (answer.Done || answer.IsUnchanged)
            {
                LogFound(logger, chat, doubt.Message);
                return new ChatAnswer(200, doubt.Floor + i, "found after a crash");
            }
            if (answer.InDoubt || answer.Status is 401 or 404 or 429)
            {
                Rest(chat, answer);
                return null;
            }
            await Task.Delay(ChatPace.Gap, time, cancellationToken);
        }
        return new ChatAnswer(404);
    }

    private async Task SettleAsync(long chat, Outgoing next, ChatAnswer answer)
    {
        var now = time.GetUtcNow();
        pace.Sent(chat, now);
        var over = next.Send.Kind == ChatSendKind.TapAnswer && answer.Status == 400;
        if (answer.Done || over)
        {
            pace.Answered();
            if (next.Card is { } card)
            {
                await store.ToldCardAsync(
                    card,
                    answer.MessageId,
                    now + host.Door.EditEvery,
                    CancellationToken.None
                );
            }
            else
            {
                await store.SentAsync(
                    new ChatSent(
                        chat,
                        answer.MessageId,
                        next.Send.TaskId,
                        [.. next.Rows.Select(r => r.Id)],
                        Words(answer.Words),
                        now
                    ),
                    CancellationToken.None
                );
            }
            doubts.Remove(chat);
            return;
        }
        if (answer.InDoubt || answer.Status is 401 or 404 or 429)
        {
            Rest(chat, answer);
            if (!answer.InDoubt)
            {
                await ClearAsync(chat);
            }
            await NoteAsync(next, answer, OutboxState.Waiting, now);
            return;
        }
        // The host will never take it: blocked, put out of the chat, deleted, or a defect of ours.
        pace.Answered();
        await GiveUpAsync(next, chat, answer);
    }

    private async Task GiveUpAsync(Outgoing next, long chat, ChatAnswer answer)
    {
        LogDead(logger, chat, next.Name, answer.Status, Words(answer.Words));
        if (next.Card is { } card)
        {
            await store.GiveUpCardAsync(chat, card.Card, CancellationToken.None);
        }
        await NoteAsync(next, answer, OutboxState.Dead, time.GetUtcNow());
        await ClearAsync(chat);
    }

    // The due instant stays: what was first in its chat is first again.
    private async Task NoteAsync(
        Outgoing next,
        ChatAnswer answer,
        OutboxState state,
        DateTimeOffset now
    )
    {
        foreach (var row in next.Rows)
        {
            await outbox.NoteAsync(
                new OutboxResult(
                    row.Id,
                    row.Expires <= now ? OutboxState.Dead : state,
                    row.Tries + 1,
                    row.Due,
                    answer.Status,
                    Words(answer.Words),
                    now
                ),
                CancellationToken.None
            );
        }
    }

    private void Rest(long chat, ChatAnswer answer)
    {
        var now = time.GetUtcNow();
        if (answer.Status == 429)
        {
            pace.Slowed(chat, answer.RetryAfter ?? TimeSpan.FromSeconds(1), now);
            LogSlowed(logger, chat, (answer.RetryAfter ?? TimeSpan.FromSeconds(1)).TotalSeconds);
            return;
        }
        if (!pace.IsTroubled)
        {
            LogUnreachable(logger, Words(answer.Words));
        }
        pace.Unreachable(now);
    }

    private async Task ClearAsync(long chat)
    {
        doubts.Remove(chat);
        await store.ClearDoubtAsync(chat, CancellationToken.None);
    }

    // What is in doubt comes first; then messages in their order, then cards.
    private async Task<Outgoing?> NextAsync(
        long chat,
        ChatDoubt? doubt,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var card =
            doubt is null || doubt.Message.StartsWith(CardPrefix, StringComparison.Ordinal)
                ? await store.NextCardAsync(chat, now, cancellationToken)
                : null;
        if (doubt is not null && card is not null && CardPrefix + card.Card == doubt.Message)
        {
            return OfCard(card);
        }
        var rows = await outbox.NextAsync(
            TelegramNames.EndpointOf(chat),
            now,
            GatheredMax,
            cancellationToken
        );
        if (rows.Count == 0)
        {
            card ??= await store.NextCardAsync(chat, now, cancellationToken);
            return card is null ? null : OfCard(card);
        }
        var first = Read(rows[0].Body);
        var together = new List<(OutboxEntry Entry, ChatSend Send)> { (rows[0].Entry, first) };
        // Only what was held back: what is told at once is told by itself.
        for (var i = 1; i < rows.Count && first.Gathers && Held(rows[0].Entry); i++)
        {
            var send = Read(rows[i].Body);
            if (!send.Gathers || !Held(rows[i].Entry))
            {
                break;
            }
            together.Add((rows[i].Entry, send));
        }
        return new Outgoing(
            [.. together.Select(t => t.Entry)],
            null,
            together.Count == 1 ? first : ChatDigest.Of([.. together.Select(t => t.Send)])
        );
    }

    private static bool Held(OutboxEntry entry) => entry.Due > entry.At;

    private static Outgoing OfCard(ChatCardRow card) =>
        new([], card, new ChatSend { Text = card.Wanted, TaskId = card.TaskId });

    private ChatSend Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return ChatSend.Read(body);
        }
        catch (JsonException)
        {
            return new ChatSend { Text = ChatWords.Say(host.Door.Language, "other-version") };
        }
    }

    private string Words(string text)
    {
        var clean = redactor.Redact(text);
        return clean.Length > WordsMax ? clean[..WordsMax] : clean;
    }

    [LoggerMessage(
        EventId = 1822,
        Level = LogLevel.Warning,
        Message = "Telegram is out of reach; what is to be told waits: {Words}"
    )]
    private static partial void LogUnreachable(ILogger logger, string words);

    [LoggerMessage(
        EventId = 1823,
        Level = LogLevel.Information,
        Message = "Telegram asks for a pause of {Seconds} s in chat {Chat}"
    )]
    private static partial void LogSlowed(ILogger logger, long chat, double seconds);

    [LoggerMessage(
        EventId = 1824,
        Level = LogLevel.Warning,
        Message = "Chat {Chat} was not told {Message} ({Status}: {Words}); 'orchestrator webhooks deliveries --state dead' lists what can be resent"
    )]
    private static partial void LogDead(
        ILogger logger,
        long chat,
        string message,
        int status,
        string words
    );

    [LoggerMessage(
        EventId = 1825,
        Level = LogLevel.Information,
        Message = "Chat {Chat} had got {Message} before the crash; it is not sent again"
    )]
    private static partial void LogFound(ILogger logger, long chat, string message);
}
