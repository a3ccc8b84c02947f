using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>The outbox of webhooks on PostgreSQL.</summary>
internal sealed class PostgresWebhookOutbox(PostgresStore store) : IWebhookOutbox
{
    private const string Columns =
        "SELECT id, endpoint, message_id, event, created, state, tries, due, expires, status, settled, words";

    /// <inheritdoc />
    public Task AddAsync(OutboxMessage message, CancellationToken cancellationToken) =>
        store.WriteAsync(
            "INSERT INTO webhook_out (endpoint, message_id, event, body, created, state, tries, due, expires, status, words) VALUES ($1, $2, $3, $4, $5, 0, 0, $7, $6, 0, '') ON CONFLICT DO NOTHING",
            cancellationToken,
            message.Endpoint,
            message.MessageId,
            message.Event,
            PackedBody.Pack(message.Body),
            message.At.UtcTicks,
            message.Expires.UtcTicks,
            (message.Due ?? message.At).UtcTicks
        );

    /// <inheritdoc />
    public async Task<IReadOnlyList<(OutboxEntry Entry, ReadOnlyMemory<byte> Body)>> NextAsync(
        string endpoint,
        DateTimeOffset now,
        int max,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            Columns
                + ", body FROM webhook_out WHERE endpoint = $1 AND state = 0 AND due <= $2 ORDER BY due, id LIMIT $3",
            row =>
                (
                    Entry(row),
                    (ReadOnlyMemory<byte>)PackedBody.Unpack(row.GetFieldValue<byte[]>(12))
                ),
            cancellationToken,
            endpoint,
            now.UtcTicks,
            max
        );

    /// <inheritdoc />
    public Task NoteAsync(OutboxResult result, CancellationToken cancellationToken) =>
        store.WriteAsync(
            "UPDATE webhook_out SET state = $2, tries = $3, due = $4, status = $5, words = $6, settled = $7 WHERE id = $1 AND state = 0",
            cancellationToken,
            result.Id,
            (int)result.State,
            result.Tries,
            result.Due.UtcTicks,
            result.Status,
            Text(result.Words),
            result.State == OutboxState.Waiting ? DBNull.Value : result.At.UtcTicks
        );

    /// <inheritdoc />
    public async Task<IReadOnlyList<OutboxEntry>> ListAsync(
        OutboxFilter filter,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            Columns
                + " FROM webhook_out WHERE id < $1 AND ($2::text IS NULL OR endpoint = $2::text) AND ($3 < 0 OR state = $3) ORDER BY id DESC LIMIT $4",
            Entry,
            cancellationToken,
            filter.Before ?? long.MaxValue,
            filter.Endpoint,
            (int?)filter.State ?? -1,
            Math.Clamp(filter.Max, 1, 1_000)
        );

    /// <inheritdoc />
    public async Task<IReadOnlyList<OutboxBacklog>> CountWaitingAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            "SELECT endpoint LIKE 'telegram:%' AS chat, count(*), min(CASE WHEN tries > 0 OR due <= $1 THEN created END) FROM webhook_out WHERE state = 0 GROUP BY chat ORDER BY chat",
            row => new OutboxBacklog(
                row.GetBoolean(0),
                row.GetInt64(1),
                row.IsDBNull(2) ? null : new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero)
            ),
            cancellationToken,
            now.UtcTicks
        );

    /// <inheritdoc />
    public async Task<string?> ResendAsync(
        long id,
        DateTimeOffset now,
        DateTimeOffset expires,
        CancellationToken cancellationToken
    )
    {
        await store.WriteAsync(
            "UPDATE webhook_out SET state = 0, tries = 0, due = $2, expires = $3, settled = NULL WHERE id = $1",
            cancellationToken,
            id,
            now.UtcTicks,
            expires.UtcTicks
        );
        await store.WriteAsync(
            "DELETE FROM webhook_closed WHERE endpoint = (SELECT endpoint FROM webhook_out WHERE id = $1)",
            cancellationToken,
            id
        );
        return (
            await store.Source.ReadAsync(
                "SELECT endpoint FROM webhook_out WHERE id = $1",
                row => row.GetString(0),
                cancellationToken,
                id
            )
        ).FirstOrDefault();
    }

    /// <inheritdoc />
    public async Task CloseAsync(
        string endpoint,
        string words,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        await store.WriteAsync(
            "INSERT INTO webhook_closed (endpoint, since, words) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            cancellationToken,
            endpoint,
            at.UtcTicks,
            Text(words)
        );
        await store.WriteAsync(
            "UPDATE webhook_out SET state = 2, settled = $2, words = $3 WHERE endpoint = $1 AND state = 0",
            cancellationToken,
            endpoint,
            at.UtcTicks,
            Text(words)
        );
    }

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, string>> ListClosedAsync(
        CancellationToken cancellationToken
    ) =>
        (
            await store.Source.ReadAsync(
                "SELECT endpoint, words FROM webhook_closed",
                row => KeyValuePair.Create(row.GetString(0), row.GetString(1)),
                cancellationToken
            )
        ).ToDictionary();

    /// <inheritdoc />
    public Task<int> TrimAsync(
        DateTimeOffset before,
        int rowsMax,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "DELETE FROM webhook_out WHERE state <> 0 AND (created < $1 OR id <= (SELECT id FROM webhook_out ORDER BY id DESC LIMIT 1 OFFSET $2))",
            cancellationToken,
            before.UtcTicks,
            rowsMax
        );

    // The one character that a text of PostgreSQL cannot hold.
    private static string Text(string text) =>
        text.Replace("\0", "\uFFFD", StringComparison.Ordinal);

    private static OutboxEntry Entry(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1),
            row.GetString(2),
            row.GetString(3),
            new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero),
            (OutboxState)row.GetInt32(5),
            row.GetInt32(6),
            new DateTimeOffset(row.GetInt64(7), TimeSpan.Zero),
            new DateTimeOffset(row.GetInt64(8), TimeSpan.Zero),
            row.GetInt32(9),
            row.IsDBNull(10) ? null : new DateTimeOffset(row.GetInt64(10), TimeSpan.Zero),
            row.GetString(11)
        );
}
