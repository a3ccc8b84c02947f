using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>The inbox of webhooks on PostgreSQL.</summary>
internal sealed class PostgresWebhookInbox(PostgresStore store) : IWebhookInbox
{
    private const string Columns =
        "SELECT id, source, delivery_id, event, size, received, state, tries, due, settled, words";

    /// <inheritdoc />
    public async Task<bool> ReceiveAsync(
        InboxDelivery delivery,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            "INSERT INTO webhook_in (source, delivery_id, event, body, size, received, state, tries, due, words) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, '') ON CONFLICT DO NOTHING",
            cancellationToken,
            delivery.Source,
            delivery.DeliveryId,
            delivery.Event,
            PackedBody.Pack(delivery.Body),
            delivery.Body.Length,
            delivery.At.UtcTicks,
            (delivery.Ordered ? DateTimeOffset.MaxValue : delivery.At).UtcTicks
        ) > 0;

    /// <inheritdoc />
    public async Task<IReadOnlyList<(InboxEntry Entry, ReadOnlyMemory<byte> Body)>> NextAsync(
        DateTimeOffset now,
        int max,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            Columns
                + ", body FROM webhook_in WHERE state = 0 AND due <= $1 ORDER BY due, id LIMIT $2",
            EntryAndBody,
            cancellationToken,
            now.UtcTicks,
            max
        );

    /// <inheritdoc />
    public async Task<
        IReadOnlyList<(InboxEntry Entry, ReadOnlyMemory<byte> Body)>
    > NextInOrderAsync(string source, int max, CancellationToken cancellationToken) =>
        await store.Source.ReadAsync(
            Columns + ", body FROM webhook_in WHERE state = 0 AND source = $1 ORDER BY id LIMIT $2",
            EntryAndBody,
            cancellationToken,
            source,
            max
        );

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>?> FindBodyAsync(
        string source,
        string deliveryId,
        CancellationToken cancellationToken
    ) =>
        (
            await store.Source.ReadAsync(
                "SELECT body, size FROM webhook_in WHERE source = $1 AND delivery_id = $2",
                row =>
                    (ReadOnlyMemory<byte>?)
                        PackedBody.Unpack(row.GetFieldValue<byte[]>(0), row.GetInt32(1)),
                cancellationToken,
                source,
                deliveryId
            )
        ).FirstOrDefault();

    /// <inheritdoc />
    public Task<long> CountWaitingAsync(CancellationToken cancellationToken) =>
        store.Source.ReadLongAsync(
            "SELECT count(*) FROM webhook_in WHERE state = 0",
            cancellationToken
        );

    /// <inheritdoc />
    public Task SettleAsync(
        long id,
        InboxState state,
        string words,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "UPDATE webhook_in SET state = $2, words = $3, settled = $4 WHERE id = $1 AND state = 0",
            cancellationToken,
            id,
            (int)state,
            Text(words),
            at.UtcTicks
        );

    /// <inheritdoc />
    public Task PostponeAsync(
        long id,
        int tries,
        DateTimeOffset due,
        string words,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "UPDATE webhook_in SET tries = $2, due = $3, words = $4 WHERE id = $1 AND state = 0",
            cancellationToken,
            id,
            tries,
            due.UtcTicks,
            Text(words)
        );

    /// <inheritdoc />
    public async Task<IReadOnlyList<InboxEntry>> ListAsync(
        InboxFilter filter,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            Columns
                + " FROM webhook_in WHERE id < $1 AND ($2::text IS NULL OR source = $2::text) AND ($3 < 0 OR state = $3) AND received >= $4 ORDER BY id DESC LIMIT $5",
            Entry,
            cancellationToken,
            filter.Before ?? long.MaxValue,
            filter.Source,
            (int?)filter.State ?? -1,
            filter.Since?.UtcTicks ?? 0L,
            Math.Clamp(filter.Max, 1, 1_000)
        );

    /// <inheritdoc />
    public async Task<bool> ReplayAsync(
        long id,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            "UPDATE webhook_in SET state = 0, tries = 0, due = CASE WHEN source = 'telegram' THEN due ELSE $2 END, settled = NULL, words = '' WHERE id = $1",
            cancellationToken,
            id,
            now.UtcTicks
        ) > 0;

    /// <inheritdoc />
    public Task<int> TrimAsync(
        DateTimeOffset before,
        int rowsMax,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "DELETE FROM webhook_in WHERE state <> 0 AND (received < $1 OR id <= (SELECT id FROM webhook_in ORDER BY id DESC LIMIT 1 OFFSET $2))",
            cancellationToken,
            before.UtcTicks,
            rowsMax
        );

    // The one character that a text of PostgreSQL cannot hold.
    private static string Text(string text) =>
        text.Replace("\0", "\uFFFD", StringComparison.Ordinal);

    private static (InboxEntry Entry, ReadOnlyMemory<byte> Body) EntryAndBody(NpgsqlDataReader row)
    {
        var entry = Entry(row);
        return (entry, PackedBody.Unpack(row.GetFieldValue<byte[]>(11), entry.SizeBytes));
    }

    private static InboxEntry Entry(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1),
            row.GetString(2),
            row.GetString(3),
            row.GetInt32(4),
            new DateTimeOffset(row.GetInt64(5), TimeSpan.Zero),
            (InboxState)row.GetInt32(6),
            row.GetInt32(7),
            new DateTimeOffset(row.GetInt64(8), TimeSpan.Zero),
            row.IsDBNull(9) ? null : new DateTimeOffset(row.GetInt64(9), TimeSpan.Zero),
            row.GetString(10)
        );
}
