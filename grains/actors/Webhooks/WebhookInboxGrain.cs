using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Webhooks;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Webhooks;

/// <summary>
/// Hands the inbox's deliveries to their handlers. What is not settled in the store is handed on again, so a crash at any
/// moment costs a repeat and never a delivery. Reentrant, so that a wake gets in while the loop works; what survives every
/// await is that there is at most one loop.
/// </summary>
[Reentrant, OnControlSilos]
public sealed partial class WebhookInboxGrain(
    IWebhookInbox inbox,
    IEnumerable<IWebhookHandler> handlers,
    Redactor redactor,
    TimeProvider time,
    ILogger<WebhookInboxGrain> logger
) : WorkLoopGrain(time, logger), IWebhookInboxGrain
{
    // Bodies may be large: so many are held at once, and handed on side by side.
    private const int BatchMax = 16;
    private const int WordsMax = 1_000;
    private static readonly TimeSpan HandleMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);

    private bool again;

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        again = true;
        Begin();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override string Doing => "Handing on webhooks";

    /// <inheritdoc />
    protected override TimeSpan LeaveMax => HandleMax;

    /// <inheritdoc />
    protected override async Task WorkAsync()
    {
        while (again && !Stopping.IsCancellationRequested)
        {
            again = false;
            var batch = await inbox.NextAsync(Time.GetUtcNow(), BatchMax, Stopping);
            if (batch.Count > 0)
            {
                DelayDeactivation(StayAwake);
                await Task.WhenAll(batch.Select(b => HandleAsync(b.Entry, b.Body)));
            }
            again |= batch.Count == BatchMax;
        }
    }

    private async Task HandleAsync(InboxEntry entry, ReadOnlyMemory<byte> body)
    {
        try
        {
            var handler = handlers.FirstOrDefault(h => h.Source == entry.Source);
            var verdict = handler is null
                ? new WebhookVerdict(false, $"Nobody here reads deliveries of '{entry.Source}'.")
                : await handler.HandleAsync(entry, body, Stopping).WaitAsync(HandleMax, Time);
            await inbox.SettleAsync(
                entry.Id,
                verdict.Taken ? InboxState.Processed : InboxState.Ignored,
                Words(verdict.Words),
                Time.GetUtcNow(),
                CancellationToken.None
            );
        }
        catch (Exception e)
            when (e is not OutOfMemoryException and not StorageException
                && !Stopping.IsCancellationRequested
            )
        {
            await FailAsync(entry, e);
        }
    }

    private async Task FailAsync(InboxEntry entry, Exception e)
    {
        var (tries, now) = (entry.Tries + 1, Time.GetUtcNow());
        var words = Words($"{e.GetType().Name}: {e.Message}");
        if (WebhookSchedule.Inbound(tries, now) is { } due)
        {
            LogAgain(Logger, entry.Source, entry.Id, tries, e);
            await inbox.PostponeAsync(entry.Id, tries, due, words, CancellationToken.None);
            return;
        }
        LogFailed(Logger, entry.Source, entry.Id, e);
        await inbox.SettleAsync(
            entry.Id,
            InboxState.Failed,
            Words($"Given up after {tries} tries. {words}"),
            now,
            CancellationToken.None
        );
    }

    private string Words(string text)
    {
        var clean = redactor.Redact(text);
        return clean.Length > WordsMax ? clean[..WordsMax] : clean;
    }

    [LoggerMessage(
        EventId = 1702,
        Level = LogLevel.Warning,
        Message = "Delivery {Id} of {Source} failed (try {Tries})"
    )]
    private static partial void LogAgain(
        ILogger logger,
        string source,
        long id,
        int tries,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1703,
        Level = LogLevel.Error,
        Message = "Delivery {Id} of {Source} was given up; 'orchestrator webhooks replay {Id}' tries it again"
    )]
    private static partial void LogFailed(
        ILogger logger,
        string source,
        long id,
        Exception exception
    );
}
