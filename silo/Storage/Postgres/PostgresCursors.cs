using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>Cursors and dead letters on PostgreSQL.</summary>
internal sealed class PostgresCursors(PostgresStore store) : ICursorStore
{
    private const int PageMax = 1_000;
    private const string Letters =
        "SELECT id, subscriber, partition, task_id, position, error, attempts, at, replayed FROM dead_letter ";

    private static readonly TimeSpan ReplayedKept = TimeSpan.FromDays(30);

    /// <inheritdoc />
    public Task<long> ReadAsync(
        string subscriber,
        int partition,
        CancellationToken cancellationToken
    ) =>
        store.Source.ReadLongAsync(
            "SELECT coalesce(max(position), 0) FROM cursor WHERE subscriber = $1 AND partition = $2",
            cancellationToken,
            subscriber,
            (short)partition
        );

    /// <inheritdoc />
    public Task SaveAsync(
        string subscriber,
        int partition,
        long position,
        Durability durability,
        CancellationToken cancellationToken
    )
    {
        const string Sql =
            "INSERT INTO cursor AS c (subscriber, partition, position) VALUES ($1, $2, $3) ON CONFLICT (subscriber, partition) DO UPDATE SET position = excluded.position WHERE c.position < excluded.position";
        object?[] values = [subscriber, (short)partition, position];
        return durability == Durability.Wait
            ? store.WriteAsync(Sql, cancellationToken, values)
            : store.PostAsync(Sql, cancellationToken, values);
    }

    /// <inheritdoc />
    public Task<long> ReadSlowestAsync(int partition, CancellationToken cancellationToken) =>
        store.Source.ReadLongAsync(
            "SELECT coalesce(min(position), 9223372036854775807) FROM cursor WHERE partition = $1",
            cancellationToken,
            (short)partition
        );

    /// <inheritdoc />
    public async Task BuryAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        await store.PostAsync(
            "DELETE FROM dead_letter WHERE replayed < $1",
            cancellationToken,
            (letter.At - ReplayedKept).UtcTicks
        );
        await store.WriteAsync(
            "INSERT INTO dead_letter (subscriber, partition, task_id, position, error, attempts, at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            cancellationToken,
            letter.Subscriber,
            (short)letter.Partition,
            letter.TaskId,
            letter.Position,
            Text(letter.Error),
            letter.Attempts,
            letter.At.UtcTicks
        );
    }

    /// <inheritdoc />
    public async Task<DeadLetter?> FindBuriedAsync(long id, CancellationToken cancellationToken) =>
        (
            await store.Source.ReadAsync(Letters + "WHERE id = $1", Letter, cancellationToken, id)
        ).FirstOrDefault();

    /// <inheritdoc />
    public async Task<IReadOnlyList<DeadLetter>> ListBuriedAsync(
        string? subscriber,
        long afterId,
        int max,
        bool replayed,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            Letters
                + "WHERE id > $1 AND ($2::text IS NULL OR subscriber = $2::text) AND ($3 OR replayed IS NULL) ORDER BY id LIMIT $4",
            Letter,
            cancellationToken,
            afterId,
            subscriber,
            replayed,
            Math.Clamp(max, 1, PageMax)
        );

    /// <inheritdoc />
    public Task<long> CountBuriedAsync(CancellationToken cancellationToken) =>
        store.Source.ReadLongAsync(
            "SELECT count(*) FROM dead_letter WHERE replayed IS NULL",
            cancellationToken
        );

    /// <inheritdoc />
    public Task MarkReplayedAsync(
        long id,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "UPDATE dead_letter SET replayed = coalesce(replayed, $2), attempts = attempts + 1 WHERE id = $1",
            cancellationToken,
            id,
            at.UtcTicks
        );

    /// <inheritdoc />
    public Task MarkFailedAsync(long id, string reason, CancellationToken cancellationToken) =>
        store.WriteAsync(
            "UPDATE dead_letter SET error = $2, attempts = attempts + 1 WHERE id = $1 AND replayed IS NULL",
            cancellationToken,
            id,
            Text(reason)
        );

    // The one character that a text of PostgreSQL cannot hold.
    private static string Text(string text) =>
        text.Replace("\0", "\uFFFD", StringComparison.Ordinal);

    private static DeadLetter Letter(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1),
            row.GetInt16(2),
            row.GetString(3),
            row.GetInt64(4),
            row.GetString(5),
            row.GetInt32(6),
            new DateTimeOffset(row.GetInt64(7), TimeSpan.Zero),
            row.IsDBNull(8) ? null : new DateTimeOffset(row.GetInt64(8), TimeSpan.Zero)
        );
}
