using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Telegram;

/// <summary>
/// Answers stored updates: those of a chat one after the other, chats side by side. The answer is written into the outbox under
/// the update's number before the update is settled, so a crash at any moment answers it once. Reentrant, so that a wake gets
/// in while the loop works; what survives every await is that there is at most one loop.
/// </summary>
[Reentrant, OnControlSilos]
public sealed partial class TelegramDeskGrain(
    IWebhookInbox inbox,
    IWebhookOutbox outbox,
    IChatDesk desk,
    Redactor redactor,
    TimeProvider time,
    ILogger<TelegramDeskGrain> logger
) : WorkLoopGrain(time, logger), ITelegramDeskGrain
{
    /// <summary>How long a message is tried to be sent.</summary>
    public static readonly TimeSpan SendMax = TimeSpan.FromDays(7);

    private const int BatchMax = 200;
    private const int ChatsMax = 16;
    private const int TriesMax = 5;
    private const int WordsMax = 500;
    private static readonly TimeSpan HandleMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);

    private readonly Dictionary<long, Task> busy = [];
    private bool again;

    private sealed record Stored(InboxEntry Entry, ChatUpdate Update);

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        again = true;
        Begin();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override string Doing => "Answering chats";

    /// <inheritdoc />
    protected override IEnumerable<Task> Beside => busy.Values;

    /// <inheritdoc />
    protected override async Task WorkAsync()
    {
        while (again && !Stopping.IsCancellationRequested)
        {
            again = false;
            var batch = await inbox.NextInOrderAsync(TelegramNames.Source, BatchMax, Stopping);
            if (batch.Count > 0)
            {
                DelayDeactivation(StayAwake);
            }
            foreach (
                var chat in batch
                    .Select(b => new Stored(b.Entry, ChatUpdateReader.Read(b.Body)))
                    .GroupBy(s => s.Update.Chat)
                    .Where(c => !busy.ContainsKey(c.Key))
                    .Take(ChatsMax - busy.Count)
            )
            {
                // Not waited for: a chat that commits or pushes holds up no other.
                busy[chat.Key] = Task.CompletedTask;
                busy[chat.Key] = RunAsync(chat.Key, [.. chat]);
            }
        }
    }

    private async Task RunAsync(long chat, IReadOnlyList<Stored> updates)
    {
        var done = 0;
        try
        {
            await Task.Yield(); // the loop first notes that the chat is busy
            done = await ChatAsync(updates);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Stopped(e);
        }
        finally
        {
            busy.Remove(chat);
        }
        if (done > 0)
        {
            await WakeAsync(CancellationToken.None);
        }
    }

    // In order; what fails is tried again before what came after it. Returns how many were settled.
    private async Task<int> ChatAsync(IReadOnlyList<Stored> updates)
    {
        var done = 0;
        while (done < updates.Count && !Stopping.IsCancellationRequested)
        {
            var rest = updates.Skip(done).ToList();
            var count = ChatParts.Count(
                [.. rest.Select(r => (r.Update, r.Entry.At))],
                Time.GetUtcNow()
            );
            if (count == 0 || !await UpdateAsync([.. rest.Take(count)]))
            {
                break; // the next wake, within seconds, goes on here
            }
            done += count;
        }
        return done;
    }

    private async Task<bool> UpdateAsync(IReadOnlyList<Stored> parts)
    {
        var (entry, _) = parts[0];
        var update = ChatParts.Join([.. parts.Select(p => p.Update)]);
        var tries = entry.Tries + 1;
        try
        {
            // Begun: whoever comes after a crash looks whether it was done.
            await inbox.PostponeAsync(entry.Id, tries, entry.Due, "", Stopping);
            var answers = await desk.HandleAsync(
                    update,
                    [.. parts.Select(p => p.Update.Id)],
                    entry.At,
                    entry.Tries > 0,
                    Stopping
                )
                .WaitAsync(HandleMax, Time, Stopping);
            await AnswerAsync(update, "", answers);
            await SettleAsync(parts, InboxState.Processed, "");
            return true;
        }
        catch (Exception e)
            when (e is not OutOfMemoryException and not StorageException
                && !Stopping.IsCancellationRequested
            )
        {
            LogAgain(Logger, update.Id, tries, e);
            if (tries < TriesMax)
            {
                return false;
            }
            LogFailed(Logger, update.Id, entry.Id, e);
            var language = await desk.LanguageOfAsync(update, Stopping);
            // Under another name than the answer, which a replay may still bring.
            await AnswerAsync(
                update,
                "failed:",
                [
                    new ChatSend
                    {
                        Text = ChatWords.Say(language, "failed-inside", entry.Id),
                        ReplyTo = update.Message,
                    },
                ]
            );
            await SettleAsync(parts, InboxState.Failed, Words($"{e.GetType().Name}: {e.Message}"));
            return true;
        }
    }

    private async Task AnswerAsync(ChatUpdate update, string kind, IReadOnlyList<ChatSend> answers)
    {
        var now = Time.GetUtcNow();
        for (var i = 0; i < answers.Count; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"u{update.Id}:{kind}{i}");
            await outbox.AddAsync(
                new OutboxMessage(
                    TelegramNames.EndpointOf(update.Chat),
                    id,
                    "answer",
                    (answers[i] with { Text = redactor.Redact(answers[i].Text) }).ToBytes(),
                    now,
                    now + SendMax
                ),
                CancellationToken.None
            );
        }
        if (answers.Count > 0)
        {
            await GrainFactory.GetGrain<ITelegramSenderGrain>(0).WakeAsync(Stopping);
        }
    }

    // The first part last: while it waits, the whole is known by its number.
    private async Task SettleAsync(IReadOnlyList<Stored> parts, InboxState state, string words)
    {
        foreach (var part in parts.Reverse())
        {
            await inbox.SettleAsync(
                part.Entry.Id,
                state,
                words,
                Time.GetUtcNow(),
                CancellationToken.None
            );
        }
    }

    private string Words(string text)
    {
        var clean = redactor.Redact(text);
        return clean.Length > WordsMax ? clean[..WordsMax] : clean;
    }

    [LoggerMessage(
        EventId = 1812,
        Level = LogLevel.Warning,
        Message = "Update {Update} of Telegram failed (try {Tries})"
    )]
    private static partial void LogAgain(
        ILogger logger,
        long update,
        int tries,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1813,
        Level = LogLevel.Error,
        Message = "Update {Update} of Telegram was given up; 'orchestrator webhooks replay {Id}' tries it again"
    )]
    private static partial void LogFailed(
        ILogger logger,
        long update,
        long id,
        Exception exception
    );
}
