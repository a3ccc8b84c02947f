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
        var trimmed = time.GetUtcNow();
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
        await inbox.TrimAsync(before, rows, cancellationToken);
        await outbox.TrimAsync(before, rows, cancellationToken);
    }

    [LoggerMessage(
        2701,
        LogLevel.Warning,
        "Deliveries of webhooks could not be handed on; again in seconds"
    )]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
