using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Failures;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// This host's lease: begun at the start, renewed every second, given back at a graceful end. Whoever cannot renew in
/// time, or finds its epoch over, ends its own runs, because another host may have taken them over.
/// </summary>
internal sealed partial class HostLease(
    IHostRegistry registry,
    HostMark mark,
    IOptions<RunnerOptions> options,
    TimeProvider time,
    ILogger<HostLease> logger
)
{
    private long epoch;
    private IReadOnlyList<string> labels = [];

    /// <summary>The present epoch; 0 = none: nothing may run here.</summary>
    public long Epoch => Interlocked.Read(ref epoch);

    private string Host => options.Value.Host;

    private TimeSpan Length => options.Value.Lease;

    /// <summary>
    /// Begins the first epoch. The lease of a former life on this data directory is not waited for: the directory is held
    /// exclusively, so that life is over. Any other lease is waited for once.
    /// </summary>
    /// <exception cref="StorageException">Another host of this name lives.</exception>
    public async Task BeginAsync(
        IReadOnlyList<string> hostLabels,
        CancellationToken cancellationToken
    )
    {
        labels = hostLabels;
        if (await TryBeginAsync(first: true, cancellationToken))
        {
            return;
        }
        LogTaken(logger, Host, Length.TotalSeconds);
        await Task.Delay(Length + options.Value.LeaseRenewal, time, cancellationToken);
        if (!await TryBeginAsync(first: true, cancellationToken))
        {
            throw new StorageException(
                $"Another host named '{Host}' lives in this cluster. Give this one a name of its own (Runner:Host)."
            );
        }
    }

    /// <summary>Renews until it is told to stop. <paramref name="lost"/> ends what runs here; <paramref name="begun"/> follows each new epoch.</summary>
    public async Task KeepAsync(
        Func<Task> lost,
        Func<Task> begun,
        CancellationToken cancellationToken
    )
    {
        var good = time.GetTimestamp();
        var ended = false;
        while (true)
        {
            await Task.Delay(options.Value.LeaseRenewal, time, cancellationToken);
            var asked = time.GetTimestamp();
            switch (await TryRenewAsync(cancellationToken))
            {
                case true:
                    (good, ended) = (asked, false);
                    break;
                case false:
                    if (Interlocked.Exchange(ref epoch, 0) is var over and > 0)
                    {
                        LogOver(logger, Host, over);
                        await lost();
                    }
                    if (await TryBeginAgainAsync(cancellationToken))
                    {
                        (good, ended) = (asked, false);
                        await begun();
                    }
                    break;
                case null when !ended && time.GetElapsedTime(good) >= Length:
                    LogUnrenewed(logger, Host, Length.TotalSeconds);
                    ended = true;
                    await lost();
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Gives the lease back, so that nobody has to wait for its end.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (Epoch == 0)
        {
            return;
        }
        try
        {
            await registry
                .ReleaseAsync(Host, Epoch, cancellationToken)
                .WaitAsync(Length, time, cancellationToken);
        }
        catch (Exception e) when (e is StorageException or TimeoutException)
        {
            LogUnreleased(logger, Host, e);
        }
    }

    // True = renewed, false = the epoch is over, null = the store did not answer.
    private async Task<bool?> TryRenewAsync(CancellationToken cancellationToken)
    {
        if (Epoch == 0)
        {
            return false;
        }
        try
        {
            return await registry
                .RenewAsync(Host, Epoch, Length, cancellationToken)
                .WaitAsync(Length, time, cancellationToken);
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, cancellationToken))
        {
            LogFailed(logger, Host, e);
            return null;
        }
    }

    private async Task<bool> TryBeginAgainAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TryBeginAsync(first: false, cancellationToken);
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, cancellationToken))
        {
            LogFailed(logger, Host, e);
            return false;
        }
    }

    private async Task<bool> TryBeginAsync(bool first, CancellationToken cancellationToken)
    {
        var seen = await registry.GetEpochAsync(Host, cancellationToken);
        var takeOver = first && mark.IsOurs(Host, seen);
        var next = await registry.BeginEpochAsync(
            Host,
            seen,
            takeOver,
            options.Value.Slots,
            labels,
            Length,
            cancellationToken
        );
        if (next > 0)
        {
            mark.Write(Host, next);
        }
        Interlocked.Exchange(ref epoch, next);
        return next > 0;
    }

    [LoggerMessage(
        EventId = 2015,
        Level = LogLevel.Warning,
        Message = "A host named {Host} holds its lease; asked again in {Seconds} s"
    )]
    private static partial void LogTaken(ILogger logger, string host, double seconds);

    [LoggerMessage(
        EventId = 2011,
        Level = LogLevel.Error,
        Message = "Epoch {Epoch} of host {Host} is over: it was declared dead, or another host uses its name; its runs are ended"
    )]
    private static partial void LogOver(ILogger logger, string host, long epoch);

    [LoggerMessage(
        EventId = 2012,
        Level = LogLevel.Error,
        Message = "Host {Host} could not renew its lease for {Seconds} s; its runs are ended"
    )]
    private static partial void LogUnrenewed(ILogger logger, string host, double seconds);

    [LoggerMessage(
        EventId = 2013,
        Level = LogLevel.Warning,
        Message = "The lease of host {Host} could not be written; again at the next renewal"
    )]
    private static partial void LogFailed(ILogger logger, string host, Exception exception);

    [LoggerMessage(
        EventId = 2014,
        Level = LogLevel.Warning,
        Message = "The lease of host {Host} could not be given back; it lapses by itself"
    )]
    private static partial void LogUnreleased(ILogger logger, string host, Exception exception);
}
