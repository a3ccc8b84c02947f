using Microsoft.Data.Sqlite;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>The outbox of webhooks on SQLite.</summary>
internal sealed class SqliteWebhookOutbox(SqliteStore store) : IWebhookOutbox
{
    private const string Columns =
        "SELECT id, endpoint, message_id, event, created, state, tries, due, expires, status, settled, words";
    private static readonly string[] AddNames = ["$e", "$m", "$n", "$b", "$a", "$x", "$d"];
    private static readonly string[] NoteNames = ["$i", "$s", "$n", "$d", "$h", "$w", "$a"];
    private static readonly string[] ResendNames = ["$i", "$a", "$x"];
    private static readonly string[] CloseNames = ["$e", "$a", "$w"];
    private static readonly string[] TrimNames = ["$b", "$n"];

    /// <inheritdoc />
    public Task AddAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var body = PackedBody.Pack(message.Body);
        return store.WriteAsync(
            s =>
                s.Execute(
                    "INSERT INTO webhook_out (endpoint, message_id, event, body, created, state, tries, due, expires, status, words) VALUES ($e, $m, $n, $b, $a, 0, 0, $d, $x, 0, '') ON CONFLICT DO NOTHING",
                    AddNames,
                    message.Endpoint,
                    message.MessageId,
                    message.Event,
                    body,
                    message.At.UtcTicks,
                    message.Expires.UtcTicks,
                    (message.Due ?? message.At).UtcTicks
                ),
            cancellationToken
        );
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<(OutboxEntry Entry, ReadOnlyMemory<byte> Body)>> NextAsync(
        string endpoint,
        DateTimeOffset now,
        int max,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<(OutboxEntry, ReadOnlyMemory<byte>)>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    Columns
                    + ", body FROM webhook_out WHERE endpoint = $e AND state = 0 AND due <= $a ORDER BY due, id LIMIT $m";
                command.Parameters.AddWithValue("$e", endpoint);
                command.Parameters.AddWithValue("$a", now.UtcTicks);
                command.Parameters.AddWithValue("$m", max);
                var found = new List<(OutboxEntry, ReadOnlyMemory<byte>)>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    found.Add((Entry(row), PackedBody.Unpack(row.GetFieldValue<byte[]>(12))));
                }
                return found;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task NoteAsync(OutboxResult result, CancellationToken cancellationToken) =>
        store.WriteAsync(
            s =>
                s.Execute(
                    "UPDATE webhook_out SET state = $s, tries = $n, due = $d, status = $h, words = $w, settled = CASE WHEN $s = 0 THEN NULL ELSE $a END WHERE id = $i AND state = 0",
                    NoteNames,
                    result.Id,
                    (int)result.State,
                    result.Tries,
                    result.Due.UtcTicks,
                    result.Status,
                    result.Words,
                    result.At.UtcTicks
                ),
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<OutboxEntry>> ListAsync(
        OutboxFilter filter,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<OutboxEntry>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    Columns
                    + " FROM webhook_out WHERE id < $b AND ($e IS NULL OR endpoint = $e) AND ($t IS NULL OR state = $t) ORDER BY id DESC LIMIT $m";
                command.Parameters.AddWithValue("$b", filter.Before ?? long.MaxValue);
                command.Parameters.AddWithValue("$e", (object?)filter.Endpoint ?? DBNull.Value);
                command.Parameters.AddWithValue("$t", (object?)(int?)filter.State ?? DBNull.Value);
                command.Parameters.AddWithValue("$m", Math.Clamp(filter.Max, 1, 1_000));
                var found = new List<OutboxEntry>();
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
    public Task<IReadOnlyList<OutboxBacklog>> CountWaitingAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<OutboxBacklog>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    "SELECT endpoint LIKE 'telegram:%' AS chat, count(*), min(CASE WHEN tries > 0 OR due <= $a THEN created END) FROM webhook_out WHERE state = 0 GROUP BY chat ORDER BY chat";
                command.Parameters.AddWithValue("$a", now.UtcTicks);
                var found = new List<OutboxBacklog>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    found.Add(
                        new OutboxBacklog(
                            row.GetInt64(0) != 0,
                            row.GetInt64(1),
                            row.IsDBNull(2)
                                ? null
                                : new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero)
                        )
                    );
                }
                return found;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<string?> ResendAsync(
        long id,
        DateTimeOffset now,
        DateTimeOffset expires,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync<string?>(
            s =>
            {
                s.Execute(
                    "UPDATE webhook_out SET state = 0, tries = 0, due = $a, expires = $x, settled = NULL WHERE id = $i",
                    ResendNames,
                    id,
                    now.UtcTicks,
                    expires.UtcTicks
                );
                s.Execute(
                    "DELETE FROM webhook_closed WHERE endpoint = (SELECT endpoint FROM webhook_out WHERE id = $i)",
                    ["$i"],
                    id
                );
                var find = s.Command("SELECT endpoint FROM webhook_out WHERE id = $i", "$i");
                find.Parameters[0].Value = id;
                return find.ExecuteScalar() as string;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task CloseAsync(
        string endpoint,
        string words,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            s =>
            {
                s.Execute(
                    "INSERT INTO webhook_closed (endpoint, since, words) VALUES ($e, $a, $w) ON CONFLICT DO NOTHING",
                    CloseNames,
                    endpoint,
                    at.UtcTicks,
                    words
                );
                return s.Execute(
                    "UPDATE webhook_out SET state = 2, settled = $a, words = $w WHERE endpoint = $e AND state = 0",
                    CloseNames,
                    endpoint,
                    at.UtcTicks,
                    words
                );
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyDictionary<string, string>> ListClosedAsync(
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyDictionary<string, string>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT endpoint, words FROM webhook_closed";
                var closed = new Dictionary<string, string>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    closed[row.GetString(0)] = row.GetString(1);
                }
                return closed;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<int> TrimAsync(
        DateTimeOffset before,
        int rowsMax,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            s =>
                s.Execute(
                    "DELETE FROM webhook_out WHERE state <> 0 AND (created < $b OR id <= (SELECT id FROM webhook_out ORDER BY id DESC LIMIT 1 OFFSET $n))",
                    TrimNames,
                    before.UtcTicks,
                    rowsMax
                ),
            cancellationToken
        );

    private static OutboxEntry Entry(SqliteDataReader row) =>
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
