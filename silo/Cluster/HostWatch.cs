using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage.Postgres;
using Orleans.Runtime.MembershipService.SiloMetadata;

#pragma warning disable ORLEANSEXP004 // what a silo tells of itself is marked experimental

namespace Orchestrator.Silo.Cluster;

/// <summary>
/// Finds the hosts whose silo's process has ended, on every silo that holds tasks: their tasks go on elsewhere about a
/// second after a kill, not after a lease. Started before the host's lease begins, so that no lease is without presence.
/// </summary>
internal sealed partial class HostWatch(
    PostgresPresence presence,
    IClusterMembershipService membership,
    ISiloMetadataCache traits,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<HostWatch> logger,
    string host,
    bool control
) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan TellMax = TimeSpan.FromSeconds(2);

    // Two looks: a broken connection is made again between them.
    private readonly LapseWatch absent = new();

    /// <inheritdoc />
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (host.Length > 0)
        {
            await presence.EnterAsync(host, cancellationToken);
        }
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (control && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (
                    var (dead, epoch) in absent.Look(await presence.ListAbsentAsync(stoppingToken))
                )
                {
                    await EndAsync(dead, epoch, stoppingToken);
                }
            }
            catch (Exception e) when (LoopFault.IsOutlived(e, stoppingToken))
            {
                LogBlind(logger, e);
            }
            await Task.Delay(Pause, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task EndAsync(string dead, long epoch, CancellationToken cancellationToken)
    {
        if (!await presence.FenceAbsentAsync(dead, epoch, cancellationToken))
        {
            return;
        }
        LogEnded(logger, dead, epoch);
        try
        {
            await VoteOutAsync(dead, cancellationToken);
            await grains
                .GetGrain<IScannerGrain>(0)
                .WatchAsync(cancellationToken)
                .WaitAsync(TellMax, time, cancellationToken);
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, cancellationToken))
        {
            // The scanner sees the new epoch at its next look at the leases; the members vote by themselves.
            LogUntold(logger, dead, e);
        }
    }

    // Only where the machine itself says that nothing listens there any more.
    private async Task VoteOutAsync(string dead, CancellationToken cancellationToken)
    {
        foreach (var member in membership.CurrentSnapshot.Members.Values)
        {
            if (
                member.Status == SiloStatus.Active
                && traits
                    .GetSiloMetadata(member.SiloAddress)
                    .Metadata.TryGetValue(SiloTraits.Host, out var name)
                && name.Equals(dead, StringComparison.OrdinalIgnoreCase)
                && await DeadMembers.IsRefusedAsync(member.SiloAddress, cancellationToken)
            )
            {
                await membership
                    .TryKill(member.SiloAddress)
                    .WaitAsync(TellMax, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(
        EventId = 2031,
        Level = LogLevel.Warning,
        Message = "The silo of host {Host} (epoch {Epoch}) has ended without a word: its tasks are queued again"
    )]
    private static partial void LogEnded(ILogger logger, string host, long epoch);

    [LoggerMessage(
        EventId = 2032,
        Level = LogLevel.Warning,
        Message = "Whether hosts have ended cannot be seen now; their leases decide"
    )]
    private static partial void LogBlind(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 2033,
        Level = LogLevel.Warning,
        Message = "Not all could be told at once that host {Host} has ended; the scanner tells them"
    )]
    private static partial void LogUntold(ILogger logger, string host, Exception exception);
}
