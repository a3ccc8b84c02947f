using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Webhooks;
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
) : Grain, IWebhookInboxGrain, IDisposable
{
    // Bodies may be large: so many are held at once, and handed on side by side.
    private const int BatchMax = 16;
    private const int WordsMax = 1_000;
    private static readonly TimeSpan HandleMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource stop = new();
    private Task work = Task.CompletedTask;
    private bool working;
    private bool again;

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        again = true;
        if (!working && !stop.IsCancellationRequested)
        {
            working = true;
            work = WorkAsync();
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override async Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        await stop.CancelAsync();
        await work.WaitAsync(HandleMax, time, cancellationToken)
            .ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing
                    | ConfigureAwaitOptions.ContinueOnCapturedContext
            );
    }

    /// <inheritdoc />
    public void Dispose() => stop.Dispose();

    private async Task WorkAsync()
    {
        try
        {
            while (again && !stop.IsCancellationRequested)
            {
                again = false;
                var batch = await inbox.NextAsync(time.GetUtcNow(), BatchMax, stop.Token);
                if (batch.Count > 0)
                {
                    DelayDeactivation(StayAwake);
                    await Task.WhenAll(batch.Select(b => HandleAsync(b.Entry, b.Body)));
                }
                again |= batch.Count == BatchMax;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing is lost: the next wake, within seconds, reads what waits.
            if (!stop.IsCancellationRequested)
            {
                LogStopped(logger, e);
            }
        }
        finally
        {
            working = false;
        }
    }

    private async Task HandleAsync(InboxEntry entry, ReadOnlyMemory<byte> body)
    {
        try
        {
            var handler = handlers.FirstOrDefault(h => h.Source == entry.Source);
            var verdict = handler is null
                ? new WebhookVerdict(false, $"Nobody here reads deliveries of '{entry.Source}'.")
                : await handler.HandleAsync(entry, body, stop.Token).WaitAsync(HandleMax, time);
            await inbox.SettleAsync(
                entry.Id,
                verdict.Taken ? InboxState.Processed : InboxState.Ignored,
                Words(verdict.Words),
                time.GetUtcNow(),
                CancellationToken.None
            );
        }
        catch (Exception e)
            when (e is not OutOfMemoryException and not StorageException
                && !stop.IsCancellationRequested
            )
        {
            await FailAsync(entry, e);
        }
    }

    private async Task FailAsync(InboxEntry entry, Exception e)
    {
        var (tries, now) = (entry.Tries + 1, time.GetUtcNow());
        var words = Words($"{e.GetType().Name}: {e.Message}");
        if (WebhookSchedule.Inbound(tries, now) is { } due)
        {
            LogAgain(logger, entry.Source, entry.Id, tries, e);
            await inbox.PostponeAsync(entry.Id, tries, due, words, CancellationToken.None);
            return;
        }
        LogFailed(logger, entry.Source, entry.Id, e);
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
        EventId = 1701,
        Level = LogLevel.Warning,
        Message = "The inbox of webhooks stopped; it goes on within seconds"
    )]
    private static partial void LogStopped(ILogger logger, Exception exception);

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
