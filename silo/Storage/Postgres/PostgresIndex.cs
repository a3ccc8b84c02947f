using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>Heads on PostgreSQL: keyset paging, partial indexes for due and owing rows.</summary>
internal sealed class PostgresIndex(PostgresStore store) : ITaskIndex
{
    private const int ListMax = 100_000;

    /// <inheritdoc />
    public async Task<TaskHead?> FindAsync(string taskId, CancellationToken cancellationToken)
    {
        var heads = await QueryAsync(
            "SELECT body FROM head WHERE task_id = $1",
            cancellationToken,
            taskId
        );
        return heads.Count > 0 ? heads[0] : null;
    }

    /// <inheritdoc />
    public async Task<TaskPage> ListAsync(
        TaskPhase? phase,
        string? requester,
        string? after,
        int max,
        CancellationToken cancellationToken
    )
    {
        var (created, id) = PageKey.Read(after);
        var heads = await QueryAsync(
            // Each its own statement, so that each has its index.
            requester is null
                ? "SELECT body FROM head WHERE (created, task_id) < ($1, $2) AND ($3::smallint IS NULL OR phase = $3::smallint) AND $4::text IS NULL ORDER BY created DESC, task_id DESC LIMIT $5"
                : "SELECT body FROM head WHERE requester = $4::text AND (created, task_id) < ($1, $2) AND ($3::smallint IS NULL OR phase = $3::smallint) ORDER BY created DESC, task_id DESC LIMIT $5",
            cancellationToken,
            created,
            id,
            (short?)phase,
            requester,
            Math.Clamp(max, 1, PageKey.PageMax)
        );
        return new TaskPage(heads, PageKey.Next(heads, max));
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskHead>> ListDueAsync(
        DateTimeOffset now,
        int max,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            "SELECT body FROM head WHERE due IS NOT NULL AND due <= $1 ORDER BY due LIMIT $2",
            cancellationToken,
            now.ToUnixTimeMilliseconds(),
            Math.Clamp(max, 1, ListMax)
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskHead>> ListOwingAsync(
        string afterTaskId,
        int max,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            "SELECT body FROM head WHERE owes AND task_id > $1 ORDER BY task_id LIMIT $2",
            cancellationToken,
            afterTaskId,
            Math.Clamp(max, 1, ListMax)
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskHead>> ListInPhasesAsync(
        IReadOnlyList<TaskPhase> phases,
        string afterTaskId,
        int max,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            "SELECT body FROM head WHERE phase = ANY ($1) AND task_id > $2 ORDER BY task_id LIMIT $3",
            cancellationToken,
            phases.Select(p => (short)p).ToArray(),
            afterTaskId,
            Math.Clamp(max, 1, PageKey.PageMax)
        );

    /// <inheritdoc />
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) =>
        (
            await store.Source.ReadAsync(
                "SELECT due FROM head WHERE due IS NOT NULL ORDER BY due LIMIT 1",
                row => (DateTimeOffset?)DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)),
                cancellationToken
            )
        ).FirstOrDefault();

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<TaskPhase, long>> CountAsync(
        CancellationToken cancellationToken
    ) =>
        (
            await store.Source.ReadAsync(
                "SELECT phase, n FROM phase_count WHERE n <> 0",
                row => KeyValuePair.Create((TaskPhase)row.GetInt16(0), row.GetInt64(1)),
                cancellationToken
            )
        ).ToDictionary();

    private async Task<IReadOnlyList<TaskHead>> QueryAsync(
        string sql,
        CancellationToken cancellationToken,
        params object?[] values
    ) =>
        await store.Source.ReadAsync(
            sql,
            row =>
                JsonSerializer.Deserialize(
                    row.GetFieldValue<byte[]>(0),
                    OrchestratorJson.Compact.TaskHead
                )!,
            cancellationToken,
            values
        );
}
