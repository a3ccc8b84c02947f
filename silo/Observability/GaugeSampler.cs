using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Observability;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Settings;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Observability;

/// <summary>Looks at queue, hosts, outboxes, subscribers and store now and then, so that a scrape asks nobody.</summary>
internal sealed partial class GaugeSampler(
    ITaskIndex index,
    IGrainFactory grains,
    StoredJournal stored,
    ICursorStore cursors,
    IHostRegistry hosts,
    IWebhookOutbox outbox,
    StorePulse pulse,
    SettingsData data,
    Instruments instruments,
    IOptions<TelemetryOptions> options,
    TimeProvider time,
    ILogger<GaugeSampler> logger
) : BackgroundService
{
    private const int OverdueMax = 1_000;
    private const int HostsMax = 48;
    private static readonly TimeSpan OverdueAfter = TimeSpan.FromMinutes(1);

    private readonly ChainWatch chain = new(stored);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                instruments.Show(
                    new GaugeSample(
                        time.GetUtcNow(),
                        GaugeSample.Of(await LookAsync(stoppingToken))
                    )
                );
            }
            catch (Exception e) when (LoopFault.IsOutlived(e, stoppingToken))
            {
                // The last look stands, and its age shows that it is old.
                LogUnseen(logger, e);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(options.Value.SampleEvery, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<List<Measurement>> LookAsync(CancellationToken token)
    {
        var now = time.GetUtcNow();
        var found = new List<Measurement>();
        var counts = await index.CountAsync(token);
        foreach (var phase in Enum.GetValues<TaskPhase>().Where(p => p != TaskPhase.None))
        {
            found.Add(
                new(
                    MetricCatalogue.Tasks,
                    counts.GetValueOrDefault(phase),
                    FactMeter.Snake(phase.ToString())
                )
            );
        }
        var overdue = await index.ListDueAsync(now - OverdueAfter, OverdueMax, token);
        found.Add(new(MetricCatalogue.Overdue, overdue.Count));
        var queue = await grains.GetGrain<IQueueGrain>(TaskEffects.Pool).GetStatusAsync(token);
        found.AddRange(Of(queue));
        found.AddRange(await HostsAsync(token));
        found.AddRange(await OutboxesAsync(now, token));
        found.AddRange(await SubscribersAsync(now, token));
        await chain.LookAsync(token);
        found.Add(new(MetricCatalogue.ChainBreaks, chain.Breaks));
        found.Add(new(MetricCatalogue.ChainChecked, chain.Checked));
        found.Add(new(MetricCatalogue.JournalEnd, await stored.Journal.GetEndAsync(token)));
        found.Add(new(MetricCatalogue.DeadLetters, await cursors.CountBuriedAsync(token)));
        found.Add(new(MetricCatalogue.Fenced, await hosts.ReadFencedAsync(token)));
        if (pulse.RoundTrip is { } trip)
        {
            found.Add(new(MetricCatalogue.RoundTrip, trip.TotalSeconds));
        }
        if (FreeDisk.BytesAt(data.Directory) is var free and >= 0)
        {
            found.Add(new(MetricCatalogue.DataDisk, free));
        }
        return found;
    }

    private static IEnumerable<Measurement> Of(QueueStatus queue)
    {
        foreach (
            var lane in Enum.GetValues<TaskPriority>().Select(p => FactMeter.Snake(p.ToString()))
        )
        {
            yield return new(
                MetricCatalogue.QueueWaiting,
                queue.WaitingByLane.GetValueOrDefault(lane),
                lane
            );
            yield return new(
                MetricCatalogue.QueueAge,
                queue.OldestSecondsByLane.GetValueOrDefault(lane),
                lane
            );
        }
        yield return new(MetricCatalogue.QueueAdmitted, queue.Admitted);
        yield return new(MetricCatalogue.QueueSize, queue.SizeMax);
    }

    private async Task<List<Measurement>> HostsAsync(CancellationToken token)
    {
        var found = new List<Measurement>();
        // A host whose lease was given back left on purpose.
        var present = (await HostViews.ListAsync(grains, hosts, token)).Where(h =>
            h.LeaseUntil is not null
        );
        foreach (var host in present.Take(HostsMax))
        {
            var up = host.State != "lost";
            found.Add(new(MetricCatalogue.HostUp, up ? 1 : 0, host.Host));
            if (up)
            {
                found.Add(new(MetricCatalogue.Slots, host.SlotsUsed, host.Host, "used"));
                found.Add(
                    new(
                        MetricCatalogue.Slots,
                        Math.Max(0, host.Slots - host.SlotsUsed),
                        host.Host,
                        "free"
                    )
                );
            }
            if (host.DiskFreeBytes is { } free)
            {
                found.Add(new(MetricCatalogue.HostDisk, free, host.Host));
            }
        }
        return found;
    }

    private async Task<List<Measurement>> OutboxesAsync(DateTimeOffset now, CancellationToken token)
    {
        var waiting = await outbox.CountWaitingAsync(now, token);
        var found = new List<Measurement>();
        foreach (var (name, telegram) in new[] { ("webhooks", false), ("telegram", true) })
        {
            var backlog = waiting.FirstOrDefault(w => w.Telegram == telegram);
            found.Add(new(MetricCatalogue.OutboxWaiting, backlog?.Waiting ?? 0, name));
            found.Add(new(MetricCatalogue.OutboxAge, Age(now, backlog?.Oldest), name));
        }
        return found;
    }

    private async Task<List<Measurement>> SubscribersAsync(
        DateTimeOffset now,
        CancellationToken token
    )
    {
        var ends = new long[JournalPartitions.Count];
        for (var partition = 0; partition < ends.Length; partition++)
        {
            ends[partition] = await stored.Journal.GetPartitionEndAsync(partition, token);
        }
        var found = new List<Measurement>();
        foreach (var kind in Subscribers.Kinds)
        {
            var (lag, age) = (0L, 0.0);
            for (var partition = 0; partition < ends.Length; partition++)
            {
                var cursor = await cursors.ReadAsync(kind, partition, token);
                if (cursor >= ends[partition])
                {
                    continue;
                }
                lag = Math.Max(lag, ends[partition] - cursor);
                var next = await stored.Journal.ReadPartitionAsync(partition, cursor, 1, token);
                age = Math.Max(age, next.Count > 0 ? Age(now, next[0].At) : 0);
            }
            found.Add(new(MetricCatalogue.SubscriberLag, lag, kind));
            found.Add(new(MetricCatalogue.SubscriberAge, age, kind));
        }
        return found;
    }

    private static double Age(DateTimeOffset now, DateTimeOffset? since) =>
        since is { } from ? Math.Max(0, (now - from).TotalSeconds) : 0;

    [LoggerMessage(
        EventId = 2701,
        Level = LogLevel.Warning,
        Message = "The gauges of /metrics could not be looked at; they show what was seen last"
    )]
    private static partial void LogUnseen(ILogger logger, Exception exception);
}
