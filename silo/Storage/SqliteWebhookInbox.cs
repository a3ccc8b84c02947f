using Microsoft.Data.Sqlite;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>The inbox of webhooks on SQLite.</summary>
internal sealed class SqliteWebhookInbox(SqliteStore store) : IWebhookInbox
{
    private const string Columns =
        "SELECT id, source, delivery_id, event, size, received, state, tries, due, settled, words";
    private static readonly string[] ReceiveNames = ["$s", "$d", "$e", "$b", "$n", "$a", "$u"];
    private static readonly string[] SettleNames = ["$i", "$s", "$w", "$a"];
    private static readonly string[] PostponeNames = ["$i", "$n", "$d", "$w"];
    private static readonly string[] ReplayNames = ["$i", "$a"];
    private static readonly string[] TrimNames = ["$b", "$n"];

    /// <inheritdoc />
    public async Task<bool> ReceiveAsync(
        InboxDelivery delivery,
        CancellationToken cancellationToken
    )
    {
        // Packed here, not on the one thread that writes.
        var body = PackedBody.Pack(delivery.Body);
        return await store.WriteAsync(
                s =>
                    s.Execute(
                        "INSERT INTO webhook_in (source, delivery_id, event, body, size, received, state, tries, due, words) VALUES ($s, $d, $e, $b, $n, $a, 0, 0, $u, '') ON CONFLICT DO NOTHING",
                        ReceiveNames,
                        delivery.Source,
                        delivery.DeliveryId,
                        delivery.Event,
                        body,
                        delivery.Body.Length,
                        delivery.At.UtcTicks,
                        (delivery.Ordered ? DateTimeOffset.MaxValue : delivery.At).UtcTicks
                    ),
                cancellationToken
            ) > 0;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<(InboxEntry Entry, ReadOnlyMemory<byte> Body)>> NextAsync(
        DateTimeOffset now,
        int max,
        CancellationToken cancellationToken
    ) =>
        WaitingAsync(
            Columns
                + ", body FROM webhook_in WHERE state = 0 AND due <= $a ORDER BY due, id LIMIT $m",
            now.UtcTicks,
            max,
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<(InboxEntry Entry, ReadOnlyMemory<byte> Body)>> NextInOrderAsync(
        string source,
        int max,
        CancellationToken cancellationToken
    ) =>
        WaitingAsync(
            Columns + ", body FROM webhook_in WHERE state = 0 AND source = $a ORDER BY id LIMIT $m",
            source,
            max,
            cancellationToken
        );

    /// <inheritdoc />
    public Task<ReadOnlyMemory<byte>?> FindBodyAsync(
        string source,
        string deliveryId,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<ReadOnlyMemory<byte>?>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    "SELECT body, size FROM webhook_in WHERE source = $s AND delivery_id = $d";
                command.Parameters.AddWithValue("$s", source);
                command.Parameters.AddWithValue("$d", deliveryId);
                using var row = command.ExecuteReader();
                return row.Read()
                    ? (ReadOnlyMemory<byte>?)
                        PackedBody.Unpack(row.GetFieldValue<byte[]>(0), row.GetInt32(1))
                    : null;
            },
            cancellationToken
        );

    private Task<IReadOnlyList<(InboxEntry Entry, ReadOnlyMemory<byte> Body)>> WaitingAsync(
        string sql,
        object which,
        int max,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<(InboxEntry, ReadOnlyMemory<byte>)>>(
            connection =>
            {
                using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
                command.CommandText = sql;
#pragma warning restore CA2100
                command.Parameters.AddWithValue("$a", which);
                command.Parameters.AddWithValue("$m", max);
                var found = new List<(InboxEntry, ReadOnlyMemory<byte>)>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    var entry = Entry(row);
                    found.Add(
                        (entry, PackedBody.Unpack(row.GetFieldValue<byte[]>(11), entry.SizeBytes))
                    );
                }
                return found;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<long> CountWaitingAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT count(*) FROM webhook_in WHERE state = 0";
                return (long)command.ExecuteScalar()!;
            },
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
            s =>
                s.Execute(
                    "UPDATE webhook_in SET state = $s, words = $w, settled = $a WHERE id = $i AND state = 0",
                    SettleNames,
                    id,
                    (int)state,
                    words,
                    at.UtcTicks
                ),
            cancellationToken
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
            s =>
                s.Execute(
                    "UPDATE webhook_in SET tries = $n, due = $d, words = $w WHERE id = $i AND state = 0",
                    PostponeNames,
                    id,
                    tries,
                    due.UtcTicks,
                    words
                ),
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<InboxEntry>> ListAsync(
        InboxFilter filter,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<InboxEntry>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    Columns
                    + " FROM webhook_in WHERE id < $b AND ($s IS NULL OR source = $s) AND ($t IS NULL OR state = $t) AND received >= $a ORDER BY id DESC LIMIT $m";
                command.Parameters.AddWithValue("$b", filter.Before ?? long.MaxValue);
                command.Parameters.AddWithValue("$s", (object?)filter.Source ?? DBNull.Value);
                command.Parameters.AddWithValue("$t", (object?)(int?)filter.State ?? DBNull.Value);
                command.Parameters.AddWithValue("$a", filter.Since?.UtcTicks ?? 0);
                command.Parameters.AddWithValue("$m", Math.Clamp(filter.Max, 1, 1_000));
                var found = new List<InboxEntry>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    found.Add(Entry(row));
                }
                return found;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<bool> ReplayAsync(
        long id,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            s =>
                s.Execute(
                    "UPDATE webhook_in SET state = 0, tries = 0, due = CASE WHEN source = 'telegram' THEN due ELSE $a END, settled = NULL, words = '' WHERE id = $i",
                    ReplayNames,
                    id,
                    now.UtcTicks
                ),
            cancellationToken
        ) > 0;

    /// <inheritdoc />
    public Task<int> TrimAsync(
        DateTimeOffset before,
        int rowsMax,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            s =>
                s.Execute(
                    "DELETE FROM webhook_in WHERE state <> 0 AND (received < $b OR id <= (SELECT id FROM webhook_in ORDER BY id DESC LIMIT 1 OFFSET $n))",
                    TrimNames,
                    before.UtcTicks,
                    rowsMax
                ),
            cancellationToken
        );

    private static InboxEntry Entry(SqliteDataReader row) =>
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
