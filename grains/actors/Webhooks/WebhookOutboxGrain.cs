using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Webhooks;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Webhooks;

/// <summary>
/// Sends the messages of one endpoint, one after the other. A message is sent at least once: a crash between the answer and
/// its note sends it again under the same id. Reentrant, so that a wake gets in while the loop works; what survives every
/// await is that there is at most one loop.
/// </summary>
[Reentrant, OnControlSilos]
public sealed partial class WebhookOutboxGrain(
    IWebhookOutbox outbox,
    IWebhookEndpoints endpoints,
    Redactor redactor,
    TimeProvider time,
    ILogger<WebhookOutboxGrain> logger
) : Grain, IWebhookOutboxGrain, IDisposable
{
    private const int BatchMax = 20;
    private const int WordsMax = 500;

    // So many a second at most: an endpoint that comes back is not flooded.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LeaveMax = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stop = new();
    private Task work = Task.CompletedTask;
    private bool working;
    private bool again;
    private int failuresInARow;
    private DateTimeOffset restUntil;

    private string Name => this.GetPrimaryKeyString();

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        again = true;
        if (!working && !stop.IsCancellationRequested && time.GetUtcNow() >= restUntil)
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
        await work.WaitAsync(LeaveMax, time, cancellationToken)
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
                again = await SendDueAsync();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing is lost: the next wake, within seconds, reads what waits.
            if (!stop.IsCancellationRequested)
            {
                LogStopped(logger, Name, e);
            }
        }
        finally
        {
            working = false;
        }
    }

    // True = there may be more.
    private async Task<bool> SendDueAsync()
    {
        again = false;
        var batch = await outbox.NextAsync(Name, time.GetUtcNow(), BatchMax, stop.Token);
        if (batch.Count == 0)
        {
            return again;
        }
        DelayDeactivation(StayAwake);
        if ((await outbox.ListClosedAsync(stop.Token)).TryGetValue(Name, out var closed))
        {
            await outbox.CloseAsync(Name, closed, time.GetUtcNow(), stop.Token);
            return false;
        }
        foreach (var (entry, body) in batch)
        {
            var begun = time.GetTimestamp();
            var answer = await endpoints.SendAsync(Name, entry.MessageId, body, stop.Token);
            if (answer.Gone)
            {
                LogGone(logger, Name);
                await outbox.CloseAsync(
                    Name,
                    "The endpoint answered 410 Gone and is closed; a resend opens it.",
                    time.GetUtcNow(),
                    CancellationToken.None
                );
                return false;
            }
            await NoteAsync(entry, answer);
            if (!answer.Taken)
            {
                // Whoever does not answer now will not answer the next message either.
                failuresInARow++;
                restUntil = WebhookSchedule.Rest(failuresInARow, time.GetUtcNow());
                return false;
            }
            failuresInARow = 0;
            if (Pace - time.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(left, time, stop.Token);
            }
        }
        return again || batch.Count == BatchMax;
    }

    private Task NoteAsync(OutboxEntry entry, WebhookAnswer answer)
    {
        var (tries, now) = (entry.Tries + 1, time.GetUtcNow());
        var due = answer.Taken
            ? now
            : WebhookSchedule.Outbound(tries, entry.Expires, now, answer.RetryAfter);
        if (due is null)
        {
            LogDead(logger, Name, entry.Id, tries);
        }
        return outbox.NoteAsync(
            new OutboxResult(
                entry.Id,
                answer.Taken ? OutboxState.Delivered
                    : due is null ? OutboxState.Dead
                    : OutboxState.Waiting,
                tries,
                due ?? now,
                answer.Status,
                Words(answer.Words),
                now
            ),
            CancellationToken.None
        );
    }

    private string Words(string text)
    {
        var clean = redactor.Redact(text);
        return clean.Length > WordsMax ? clean[..WordsMax] : clean;
    }

    [LoggerMessage(
        EventId = 1711,
        Level = LogLevel.Warning,
        Message = "Sending to the endpoint {Endpoint} stopped; it goes on within seconds"
    )]
    private static partial void LogStopped(ILogger logger, string endpoint, Exception exception);

    [LoggerMessage(
        EventId = 1712,
        Level = LogLevel.Error,
        Message = "The endpoint {Endpoint} answered 410 Gone: nothing is sent to it until a message is resent"
    )]
    private static partial void LogGone(ILogger logger, string endpoint);

    [LoggerMessage(
        EventId = 1713,
        Level = LogLevel.Error,
        Message = "Message {Id} to the endpoint {Endpoint} was given up after {Tries} tries; 'orchestrator webhooks resend {Id}' sends it again"
    )]
    private static partial void LogDead(ILogger logger, string endpoint, long id, int tries);
}
