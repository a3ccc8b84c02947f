using Microsoft.Data.Sqlite;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Reads the rollups of SQLite.</summary>
internal sealed class SqliteStats(SqliteStore store) : IStatsStore
{
    /// <inheritdoc />
    public Task<StatsReport> ReadAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(Read, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<Tally>> ReadTalliesAsync(
        string measure,
        int fromDay,
        bool byDay,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<Tally>>(
            connection =>
            {
                var rows = new List<Tally>();
                Each(
                    connection,
                    byDay
                        ? "SELECT day, name, bucket, amount FROM tally WHERE measure = $m AND day >= $d ORDER BY day, name, bucket"
                        : "SELECT 0, name, bucket, sum(amount) FROM tally WHERE measure = $m AND day >= $d GROUP BY name, bucket ORDER BY name, bucket",
                    row =>
                        rows.Add(
                            new Tally(
                                measure,
                                row.GetInt32(0),
                                row.GetString(1),
                                row.GetInt32(2),
                                row.GetInt64(3)
                            )
                        ),
                    ("$m", measure),
                    ("$d", fromDay)
                );
                return rows;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<int?> FirstTallyDayAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(
            connection =>
            {
                int? first = null;
                Each(
                    connection,
                    $"SELECT min(day) FROM tally WHERE measure = '{TallyMeasures.All}'",
                    row => first = row.IsDBNull(0) ? null : row.GetInt32(0)
                );
                return first;
            },
            cancellationToken
        );

    private static StatsReport Read(SqliteConnection connection)
    {
        var sums = new StatsSums();
        Each(
            connection,
            "SELECT kind, outcome, error_class, cost_microusd, tokens, n FROM rollup",
            row =>
                sums.Add(
                    new RollupRow(
                        (TaskKind)row.GetInt32(0),
                        row.GetString(1),
                        (ErrorClass)row.GetInt32(2),
                        row.GetInt64(3),
                        row.GetInt64(4)
                    ),
                    row.GetInt64(5)
                )
        );
        Each(
            connection,
            "SELECT measure, bucket, n FROM histogram",
            row => sums.AddBucket(row.GetString(0), row.GetInt32(1), row.GetInt64(2))
        );
        Each(
            connection,
            "SELECT name, at FROM span",
            row =>
                sums.AddSpan(row.GetString(0), new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero))
        );
        return sums.Report();
    }

    private static void Each(
        SqliteConnection connection,
        string sql,
        Action<SqliteDataReader> take,
        params (string Name, object Value)[] values
    )
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            take(reader);
        }
    }
}
