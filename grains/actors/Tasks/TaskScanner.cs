using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Tasks;

/// <summary>Wakes what is due, and at start what owes something. The only clock that waiting tasks have.</summary>
public sealed partial class TaskScanner(
    IGrainFactory grains,
    ITaskIndex index,
    IJournal journal,
    TimeProvider time,
    ILogger<TaskScanner> logger
) : BackgroundService
{
    private const int DueMax = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan OwedPause = TimeSpan.FromSeconds(60);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(ScanAsync(stoppingToken), PushAsync(stoppingToken));
    }

    private async Task ScanAsync(CancellationToken stoppingToken)
    {
        var owedAt = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var now = time.GetUtcNow();
                if (now - owedAt >= OwedPause)
                {
                    owedAt = now;
                    await WakeAsync(
                        await index.ListDueAsync(now, owing: true, DueMax, stoppingToken),
                        stoppingToken
                    );
                }
                await WakeAsync(
                    await index.ListDueAsync(now, owing: false, DueMax, stoppingToken),
                    stoppingToken
                );
                await Task.Delay(Pause, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogScan(logger, e);
                await Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None);
            }
        }
    }

    private async Task WakeAsync(IReadOnlyList<TaskHead> heads, CancellationToken cancellationToken)
    {
        foreach (var head in heads)
        {
            try
            {
                await grains.GetGrain<ITaskGrain>(head.TaskId).WakeAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogWake(logger, head.TaskId, e); // one bad task must not hide the others
            }
        }
    }

    // After each commit the subscribers of the partitions are told; what they miss they read from their cursors.
    private async Task PushAsync(CancellationToken stoppingToken)
    {
        long seen = -1;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var end = await journal.GetEndAsync(stoppingToken);
                if (end != seen)
                {
                    seen = end;
                    for (var partition = 0; partition < JournalPartitions.Count; partition++)
                    {
                        await grains.GetGrain<IFilesGrain>(partition).WakeAsync(end, stoppingToken);
                    }
                }
                await journal.WaitBeyondAsync(end, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogScan(logger, e);
                await Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None);
            }
        }
    }

    [LoggerMessage(
        EventId = 1010,
        Level = LogLevel.Warning,
        Message = "The scan for due tasks failed; again in a second"
    )]
    private static partial void LogScan(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 1011,
        Level = LogLevel.Warning,
        Message = "Task {TaskId} could not be woken; the next scan tries again"
    )]
    private static partial void LogWake(ILogger logger, string taskId, Exception exception);
}
