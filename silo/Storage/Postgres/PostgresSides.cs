using Npgsql;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// Blobs on PostgreSQL; the id is the content's SHA-256. They take no turn in the group's commit: 64 MiB would hold every
/// silo's facts up, and the same bytes twice are one row, so the write may be repeated. Two at once.
/// </summary>
internal sealed class PostgresBlobs(PostgresStore store) : IBlobStore, IDisposable
{
    private const int AtOnceMax = 2;
    private const int WriteSecondsMax = 60;
    private readonly SemaphoreSlim places = new(AtOnceMax);

    /// <inheritdoc />
    public async Task<string> PutAsync(
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        var id = BlobContent.IdOf(content);
        await places.WaitAsync(cancellationToken);
        try
        {
            return await store.Source.RunAsync(
                async (connection, token) =>
                {
                    await using var batch = new NpgsqlBatch(connection)
                    {
                        Timeout = WriteSecondsMax,
                    };
                    var forget = new NpgsqlBatchCommand(PostgresUploads.Forget);
                    forget.Parameters.AddValues([id]);
                    batch.BatchCommands.Add(forget);
                    var put = new NpgsqlBatchCommand(
                        "INSERT INTO blob (id, content) VALUES ($1, $2) ON CONFLICT DO NOTHING"
                    );
                    put.Parameters.AddValues([id, content]);
                    batch.BatchCommands.Add(put);
                    await batch.ExecuteNonQueryAsync(token);
                    return id;
                },
                cancellationToken
            );
        }
        finally
        {
            places.Release();
        }
    }

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>?> GetAsync(
        string id,
        CancellationToken cancellationToken
    )
    {
        var found = await store.Source.ReadAsync(
            "SELECT content FROM blob WHERE id = $1",
            row => row.GetFieldValue<byte[]>(0),
            cancellationToken,
            id
        );
        return found.Count > 0 ? found[0].AsMemory() : default(ReadOnlyMemory<byte>?);
    }

    /// <inheritdoc />
    public void Dispose() => places.Dispose();
}

/// <summary>Tokens on PostgreSQL.</summary>
internal sealed class PostgresTokens(PostgresStore store) : ITokenStore
{
    private const string Columns = "SELECT id, name, scopes, created, expires, revoked FROM token ";

    /// <inheritdoc />
    public Task AddAsync(TokenInfo token, string secretHash, CancellationToken cancellationToken) =>
        store.WriteAsync(
            "INSERT INTO token (id, hash, name, scopes, created, expires) VALUES ($1, $2, $3, $4, $5, $6::bigint)",
            cancellationToken,
            token.Id,
            secretHash,
            token.Name,
            token.Scopes.ToArray(),
            token.CreatedAt.UtcTicks,
            token.ExpiresAt?.UtcTicks
        );

    /// <inheritdoc />
    public async Task<TokenInfo?> FindAsync(
        string secretHash,
        CancellationToken cancellationToken
    ) =>
        (
            await store.Source.ReadAsync(
                Columns + "WHERE hash = $1",
                Token,
                cancellationToken,
                secretHash
            )
        ).FirstOrDefault();

    /// <inheritdoc />
    public async Task<IReadOnlyList<TokenInfo>> ListAsync(CancellationToken cancellationToken) =>
        await store.Source.ReadAsync(Columns + "ORDER BY created", Token, cancellationToken);

    /// <inheritdoc />
    public async Task<bool> RevokeAsync(
        string id,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            "UPDATE token SET revoked = coalesce(revoked, $2) WHERE id = $1",
            cancellationToken,
            id,
            at.UtcTicks
        ) > 0;

    private static TokenInfo Token(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            row.GetFieldValue<string[]>(2),
            Instant(row, 3)!.Value,
            Instant(row, 4),
            Instant(row, 5),
            null
        );

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : new DateTimeOffset(row.GetInt64(column), TimeSpan.Zero);
}

/// <summary>Reads the rollups of PostgreSQL.</summary>
internal sealed class PostgresStats(PostgresStore store) : IStatsStore
{
    /// <inheritdoc />
    public async Task<StatsReport> ReadAsync(CancellationToken cancellationToken)
    {
        var sums = new StatsSums();
        foreach (
            var (row, n) in await store.Source.ReadAsync(
                "SELECT kind, outcome, error_class, cost_microusd, tokens, n FROM rollup",
                r =>
                    (
                        new RollupRow(
                            (TaskKind)r.GetInt16(0),
                            r.GetString(1),
                            (ErrorClass)r.GetInt16(2),
                            r.GetInt64(3),
                            r.GetInt64(4)
                        ),
                        r.GetInt64(5)
                    ),
                cancellationToken
            )
        )
        {
            sums.Add(row, n);
        }
        foreach (
            var (measure, bucket, n) in await store.Source.ReadAsync(
                "SELECT measure, bucket, n FROM histogram",
                r => (r.GetString(0), r.GetInt32(1), r.GetInt64(2)),
                cancellationToken
            )
        )
        {
            sums.AddBucket(measure, bucket, n);
        }
        foreach (
            var (name, at) in await store.Source.ReadAsync(
                "SELECT name, at FROM span",
                r => (r.GetString(0), new DateTimeOffset(r.GetInt64(1), TimeSpan.Zero)),
                cancellationToken
            )
        )
        {
            sums.AddSpan(name, at);
        }
        return sums.Report();
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Tally>> ReadTalliesAsync(
        string measure,
        int fromDay,
        bool byDay,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            byDay
                ? "SELECT day, name, bucket, amount FROM tally WHERE measure = $1 AND day >= $2 ORDER BY day, name, bucket"
                : "SELECT 0, name, bucket, sum(amount)::bigint FROM tally WHERE measure = $1 AND day >= $2 GROUP BY name, bucket ORDER BY name, bucket",
            row => new Tally(
                measure,
                row.GetInt32(0),
                row.GetString(1),
                row.GetInt32(2),
                row.GetInt64(3)
            ),
            cancellationToken,
            measure,
            fromDay
        );

    /// <inheritdoc />
    public async Task<int?> FirstTallyDayAsync(CancellationToken cancellationToken) =>
        (
            await store.Source.ReadAsync(
                $"SELECT min(day) FROM tally WHERE measure = '{TallyMeasures.All}'",
                row => row.IsDBNull(0) ? null : (int?)row.GetInt32(0),
                cancellationToken
            )
        )[0];
}
