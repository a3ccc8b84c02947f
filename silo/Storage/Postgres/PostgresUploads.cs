using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// Uploads on PostgreSQL. As with blobs each write is a transaction of its own. All of them lock the upload's row before the
/// blob's, so that whoever removes a file and whoever sends or asks for it wait for each other.
/// </summary>
internal sealed class PostgresUploads(PostgresStore store) : IUploadStore
{
    private const int WriteSecondsMax = 60;

    /// <summary>Within a transaction, before the blob is touched: the content has another use, and is no upload any more.</summary>
    internal const string Forget = "DELETE FROM upload WHERE blob = $1";

    // Never back: a clock that was set back makes nothing older.
    private const string Touch = "UPDATE upload SET at = greatest(at, $2) WHERE blob = $1";

    /// <inheritdoc />
    public async Task<string> PutAsync(
        ReadOnlyMemory<byte> content,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var id = BlobContent.IdOf(content);
        await WriteAsync(
            cancellationToken,
            (Touch, [id, at.UtcTicks]),
            (
                "WITH b AS (INSERT INTO blob (id, content) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id) INSERT INTO upload (blob, at, position) SELECT b.id, $3, (SELECT coalesce(max(position), 0) FROM fact) FROM b ON CONFLICT (blob) DO UPDATE SET at = excluded.at",
                [id, content, at.UtcTicks]
            )
        );
        return id;
    }

    /// <inheritdoc />
    public Task TouchAsync(string blob, DateTimeOffset at, CancellationToken cancellationToken) =>
        WriteAsync(cancellationToken, (Touch, [blob, at.UtcTicks]));

    /// <inheritdoc />
    public async Task<IReadOnlyList<Upload>> ListAsync(
        DateTimeOffset before,
        int max,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            "SELECT blob, at, position FROM upload WHERE at < $1 ORDER BY at, blob LIMIT $2",
            row => new Upload(
                row.GetString(0),
                new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero),
                row.GetInt64(2)
            ),
            cancellationToken,
            before.UtcTicks,
            max
        );

    /// <inheritdoc />
    public Task KeepAsync(string blob, CancellationToken cancellationToken) =>
        WriteAsync(cancellationToken, (Forget, [blob]));

    /// <inheritdoc />
    public async Task<bool> RemoveAsync(
        string blob,
        DateTimeOffset before,
        CancellationToken cancellationToken
    ) =>
        await WriteAsync(
            cancellationToken,
            (
                "WITH u AS (DELETE FROM upload WHERE blob = $1 AND at < $2 RETURNING blob) DELETE FROM blob USING u WHERE blob.id = u.blob",
                [blob, before.UtcTicks]
            )
        ) > 0;

    /// <inheritdoc />
    public async Task<long> CountAsync(CancellationToken cancellationToken) =>
        (
            await store.Source.ReadAsync(
                "SELECT count(*) FROM upload",
                row => row.GetInt64(0),
                cancellationToken
            )
        )[0];

    // A batch is one transaction; each of its statements sees what others committed before it.
    private Task<int> WriteAsync(
        CancellationToken cancellationToken,
        params (string Sql, object[] Values)[] statements
    ) =>
        store.Source.RunAsync(
            async (connection, token) =>
            {
                await using var batch = new NpgsqlBatch(connection) { Timeout = WriteSecondsMax };
                foreach (var (sql, values) in statements)
                {
                    var command = new NpgsqlBatchCommand(sql);
                    command.Parameters.AddValues(values);
                    batch.BatchCommands.Add(command);
                }
                return await batch.ExecuteNonQueryAsync(token);
            },
            cancellationToken
        );
}
