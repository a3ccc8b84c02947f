using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// Host epochs and leases on PostgreSQL. The clock is the server's, read inside the statement that compares and writes:
/// all silos are judged by one clock, whatever their own say.
/// </summary>
internal sealed class PostgresHosts(PostgresStore store) : IHostRegistry
{
    /// <inheritdoc />
    public async Task<long> BeginEpochAsync(
        string host,
        long expectedEpoch,
        bool takeOver,
        int slots,
        IReadOnlyList<string> labels,
        TimeSpan lease,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            """
            INSERT INTO host AS h (name, epoch, slots, labels, lease_until)
            SELECT $1, $2 + 1, $3, $4, clock_timestamp() + $5
            WHERE $2 = 0 OR EXISTS (SELECT 1 FROM host WHERE name = $1)
            ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, slots = excluded.slots, labels = excluded.labels,
              lease_until = excluded.lease_until
            WHERE h.epoch = $2 AND ($6 OR h.lease_until IS NULL OR h.lease_until <= clock_timestamp())
            """,
            cancellationToken,
            host,
            expectedEpoch,
            slots,
            labels.ToArray(),
            lease,
            takeOver
        ) > 0
            ? expectedEpoch + 1
            : 0;

    /// <inheritdoc />
    public async Task<bool> RenewAsync(
        string host,
        long epoch,
        TimeSpan lease,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            "UPDATE host SET lease_until = clock_timestamp() + $3 WHERE name = $1 AND epoch = $2",
            cancellationToken,
            host,
            epoch,
            lease
        ) > 0;

    /// <inheritdoc />
    public Task ReleaseAsync(string host, long epoch, CancellationToken cancellationToken) =>
        store.WriteAsync(
            "UPDATE host SET lease_until = NULL WHERE name = $1 AND epoch = $2",
            cancellationToken,
            host,
            epoch
        );

    /// <inheritdoc />
    public async Task<bool> FenceLapsedAsync(
        string host,
        long epoch,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            "UPDATE host SET epoch = epoch + 1, lease_until = NULL WHERE name = $1 AND epoch = $2 AND lease_until <= clock_timestamp()",
            cancellationToken,
            host,
            epoch
        ) > 0;

    /// <inheritdoc />
    public async Task<IReadOnlyList<HostRow>> ListAsync(CancellationToken cancellationToken) =>
        await store.Source.ReadAsync(
            "SELECT name, epoch, slots, labels, lease_until, coalesce(lease_until > clock_timestamp(), false) FROM host ORDER BY name",
            row => new HostRow(
                row.GetString(0),
                row.GetInt64(1),
                row.GetInt32(2),
                row.GetFieldValue<string[]>(3),
                row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4),
                row.GetBoolean(5)
            ),
            cancellationToken
        );

    /// <inheritdoc />
    public Task<long> GetEpochAsync(string host, CancellationToken cancellationToken) =>
        store.Source.ReadLongAsync(
            "SELECT coalesce(max(epoch), 0) FROM host WHERE name = $1",
            cancellationToken,
            host
        );

    /// <inheritdoc />
    public Task CountFencedAsync(CancellationToken cancellationToken) =>
        store.PostAsync(
            "INSERT INTO counter AS c (name, n) VALUES ('fenced', 1) ON CONFLICT (name) DO UPDATE SET n = c.n + 1",
            cancellationToken
        );

    /// <inheritdoc />
    public Task<long> ReadFencedAsync(CancellationToken cancellationToken) =>
        store.Source.ReadLongAsync(
            "SELECT coalesce(max(n), 0) FROM counter WHERE name = 'fenced'",
            cancellationToken
        );
}
