using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Reads the rollups. Percentiles come from 2 % buckets.</summary>
internal sealed class SqliteStats(SqliteStore store) : IStatsStore
{
    /// <inheritdoc />
    public Task<StatsReport> ReadAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(Read, cancellationToken);

    private static StatsReport Read(SqliteConnection connection)
    {
        var byType = new Dictionary<string, TypeStats>(StringComparer.Ordinal);
        var byError = new Dictionary<string, long>(StringComparer.Ordinal);
        long success = 0;
        long failed = 0;
        long cancelled = 0;
        long cost = 0;
        long tokens = 0;
        Each(
            connection,
            "SELECT kind, outcome, error_class, n, cost_microusd, tokens FROM rollup",
            row =>
            {
                var (outcome, n) = (row.GetString(1), row.GetInt64(3));
                cost += row.GetInt64(4);
                tokens += row.GetInt64(5);
                if (outcome == "run")
                {
                    return;
                }
                var type = Snake(((TaskKind)row.GetInt32(0)).ToString());
                var old = byType.GetValueOrDefault(type) ?? new TypeStats(0, 0, 0);
                byType[type] = new TypeStats(
                    old.Total + n,
                    old.Success + (outcome == "success" ? n : 0),
                    old.Failed + (outcome == "failed" ? n : 0)
                );
                success += outcome == "success" ? n : 0;
                failed += outcome == "failed" ? n : 0;
                cancelled += outcome == "cancelled" ? n : 0;
                if (outcome == "failed")
                {
                    var error = Snake(((ErrorClass)row.GetInt32(2)).ToString());
                    byError[error] = byError.GetValueOrDefault(error) + n;
                }
            }
        );
        var total = success + failed + cancelled;
        var rate = success + failed == 0 ? 0 : Math.Round(100.0 * success / (success + failed), 2);
        var (window, durations, phases) = Times(connection);
        return new StatsReport(
            window,
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

    private static (
        StatsWindow Window,
        Percentiles Task,
        Dictionary<string, Percentiles> Phases
    ) Times(SqliteConnection connection)
    {
        var measures = new Dictionary<string, SortedDictionary<int, long>>(StringComparer.Ordinal);
        Each(
            connection,
            "SELECT measure, bucket, n FROM histogram",
            row =>
            {
                if (!measures.TryGetValue(row.GetString(0), out var buckets))
                {
                    measures.Add(row.GetString(0), buckets = []);
                }
                buckets[row.GetInt32(1)] = row.GetInt64(2);
            }
        );
        var spans = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        Each(
            connection,
            "SELECT name, at FROM span",
            row => spans[row.GetString(0)] = new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero)
        );
        var phases = measures
            .Where(m => m.Key.StartsWith("phase:", StringComparison.Ordinal))
            .ToDictionary(
                m =>
                    Snake(
                        (
                            (TaskPhase)
                                int.Parse(
                                    m.Key.AsSpan(6),
                                    System.Globalization.CultureInfo.InvariantCulture
                                )
                        ).ToString()
                    ),
                m => Percentile(m.Value)
            );
        DateTimeOffset? At(string name) => spans.TryGetValue(name, out var at) ? at : null;
        var task = measures.TryGetValue("task", out var all)
            ? Percentile(all)
            : new Percentiles(0, 0, 0, 0);
        return (new StatsWindow(At("first"), At("last") ?? At("first")), task, phases);
    }

    private static Percentiles Percentile(SortedDictionary<int, long> buckets)
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
                    return Math.Round(Rollups.SecondsOf(bucket), 3);
                }
            }
            return 0;
        }
        return new Percentiles(Of(0.5), Of(0.9), Of(0.95), Of(0.99));
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static void Each(SqliteConnection connection, string sql, Action<SqliteDataReader> take)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            take(reader);
        }
    }
}
