using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>Policies on PostgreSQL.</summary>
internal sealed class PostgresPolicies(PostgresStore store) : IPolicyStore
{
    /// <inheritdoc />
    public async Task<long> GetNumberAsync(CancellationToken cancellationToken) =>
        (
            await store.Source.ReadAsync(
                "SELECT coalesce(max(number), 0) FROM policy",
                row => row.GetInt64(0),
                cancellationToken
            )
        )[0];

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoredPolicy>> ListAsync(
        int max,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            "SELECT number, id, file_name, text, set_by, at FROM policy ORDER BY number DESC LIMIT $1",
            row => new StoredPolicy(
                row.GetInt64(0),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3),
                row.GetString(4),
                new DateTimeOffset(row.GetInt64(5), TimeSpan.Zero)
            ),
            cancellationToken,
            max
        );

    /// <inheritdoc />
    public async Task<bool> AddAsync(StoredPolicy policy, CancellationToken cancellationToken) =>
        await store.WriteAsync(
            "INSERT INTO policy (number, id, file_name, text, set_by, at) SELECT $1, $2, $3, $4, $5, $6 WHERE $1 = (SELECT coalesce(max(number), 0) + 1 FROM policy) ON CONFLICT DO NOTHING",
            cancellationToken,
            policy.Number,
            policy.Id,
            policy.FileName,
            policy.Text,
            policy.By,
            policy.At.UtcTicks
        ) > 0;
}
