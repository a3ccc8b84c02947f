using System.Globalization;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Makes reports of the counts by day of any store.</summary>
internal sealed class TallySums(IStatsStore stats)
{
    /// <summary>What may be asked for.</summary>
    public static IReadOnlyList<string> Dimensions { get; } =
    [TallyMeasures.Type, TallyMeasures.Lane, TallyMeasures.Host, TallyMeasures.Requester, "day"];

    private const int LinesMax = 1_000;
    private const decimal MicroUsd = 1_000_000m;

    /// <summary>The counts since a day.</summary>
    public async Task<StatsBreakdown> ReadAsync(
        string by,
        int fromDay,
        int today,
        CancellationToken cancellationToken
    )
    {
        var days = Days(
            await stats.ReadTalliesAsync(TallyMeasures.All, fromDay, true, cancellationToken),
            fromDay,
            today
        );
        var lines =
            by == "day"
                ? days
                : Lines(await stats.ReadTalliesAsync(by, fromDay, false, cancellationToken));
        var first = await stats.FirstTallyDayAsync(cancellationToken);
        return new StatsBreakdown(
            by,
            Text(fromDay),
            first is { } day ? Text(day) : null,
            lines,
            days,
            await PercentilesAsync(TallyMeasures.Task, fromDay, cancellationToken),
            await PercentilesAsync(Queued, fromDay, cancellationToken)
        );
    }

    /// <summary>Tasks that ended well and that failed since a day.</summary>
    public async Task<(long Good, long Bad)> OutcomesAsync(
        int fromDay,
        CancellationToken cancellationToken
    )
    {
        var rows = await stats.ReadTalliesAsync(
            TallyMeasures.All,
            fromDay,
            false,
            cancellationToken
        );
        return (Sum(rows, TallyBucket.Success), Sum(rows, TallyBucket.Failed));
    }

    /// <summary>Turns that left the queue within a time and later, since a day.</summary>
    public async Task<(long Good, long Bad)> StartsAsync(
        int fromDay,
        TimeSpan within,
        CancellationToken cancellationToken
    )
    {
        var rows = await stats.ReadTalliesAsync(Queued, fromDay, false, cancellationToken);
        var good = rows.Where(r => RollupChanges.SecondsOf(r.Bucket) <= within.TotalSeconds)
            .Sum(r => r.Amount);
        return (good, rows.Sum(r => r.Amount) - good);
    }

    private static string Queued =>
        TallyMeasures.Phase + ((int)TaskPhase.Queued).ToString(CultureInfo.InvariantCulture);

    private async Task<Percentiles> PercentilesAsync(
        string measure,
        int fromDay,
        CancellationToken cancellationToken
    )
    {
        var buckets = new SortedDictionary<int, long>();
        foreach (
            var row in await stats.ReadTalliesAsync(measure, fromDay, false, cancellationToken)
        )
        {
            buckets[row.Bucket] = row.Amount;
        }
        return StatsSums.Percentile(buckets);
    }

    private static List<StatsLine> Lines(IReadOnlyList<Tally> rows) =>
        [
            .. rows.GroupBy(r => r.Name, StringComparer.Ordinal)
                .Select(g => Line(g.Key, [.. g]))
                .OrderByDescending(l => l.Total)
                .ThenBy(l => l.Name, StringComparer.Ordinal)
                .Take(LinesMax),
        ];

    private static List<StatsLine> Days(IReadOnlyList<Tally> rows, int fromDay, int today)
    {
        var byDay = rows.ToLookup(r => r.Day);
        return
        [
            .. Enumerable
                .Range(fromDay, Math.Max(0, today - fromDay + 1))
                .Select(day => Line(Text(day), [.. byDay[day]])),
        ];
    }

    private static StatsLine Line(string name, IReadOnlyList<Tally> rows)
    {
        var (success, failed, cancelled) = (
            Sum(rows, TallyBucket.Success),
            Sum(rows, TallyBucket.Failed),
            Sum(rows, TallyBucket.Cancelled)
        );
        return new StatsLine(
            name,
            success + failed + cancelled,
            success,
            failed,
            cancelled,
            success + failed == 0 ? 0 : Math.Round(100.0 * success / (success + failed), 2),
            Sum(rows, TallyBucket.Runs),
            Sum(rows, TallyBucket.CostMicroUsd) / MicroUsd,
            Sum(rows, TallyBucket.Tokens)
        );
    }

    private static long Sum(IReadOnlyList<Tally> rows, TallyBucket bucket) =>
        rows.Where(r => r.Bucket == (int)bucket).Sum(r => r.Amount);

    private static string Text(int day) =>
        DateTimeOffset.UnixEpoch.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
