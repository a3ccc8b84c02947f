using Npgsql;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>Reads what runs cost from PostgreSQL.</summary>
internal sealed class PostgresSpending(PostgresStore store) : ISpendingStore
{
    /// <inheritdoc />
    public async Task<DaySpending> ReadAsync(
        int day,
        string requester,
        string repository,
        CancellationToken cancellationToken
    ) =>
        SpendingLines.Day(
            await store.Source.ReadAsync(
                "SELECT scope, name, runs, cost_microusd, tokens FROM spending WHERE day = $1 AND (scope, name) IN "
                    + $"(('{SpendingScopes.All}', ''), ('{SpendingScopes.Requester}', $2), ('{SpendingScopes.Repository}', $3))",
                Line,
                cancellationToken,
                day,
                requester,
                repository
            )
        );

    /// <inheritdoc />
    public async Task<IReadOnlyList<SpendingLine>> ListAsync(
        int day,
        int max,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            "SELECT scope, name, runs, cost_microusd, tokens FROM (SELECT *, row_number() OVER "
                + "(PARTITION BY scope ORDER BY cost_microusd DESC, runs DESC, name) AS n FROM spending WHERE day = $1) s WHERE n <= $2 ORDER BY scope, n",
            Line,
            cancellationToken,
            day,
            max
        );

    private static SpendingLine Line(NpgsqlDataReader row) =>
        SpendingLines.Line(
            row.GetString(0),
            row.GetString(1),
            row.GetInt64(2),
            row.GetInt64(3),
            row.GetInt64(4)
        );
}
