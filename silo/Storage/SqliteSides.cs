using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Blobs on SQLite; the id is the content's SHA-256.</summary>
internal sealed class SqliteBlobs(SqliteStore store) : IBlobStore
{
    private static readonly string[] Names = ["$i", "$c"];

    /// <inheritdoc />
    public async Task<string> PutAsync(
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        var id = BlobContent.IdOf(content);
        var bytes = content.ToArray();
        await store.WriteAsync(
            s =>
            {
                SqliteUploads.Forget(s, id);
                return s.Execute(
                    "INSERT INTO blob (id, content) VALUES ($i, $c) ON CONFLICT DO NOTHING",
                    Names,
                    id,
                    bytes
                );
            },
            cancellationToken
        );
        return id;
    }

    /// <inheritdoc />
    public Task<ReadOnlyMemory<byte>?> GetAsync(string id, CancellationToken cancellationToken) =>
        store.ReadAsync<ReadOnlyMemory<byte>?>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT content FROM blob WHERE id = $i";
                command.Parameters.AddWithValue("$i", id);
                return command.ExecuteScalar() is byte[] content
                    ? content.AsMemory()
                    : default(ReadOnlyMemory<byte>?);
            },
            cancellationToken
        );
}

/// <summary>Tokens on SQLite.</summary>
internal sealed class SqliteTokens(SqliteStore store) : ITokenStore
{
    private const string Columns = "SELECT id, name, scopes, created, expires, revoked FROM token";
    private static readonly string[] Names = ["$i", "$h", "$n", "$s", "$c", "$e"];
    private static readonly string[] RevokeNames = ["$i", "$a"];

    /// <inheritdoc />
    public Task AddAsync(TokenInfo token, string secretHash, CancellationToken cancellationToken) =>
        store.WriteAsync(
            s =>
                s.Execute(
                    "INSERT INTO token (id, hash, name, scopes, created, expires) VALUES ($i, $h, $n, $s, $c, $e)",
                    Names,
                    token.Id,
                    secretHash,
                    token.Name,
                    string.Join(' ', token.Scopes),
                    token.CreatedAt.UtcTicks,
                    token.ExpiresAt?.UtcTicks
                ),
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<TokenInfo?> FindAsync(string secretHash, CancellationToken cancellationToken)
    {
        var tokens = await QueryAsync(Columns + " WHERE hash = $h", secretHash, cancellationToken);
        return tokens.Count > 0 ? tokens[0] : null;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<TokenInfo>> ListAsync(CancellationToken cancellationToken) =>
        QueryAsync(Columns + " WHERE $h = $h ORDER BY created", "", cancellationToken);

    /// <inheritdoc />
    public async Task<bool> RevokeAsync(
        string id,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            s =>
                s.Execute(
                    "UPDATE token SET revoked = coalesce(revoked, $a) WHERE id = $i",
                    RevokeNames,
                    id,
                    at.UtcTicks
                ),
            cancellationToken
        ) > 0;

    private Task<IReadOnlyList<TokenInfo>> QueryAsync(
        string sql,
        string hash,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<TokenInfo>>(
            connection =>
            {
                using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
                command.CommandText = sql;
#pragma warning restore CA2100
                command.Parameters.AddWithValue("$h", hash);
                var tokens = new List<TokenInfo>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    tokens.Add(
                        new TokenInfo(
                            row.GetString(0),
                            row.GetString(1),
                            row.GetString(2).Split(' '),
                            Instant(row, 3)!.Value,
                            Instant(row, 4),
                            Instant(row, 5),
                            null
                        )
                    );
                }
                return tokens;
            },
            cancellationToken
        );

    private static DateTimeOffset? Instant(
        Microsoft.Data.Sqlite.SqliteDataReader row,
        int column
    ) => row.IsDBNull(column) ? null : new DateTimeOffset(row.GetInt64(column), TimeSpan.Zero);
}
