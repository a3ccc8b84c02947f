using System.Globalization;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Uploads on SQLite: rows beside the blobs, each change in one commit with theirs.</summary>
internal sealed class SqliteUploads(SqliteStore store) : IUploadStore
{
    /// <inheritdoc />
    public async Task<string> PutAsync(
        ReadOnlyMemory<byte> content,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var id = BlobContent.IdOf(content);
        var bytes = content.ToArray();
        await store.WriteAsync(
            s =>
            {
                var isNew = s.Execute(
                    "INSERT INTO blob (id, content) VALUES ($i, $c) ON CONFLICT DO NOTHING",
                    ["$i", "$c"],
                    id,
                    bytes
                );
                return isNew > 0
                    ? s.Execute(
                        "INSERT INTO upload (blob, at, position) SELECT $i, $a, coalesce(max(position), 0) FROM fact",
                        ["$i", "$a"],
                        id,
                        at.UtcTicks
                    )
                    : Touch(s, id, at);
            },
            cancellationToken
        );
        return id;
    }

    /// <inheritdoc />
    public Task TouchAsync(string blob, DateTimeOffset at, CancellationToken cancellationToken) =>
        store.WriteAsync(s => Touch(s, blob, at), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<Upload>> ListAsync(
        DateTimeOffset before,
        int max,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<Upload>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    "SELECT blob, at, position FROM upload WHERE at < $b ORDER BY at, blob LIMIT $n";
                command.Parameters.AddWithValue("$b", before.UtcTicks);
                command.Parameters.AddWithValue("$n", max);
                var found = new List<Upload>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    found.Add(
                        new Upload(
                            row.GetString(0),
                            new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero),
                            row.GetInt64(2)
                        )
                    );
                }
                return found;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task KeepAsync(string blob, CancellationToken cancellationToken) =>
        store.WriteAsync(s => Forget(s, blob), cancellationToken);

    /// <inheritdoc />
    public Task<bool> RemoveAsync(
        string blob,
        DateTimeOffset before,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            s =>
                s.Execute(
                    "DELETE FROM upload WHERE blob = $i AND at < $b",
                    ["$i", "$b"],
                    blob,
                    before.UtcTicks
                ) > 0
                && s.Execute("DELETE FROM blob WHERE id = $i", ["$i"], blob) > 0,
            cancellationToken
        );

    /// <inheritdoc />
    public Task<long> CountAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT count(*) FROM upload";
                return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
            },
            cancellationToken
        );

    /// <summary>Within a commit: the content has another use, and is no upload any more.</summary>
    internal static int Forget(SqliteStore s, string blob) =>
        s.Execute("DELETE FROM upload WHERE blob = $i", ["$i"], blob);

    // Never back: a clock that was set back makes nothing older.
    private static int Touch(SqliteStore s, string blob, DateTimeOffset at) =>
        s.Execute(
            "UPDATE upload SET at = max(at, $a) WHERE blob = $i",
            ["$a", "$i"],
            at.UtcTicks,
            blob
        );
}
