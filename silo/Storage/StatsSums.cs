using System.Globalization;
using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Storage;

/// <summary>Makes the report of the rollup rows of any store. Percentiles come from the histogram's 2 % buckets.</summary>
internal sealed class StatsSums
{
    private readonly Dictionary<string, TypeStats> byType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> byError = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, long>> measures = new(
        StringComparer.Ordinal
    );
    private readonly Dictionary<string, DateTimeOffset> spans = new(StringComparer.Ordinal);
    private long success;
    private long failed;
    private long cancelled;
    private long cost;
    private long tokens;

    /// <summary>A rollup row with the sums of cost and tokens, that many times.</summary>
    public void Add(RollupRow row, long n)
    {
        cost += row.CostMicroUsd;
        tokens += row.Tokens;
        if (row.Outcome == "run")
        {
            return;
        }
        var type = Snake(row.Kind.ToString());
        var old = byType.GetValueOrDefault(type) ?? new TypeStats(0, 0, 0);
        byType[type] = new TypeStats(
            old.Total + n,
            old.Success + (row.Outcome == "success" ? n : 0),
            old.Failed + (row.Outcome == "failed" ? n : 0)
        );
        success += row.Outcome == "success" ? n : 0;
        failed += row.Outcome == "failed" ? n : 0;
        cancelled += row.Outcome == "cancelled" ? n : 0;
        if (row.Outcome == "failed")
        {
            var error = Snake(row.Error.ToString());
            byError[error] = byError.GetValueOrDefault(error) + n;
        }
    }

    /// <summary>A histogram row.</summary>
    public void AddBucket(string measure, int bucket, long n)
    {
        if (!measures.TryGetValue(measure, out var buckets))
        {
            measures.Add(measure, buckets = []);
        }
        buckets[bucket] = n;
    }

    /// <summary>A span row.</summary>
    public void AddSpan(string name, DateTimeOffset at) => spans[name] = at;

    /// <summary>The report of all that was added.</summary>
    public StatsReport Report()
    {
        var total = success + failed + cancelled;
        var rate = success + failed == 0 ? 0 : Math.Round(100.0 * success / (success + failed), 2);
        var phases = measures
            .Where(m => m.Key.StartsWith("phase:", StringComparison.Ordinal))
            .ToDictionary(m => Snake(PhaseOf(m.Key).ToString()), m => Percentile(m.Value));
        var durations = measures.TryGetValue("task", out var all)
            ? Percentile(all)
            : new Percentiles(0, 0, 0, 0);
        return new StatsReport(
            new StatsWindow(
                At(RollupChanges.First),
                At(RollupChanges.Last) ?? At(RollupChanges.First)
            ),
            new TaskStats(
                total,
                success,
                failed,
                cancelled,
                rate,
                durations,
                byType,
                byError,
                phases,
                cost / 1_000_000m,
                tokens
            )
        );
    }

    private static TaskPhase PhaseOf(string measure) =>
        (TaskPhase)int.Parse(measure.AsSpan("phase:".Length), CultureInfo.InvariantCulture);

    /// <summary>Percentiles of a histogram by its buckets.</summary>
    public static Percentiles Percentile(SortedDictionary<int, long> buckets)
    {
        var total = buckets.Values.Sum();
        double Of(double share)
        {
            long seen = 0;
            foreach (var (bucket, n) in buckets)
            {
                seen += n;
                if (seen >= share * total)
                {
                    return Math.Round(RollupChanges.SecondsOf(bucket), 3);
                }
            }
            return 0;
        }
        return new Percentiles(Of(0.5), Of(0.9), Of(0.95), Of(0.99));
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private DateTimeOffset? At(string name) => spans.TryGetValue(name, out var at) ? at : null;
}
