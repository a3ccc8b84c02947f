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
