using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Webhooks;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Webhooks;

namespace Orchestrator.Silo.Webhooks;

/// <summary>
/// Wakes whoever handles deliveries: at once after a receipt, many receipts with one call, and every few seconds for what
/// waits for its next try. It holds nothing that must survive: what waits stands in the store.
/// </summary>
internal sealed partial class WebhookPump(
    IGrainFactory grains,
    IWebhookInbox inbox,
    IWebhookOutbox outbox,
    IWebhookEndpoints endpoints,
    IOptions<WebhookOptions> options,
    TimeProvider time,
    ILogger<WebhookPump> logger
) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private const int PageMax = 1_000;
    private static readonly TimeSpan TrimPause = TimeSpan.FromMinutes(10);
    private readonly Channel<bool> woken = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private long waiting;

    /// <summary>How many deliveries waited at the last look, seconds ago.</summary>
    public long Waiting => Interlocked.Read(ref waiting);

    /// <summary>Something was received.</summary>
    public void Wake() => woken.Writer.TryWrite(true);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var trimmed = DateTimeOffset.MinValue;
        var looked = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            using var tick = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            tick.CancelAfter(Pause);
            Task heard = woken.Reader.ReadAsync(tick.Token).AsTask();
            await heard.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            try
            {
                await grains.GetGrain<IWebhookInboxGrain>(0).WakeAsync(stoppingToken);
                var now = time.GetUtcNow();
                if (now - looked >= Pause)
                {
                    looked = now;
                    Interlocked.Exchange(ref waiting, await inbox.CountWaitingAsync(stoppingToken));
                    foreach (var endpoint in endpoints.Names)
                    {
                        await grains
                            .GetGrain<IWebhookOutboxGrain>(endpoint)
                            .WakeAsync(stoppingToken);
                    }
                }
                if (now - trimmed >= TrimPause)
                {
                    trimmed = now;
                    await TrimAsync(now, stoppingToken);
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                if (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(logger, e); // the next tick tries again
                }
            }
        }
    }

    private async Task TrimAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (before, rows) = (now.AddDays(-options.Value.KeepDays), options.Value.KeepRowsMax);
        await DropForeignAsync(now, cancellationToken);
        await inbox.TrimAsync(before, rows, cancellationToken);
        await outbox.TrimAsync(before, rows, cancellationToken);
    }

    // Of an endpoint that was taken out of the settings nobody sends anything: without this its messages waited for ever.
    private async Task DropForeignAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var dropped = 0;
        var page = await WaitingAsync(null, cancellationToken);
        while (page.Count > 0)
        {
            foreach (
                var entry in page.Where(e =>
                    !endpoints.Names.Contains(e.Endpoint)
                    // What waits for a chat is Telegram's to send.
                    && TelegramNames.ChatOf(e.Endpoint) is null
                )
            )
            {
                await outbox.NoteAsync(
                    new OutboxResult(
                        entry.Id,
                        OutboxState.Dead,
                        entry.Tries,
                        entry.Due,
                        entry.Status,
                        $"The endpoint '{entry.Endpoint}' is not configured any more (Webhooks:Outbound).",
                        now
                    ),
                    cancellationToken
                );
                dropped++;
            }
            page = page.Count < PageMax ? [] : await WaitingAsync(page[^1].Id, cancellationToken);
        }
        if (dropped > 0)
        {
            LogForeign(logger, dropped);
        }
    }

    private Task<IReadOnlyList<OutboxEntry>> WaitingAsync(
        long? before,
        CancellationToken cancellationToken
    ) =>
        outbox.ListAsync(
            new OutboxFilter(null, OutboxState.Waiting, before, PageMax),
            cancellationToken
        );

    [LoggerMessage(
        2702,
        LogLevel.Warning,
        "{Count} messages were given up: their endpoints are not configured any more (Webhooks:Outbound). 'orchestrator webhooks resend' sends one again once its endpoint is back"
    )]
    private static partial void LogForeign(ILogger logger, int count);

    [LoggerMessage(
        2701,
        LogLevel.Warning,
        "Deliveries of webhooks could not be handed on; again in seconds"
    )]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
