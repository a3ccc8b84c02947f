using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Tasks;

/// <summary>How the scanner is guarded.</summary>
/// <param name="GuardPeriod">Time between two looks of the guard; 1 minute by default, 1 second to 1 hour.</param>
public sealed record ScannerLimits(TimeSpan GuardPeriod);

/// <summary>
/// The only clock that waiting tasks have. A timer scans; a reminder in the store brings the grain back when its silo is
/// gone, and sets a scan going again that stands still. Reentrant, so that the guard gets in while a scan is under way;
/// what survives every await is that one timer scans, and its ticks never overlap.
/// </summary>
[Reentrant, KeepAlive, OnControlSilos]
public sealed partial class ScannerGrain(
    ITaskIndex index,
    IJournal journal,
    IHostRegistry hosts,
    ScannerLimits limits,
    TimeProvider time,
    ILogger<ScannerGrain> logger
) : Grain, IScannerGrain, IRemindable
{
    /// <summary>Name of the guard's reminder.</summary>
    public const string Guard = "scan";

    private const int DueMax = 1_000;
    private const int OwedPage = 250;
    private const int AtOnce = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LeasePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OwedPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TellMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StandsStill = TimeSpan.FromSeconds(45);
    private static readonly TaskPhase[] OnAHost =
    [
        TaskPhase.Preparing,
        TaskPhase.Running,
        TaskPhase.Validating,
    ];

    private readonly LapseWatch lapses = new();

    // Lives of hosts that are over, of which not everybody was told yet.
    private readonly HashSet<(string Host, long Epoch)> owedNews = [];

    // The epochs of the last look. A life is over when the next one began, whoever ended it; at the first look every
    // former one is news, because a scanner before this one may have ended between a verdict and its news.
    private readonly Dictionary<string, long> epochs = new(StringComparer.OrdinalIgnoreCase);
    private IGrainTimer? timer;
    private IGrainReminder? reminder;
    private long scannedAt;
    private long leasesAt;
    private DateTimeOffset owedAt;
    private string owedAfter = "";
    private DateTimeOffset nextDue;
    private Task changed = Task.CompletedTask;
    private DateTimeOffset? lastScan;
    private long woken;
    private long rescued;

    /// <inheritdoc />
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Arm();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        // Something has changed: the leases are looked at with the next tick, and what lay on a silo that went is owed by
        // tasks that nobody else calls. A round under way is finished first, or it might never be.
        leasesAt = 0;
        owedAt = default;
        reminder ??= await this.RegisterOrUpdateReminder(
            Guard,
            limits.GuardPeriod,
            limits.GuardPeriod,
            cancellationToken
        );
    }

    /// <inheritdoc />
    public Task<ScannerStatus> GetState() =>
        Task.FromResult(new ScannerStatus(lastScan, woken, rescued));

    /// <summary>The guard: being called has activated the scanner already; a scan that stands still is begun anew.</summary>
    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        var still = time.GetElapsedTime(scannedAt);
        if (still > StandsStill)
        {
            rescued++;
            LogRescued(logger, still.TotalSeconds);
            Arm();
        }
        return Task.CompletedTask;
    }

    private void Arm()
    {
        timer?.Dispose();
        scannedAt = time.GetTimestamp();
        timer = this.RegisterGrainTimer(
            ScanAsync,
            new GrainTimerCreationOptions(TimeSpan.Zero, Pause)
            {
                KeepAlive = true,
                Interleave = true,
            }
        );
    }

    private async Task ScanAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = time.GetUtcNow();
            await WakeOwingAsync(now, cancellationToken);
            await WakeDueAsync(now, cancellationToken);
            if (leasesAt == 0 || time.GetElapsedTime(leasesAt) >= LeasePause)
            {
                leasesAt = time.GetTimestamp();
                await LookAtLeasesAsync(cancellationToken);
            }
            scannedAt = time.GetTimestamp();
            lastScan = time.GetUtcNow();
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, cancellationToken))
        {
            // The next tick scans again; the guard does not count this one.
            LogScan(logger, e);
        }
    }

    // A page per tick: thousands that wait for a slot owe their place in the queue, and neither hide whoever comes after
    // them nor keep the ticks from what is due and from the leases.
    private async Task WakeOwingAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (owedAfter.Length == 0 && now - owedAt < OwedPause)
        {
            return;
        }
        owedAt = owedAfter.Length == 0 ? now : owedAt;
        var page = await index.ListOwingAsync(owedAfter, OwedPage, cancellationToken);
        owedAfter = page.Count == OwedPage ? page[^1].TaskId : "";
        await WakeAsync(page, cancellationToken);
    }

    // A due instant comes with a commit only: while nothing was committed, the earliest known one is waited for.
    private async Task WakeDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!changed.IsCompleted && now < nextDue)
        {
            return;
        }
        var end = await journal.GetEndAsync(cancellationToken);
        changed = journal.WaitBeyondAsync(end, cancellationToken);
        await WakeAsync(
            await index.ListDueAsync(now, DueMax, cancellationToken),
            cancellationToken
        );
        nextDue = await index.NextDueAsync(cancellationToken) ?? DateTimeOffset.MaxValue;
    }

    private async Task WakeAsync(IReadOnlyList<TaskHead> heads, CancellationToken cancellationToken)
    {
        foreach (var some in heads.Chunk(AtOnce))
        {
            var told = await Task.WhenAll(
                some.Select(h =>
                    IsToldAsync(
                        h.TaskId,
                        () =>
                            GrainFactory.GetGrain<ITaskGrain>(h.TaskId).WakeAsync(cancellationToken)
                    )
                )
            );
            woken += told.Count(t => t);
        }
    }

    private async Task LookAtLeasesAsync(CancellationToken cancellationToken)
    {
        var rows = await hosts.ListAsync(cancellationToken);
        foreach (var row in rows.Where(r => epochs.GetValueOrDefault(r.Host) != r.Epoch))
        {
            epochs[row.Host] = row.Epoch;
            owedNews.Add((row.Host, row.Epoch - 1));
        }
        var lapsed = rows.Where(h => h is { Alive: false, LeaseUntil: not null })
            .Select(h => (h.Host, h.Epoch));
        foreach (var (host, epoch) in lapses.Look(lapsed))
        {
            if (await hosts.FenceLapsedAsync(host, epoch, cancellationToken))
            {
                LogLapsed(logger, host, epoch);
                epochs[host] = epoch + 1;
                owedNews.Add((host, epoch));
            }
        }
        await Task.WhenAll(
            owedNews
                .ToList()
                .Select(async n =>
                {
                    if (await TakeOverAsync(n.Host, n.Epoch, cancellationToken))
                    {
                        owedNews.Remove(n);
                    }
                })
        );
    }

    // False when somebody could not be told: a grain that lay on the dead host is not to be reached until its silo is
    // voted out.
    private async Task<bool> TakeOverAsync(
        string host,
        long epoch,
        CancellationToken cancellationToken
    )
    {
        var told = await IsToldAsync(
            "",
            () =>
                GrainFactory
                    .GetGrain<IQueueGrain>(TaskEffects.Pool)
                    .HostGoneAsync(host, epoch, cancellationToken)
        );
        var after = "";
        IReadOnlyList<TaskHead> page;
        do
        {
            page = await index.ListInPhasesAsync(OnAHost, after, DueMax, cancellationToken);
            after = page.Count > 0 ? page[^1].TaskId : after;
            var news = await Task.WhenAll(
                page.Where(h => string.Equals(h.Host, host, StringComparison.OrdinalIgnoreCase))
                    .Select(h =>
                        IsToldAsync(
                            h.TaskId,
                            () => TellLostAsync(h.TaskId, host, epoch, cancellationToken)
                        )
                    )
            );
            told &= news.All(n => n);
        } while (page.Count == DueMax);
        return told;
    }

    private async Task TellLostAsync(
        string taskId,
        string host,
        long epoch,
        CancellationToken cancellationToken
    )
    {
        var task = GrainFactory.GetGrain<ITaskGrain>(taskId);
        await task.HostLostAsync(host, epoch, cancellationToken);
        // A verification is no run: it is not lost, it is asked for again.
        await task.WakeAsync(cancellationToken);
        woken++;
    }

    // Not waited for longer than the others can do without the scanner; what was told late was told.
    private async Task<bool> IsToldAsync(string taskId, Func<Task> tell)
    {
        try
        {
            await tell().WaitAsync(TellMax, time);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogWake(logger, taskId, e); // one that is out of reach must not hide the others
            return false;
        }
    }

    [LoggerMessage(
        EventId = 1010,
        Level = LogLevel.Warning,
        Message = "The scan for due tasks failed; again at the next tick"
    )]
    private static partial void LogScan(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 1011,
        Level = LogLevel.Warning,
        Message = "Task {TaskId} could not be woken; the next scan tries again"
    )]
    private static partial void LogWake(ILogger logger, string taskId, Exception exception);

    [LoggerMessage(
        EventId = 1012,
        Level = LogLevel.Error,
        Message = "The scan stood still for {Seconds} s; its guard set it going again"
    )]
    private static partial void LogRescued(ILogger logger, double seconds);

    [LoggerMessage(
        EventId = 1013,
        Level = LogLevel.Warning,
        Message = "The lease of host {Host} (epoch {Epoch}) lapsed: its tasks are queued again"
    )]
    private static partial void LogLapsed(ILogger logger, string host, long epoch);
}

/// <summary>Calls the scanner at the silo's start, until it answers. From then on its reminder brings it back.</summary>
public sealed partial class ScannerStart(
    IGrainFactory grains,
    TimeProvider time,
    ILogger<ScannerStart> logger
) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await grains.GetGrain<IScannerGrain>(0).WatchAsync(stoppingToken);
                return;
            }
            catch (Exception e) when (LoopFault.IsOutlived(e, stoppingToken))
            {
                LogUnstarted(logger, e);
                await Task.Delay(Pause, time, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(
        EventId = 1014,
        Level = LogLevel.Warning,
        Message = "The scanner or its guard could not be started; again in a second"
    )]
    private static partial void LogUnstarted(ILogger logger, Exception exception);
}
