using Orchestrator.Decisions.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Cluster;

/// <summary>
/// After each change of the membership, brings to life what may have lain on the silo that went: the scanner, and the
/// queue with this host's slots in it. Both would come back by themselves, but later.
/// </summary>
internal sealed partial class MembershipWatch(
    IClusterMembershipService membership,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<MembershipWatch> logger,
    RunHost? runs,
    bool control
) : BackgroundService
{
    private static readonly TimeSpan TellMax = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                await TellAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is the only end there is.
        }
    }

    private async Task TellAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(
                    control
                        ? grains.GetGrain<IScannerGrain>(0).WatchAsync(stoppingToken)
                        : Task.CompletedTask,
                    runs?.RegisterAsync(stoppingToken) ?? Task.CompletedTask
                )
                .WaitAsync(TellMax, time, stoppingToken);
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, stoppingToken))
        {
            LogUntold(logger, e);
        }
    }

    [LoggerMessage(
        EventId = 2034,
        Level = LogLevel.Debug,
        Message = "After a change of the membership the scanner or the queue was not reached; each comes back by itself"
    )]
    private static partial void LogUntold(ILogger logger, Exception exception);
}
