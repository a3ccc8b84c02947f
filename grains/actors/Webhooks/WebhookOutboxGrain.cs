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
) : WorkLoopGrain(time, logger), IWebhookOutboxGrain
{
    private const int BatchMax = 20;
    private const int WordsMax = 500;

    // So many a second at most: an endpoint that comes back is not flooded.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);

    private bool again;
    private int failuresInARow;
    private DateTimeOffset restUntil;

    private string Name => this.GetPrimaryKeyString();

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        again = true;
        if (Time.GetUtcNow() >= restUntil)
        {
            Begin();
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override string Doing => $"Sending to the endpoint {Name}";

    /// <inheritdoc />
    protected override async Task WorkAsync()
    {
        while (again && !Stopping.IsCancellationRequested)
        {
            again = await SendDueAsync();
        }
    }

    // True = there may be more.
    private async Task<bool> SendDueAsync()
    {
        again = false;
        var batch = await outbox.NextAsync(Name, Time.GetUtcNow(), BatchMax, Stopping);
        if (batch.Count == 0)
        {
            return again;
        }
        DelayDeactivation(StayAwake);
        if ((await outbox.ListClosedAsync(Stopping)).TryGetValue(Name, out var closed))
        {
            await outbox.CloseAsync(Name, closed, Time.GetUtcNow(), Stopping);
            return false;
        }
        foreach (var (entry, body) in batch)
        {
            var begun = Time.GetTimestamp();
            var answer = await endpoints.SendAsync(Name, entry.MessageId, body, Stopping);
            if (answer.Gone)
            {
                LogGone(Logger, Name);
                await outbox.CloseAsync(
                    Name,
                    "The endpoint answered 410 Gone and is closed; a resend opens it.",
                    Time.GetUtcNow(),
                    CancellationToken.None
                );
                return false;
            }
            await NoteAsync(entry, answer);
            if (!answer.Taken)
            {
                // Whoever does not answer now will not answer the next message either.
                failuresInARow++;
                restUntil = WebhookSchedule.Rest(failuresInARow, Time.GetUtcNow());
                return false;
            }
            failuresInARow = 0;
            if (Pace - Time.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(left, Time, Stopping);
            }
        }
        return again || batch.Count == BatchMax;
    }

    private Task NoteAsync(OutboxEntry entry, WebhookAnswer answer)
    {
        var (tries, now) = (entry.Tries + 1, Time.GetUtcNow());
        var due = answer.Taken
            ? now
            : WebhookSchedule.Outbound(tries, entry.Expires, now, answer.RetryAfter);
        if (due is null)
        {
            LogDead(Logger, Name, entry.Id, tries);
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
