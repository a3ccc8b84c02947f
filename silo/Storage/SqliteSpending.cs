using Microsoft.Data.Sqlite;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Reads what runs cost from SQLite.</summary>
internal sealed class SqliteSpending(SqliteStore store) : ISpendingStore
{
    /// <inheritdoc />
    public Task<DaySpending> ReadAsync(
        int day,
        string requester,
        string repository,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync(
            connection =>
                SpendingLines.Day(
                    Read(
                        connection,
                        "SELECT scope, name, runs, cost_microusd, tokens FROM spending WHERE day = $d AND "
                            + $"((scope = '{SpendingScopes.All}' AND name = '') OR (scope = '{SpendingScopes.Requester}' AND name = $r) OR (scope = '{SpendingScopes.Repository}' AND name = $p))",
                        ("$d", day),
                        ("$r", requester),
                        ("$p", repository)
                    )
                ),
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<SpendingLine>> ListAsync(
        int day,
        int max,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<SpendingLine>>(
            connection =>
                Read(
                    connection,
                    "SELECT scope, name, runs, cost_microusd, tokens FROM (SELECT *, row_number() OVER "
                        + "(PARTITION BY scope ORDER BY cost_microusd DESC, runs DESC, name) AS n FROM spending WHERE day = $d) WHERE n <= $m ORDER BY scope, n",
                    ("$d", day),
                    ("$m", max)
                ),
            cancellationToken
        );

    private static List<SpendingLine> Read(
        SqliteConnection connection,
        string sql,
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
        var lines = new List<SpendingLine>();
        while (reader.Read())
        {
            lines.Add(
                SpendingLines.Line(
                    reader.GetString(0),
                    reader.GetString(1),
                    reader.GetInt64(2),
                    reader.GetInt64(3),
                    reader.GetInt64(4)
                )
            );
        }
        return lines;
    }
}

/// <summary>What the rows of any store say.</summary>
internal static class SpendingLines
{
    private const decimal MicroUsd = 1_000_000m;

    /// <summary>One row.</summary>
    public static SpendingLine Line(string scope, string name, long runs, long cost, long tokens) =>
        new(scope, name, new Spent(runs, cost / MicroUsd, tokens));

    /// <summary>A task's day from at most one row of each scope.</summary>
    public static DaySpending Day(IReadOnlyList<SpendingLine> lines)
    {
        Spent Of(string scope) =>
            lines.FirstOrDefault(l => l.Scope == scope)?.Spent ?? Spent.Nothing;
        return new DaySpending(
            Of(SpendingScopes.Requester),
            Of(SpendingScopes.Repository),
            Of(SpendingScopes.All)
        );
    }
}
