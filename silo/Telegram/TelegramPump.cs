using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Telegram;

namespace Orchestrator.Silo.Telegram;

/// <summary>Wakes the grains of the Telegram door every second, wherever they are. It holds nothing that must survive: what waits stands in the store.</summary>
internal sealed partial class TelegramPump(
    IGrainFactory grains,
    IChatHost host,
    ITelegramStore store,
    IOptions<TelegramOptions> options,
    TimeProvider time,
    ILogger<TelegramPump> logger
) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TrimPause = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!host.Door.IsOpen)
        {
            return;
        }
        var trimmed = time.GetUtcNow();
        using var tick = new PeriodicTimer(Pause, time);
        do
        {
            try
            {
                await grains.GetGrain<ITelegramPollerGrain>(0).WakeAsync(stoppingToken);
                await grains.GetGrain<ITelegramDeskGrain>(0).WakeAsync(stoppingToken);
                await grains.GetGrain<ITelegramSenderGrain>(0).WakeAsync(stoppingToken);
                var now = time.GetUtcNow();
                if (now - trimmed >= TrimPause)
                {
                    trimmed = now;
                    await store.TrimAsync(now.AddDays(-options.Value.KeepDays), now, stoppingToken);
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                if (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(logger, e); // the next tick tries again
                }
            }
        } while (await Ticked(tick, stoppingToken));
    }

    private static async Task<bool> Ticked(PeriodicTimer tick, CancellationToken stoppingToken)
    {
        try
        {
            return await tick.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(
        2801,
        LogLevel.Warning,
        "The grains of Telegram could not be woken; again in a second"
    )]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
