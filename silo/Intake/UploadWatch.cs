using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Failures;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Intake;

/// <summary>Removes files that were sent and never named when they are too old: at the start, and every hour. It holds nothing; several silos may do it at once.</summary>
internal sealed partial class UploadWatch(
    UploadCleaning cleaning,
    IOptions<StoreOptions> options,
    TimeProvider time,
    ILogger<UploadWatch> logger
) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tick = new PeriodicTimer(Pause, time);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            } while (await tick.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The silo ends.
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            UploadsCleaned done;
            do
            {
                done = await cleaning.RunAsync(
                    time.GetUtcNow() - options.Value.UploadsKept,
                    dryRun: false,
                    stoppingToken
                );
                if (done.Removed.Count > 0)
                {
                    LogRemoved(logger, done.Removed.Count, options.Value.UploadsKept);
                }
            } while (done.Removed.Count + done.Kept.Count == UploadCleaning.FilesMax);
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, stoppingToken))
        {
            LogFailed(logger, e); // the next look tries again
        }
    }

    [LoggerMessage(
        1921,
        LogLevel.Information,
        "{Count} files that were sent and not named within {Kept} were removed"
    )]
    private static partial void LogRemoved(ILogger logger, int count, TimeSpan kept);

    [LoggerMessage(
        1922,
        LogLevel.Warning,
        "Files that were sent and never named could not be removed; again in an hour"
    )]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
