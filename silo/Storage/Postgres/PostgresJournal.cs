using Npgsql;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>The journal on PostgreSQL: append with expected version, gapless positions over all silos, a hash chain per task.</summary>
internal sealed class PostgresJournal(PostgresStore store, TimeProvider time) : IJournal
{
    private const int PageMax = 10_000;
    private const int VerifySecondsMax = 3_600;
    private const string Columns = "SELECT position, task_id, sequence, payload FROM fact ";
    private static readonly TimeSpan SpuriousWake = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public Task<AppendOutcome> AppendAsync(
        AppendRequest request,
        Durability durability,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return store.AppendAsync(request, durability, cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadTaskAsync(
        string taskId,
        long afterSequence,
        int max,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            Columns + "WHERE task_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
            cancellationToken,
            taskId,
            afterSequence,
            Math.Clamp(max, 1, PageMax)
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadAllAsync(
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            Columns + "WHERE position > $1 ORDER BY position LIMIT $2",
            cancellationToken,
            afterPosition,
            Math.Clamp(max, 1, PageMax)
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadPartitionAsync(
        int partition,
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            Columns + "WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3",
            cancellationToken,
            (short)partition,
            afterPosition,
            Math.Clamp(max, 1, PageMax)
        );

    /// <inheritdoc />
    public async Task<IReadOnlyList<ChainedFact>> ReadChainedAsync(
        string? taskId,
        long after,
        int max,
        CancellationToken cancellationToken
    )
    {
        const string Columns =
            "SELECT f.position, f.task_id, f.sequence, f.payload, f.hash, p.hash FROM fact f "
            + "LEFT JOIN fact p ON p.task_id = f.task_id AND p.sequence = f.sequence - 1 ";
        var count = Math.Clamp(max, 1, PageMax);
        return taskId is null
            ? await store.Source.ReadAsync(
                Columns + "WHERE f.position > $1 ORDER BY f.position LIMIT $2",
                Chained,
                cancellationToken,
                after,
                count
            )
            : await store.Source.ReadAsync(
                Columns + "WHERE f.task_id = $1 AND f.sequence > $2 ORDER BY f.sequence LIMIT $3",
                Chained,
                cancellationToken,
                taskId,
                after,
                count
            );
    }

    /// <inheritdoc />
    public Task<long> GetEndAsync(CancellationToken cancellationToken) =>
        store.Source.ReadLongAsync(
            "SELECT coalesce(max(position), 0) FROM fact",
            cancellationToken
        );

    /// <inheritdoc />
    public Task WaitBeyondAsync(long position, CancellationToken cancellationToken) =>
        store.Signals.WaitAsync(
            JournalPartitions.Count,
            position,
            SpuriousWake,
            time,
            cancellationToken
        );

    /// <inheritdoc />
    public Task<long> GetPartitionEndAsync(int partition, CancellationToken cancellationToken) =>
        store.Source.ReadLongAsync(
            "SELECT coalesce(max(position), 0) FROM fact WHERE partition = $1",
            cancellationToken,
            (short)partition
        );

    /// <inheritdoc />
    public Task<long> WaitPartitionAsync(
        int partition,
        long position,
        CancellationToken cancellationToken
    ) => store.Signals.WaitAsync(partition, position, SpuriousWake, time, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> VerifyChainAsync(
        string? taskId,
        CancellationToken cancellationToken
    ) =>
        store.Source.RunAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    "SELECT task_id, sequence, payload, hash FROM fact WHERE $1::text IS NULL OR task_id = $1::text ORDER BY task_id, sequence",
                    connection
                )
                {
                    CommandTimeout = VerifySecondsMax,
                };
                command.Parameters.AddValues([taskId]);
                var check = new ChainCheck();
                await using var row = await command.ExecuteReaderAsync(token);
                while (await row.ReadAsync(token) && Take(check, row)) { }
                return check.Breaks;
            },
            cancellationToken
        );

    private static ChainedFact Chained(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1),
            row.GetInt64(2),
            row.GetFieldValue<byte[]>(3),
            row.GetFieldValue<byte[]>(4),
            row.IsDBNull(5) ? default(ReadOnlyMemory<byte>?) : row.GetFieldValue<byte[]>(5)
        );

    private static bool Take(ChainCheck check, NpgsqlDataReader row) =>
        check.Take(
            row.GetString(0),
            row.GetInt64(1),
            row.GetFieldValue<byte[]>(2),
            row.GetFieldValue<byte[]>(3)
        );

    private async Task<IReadOnlyList<JournalEntry>> ReadAsync(
        string sql,
        CancellationToken cancellationToken,
        params object?[] values
    ) =>
        await store.Source.ReadAsync(
            sql,
            row =>
                FactPayload.Read(
                    row.GetInt64(0),
                    row.GetString(1),
                    row.GetInt64(2),
                    row.GetFieldValue<byte[]>(3)
                ),
            cancellationToken,
            values
        );
}
