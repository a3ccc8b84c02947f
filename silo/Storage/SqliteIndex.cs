using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Heads on SQLite: keyset paging, partial indexes for due and owing rows.</summary>
internal sealed class SqliteIndex(SqliteStore store) : ITaskIndex
{
    /// <inheritdoc />
    public async Task<TaskHead?> FindAsync(string taskId, CancellationToken cancellationToken)
    {
        var heads = await QueryAsync(
            "SELECT body FROM head WHERE task_id = $a",
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
                ? "SELECT body FROM head WHERE (created, task_id) < ($a, $b) AND ($c IS NULL OR phase = $c) ORDER BY created DESC, task_id DESC LIMIT $e"
                : "SELECT body FROM head WHERE requester = $d AND (created, task_id) < ($a, $b) AND ($c IS NULL OR phase = $c) ORDER BY created DESC, task_id DESC LIMIT $e",
            cancellationToken,
            created,
            id,
            (int?)phase,
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
            "SELECT body FROM head WHERE due IS NOT NULL AND due <= $a ORDER BY due LIMIT $b",
            cancellationToken,
            now.ToUnixTimeMilliseconds(),
            Math.Clamp(max, 1, 100_000)
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskHead>> ListOwingAsync(
        string afterTaskId,
        int max,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            "SELECT body FROM head WHERE owes = 1 AND task_id > $a ORDER BY task_id LIMIT $b",
            cancellationToken,
            afterTaskId,
            Math.Clamp(max, 1, 100_000)
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskHead>> ListInPhasesAsync(
        IReadOnlyList<TaskPhase> phases,
        string afterTaskId,
        int max,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            "SELECT body FROM head WHERE phase IN (SELECT value FROM json_each($a)) AND task_id > $b ORDER BY task_id LIMIT $c",
            cancellationToken,
            "["
                + string.Join(
                    ',',
                    phases.Select(p => ((int)p).ToString(CultureInfo.InvariantCulture))
                )
                + "]",
            afterTaskId,
            Math.Clamp(max, 1, PageKey.PageMax)
        );

    /// <inheritdoc />
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) =>
        store.ReadAsync<DateTimeOffset?>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT min(due) FROM head WHERE due IS NOT NULL";
                return command.ExecuteScalar() is long due
                    ? DateTimeOffset.FromUnixTimeMilliseconds(due)
                    : null;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyDictionary<TaskPhase, long>> CountAsync(
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyDictionary<TaskPhase, long>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT phase, n FROM phase_count WHERE n <> 0";
                var counts = new Dictionary<TaskPhase, long>();
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    counts[(TaskPhase)reader.GetInt32(0)] = reader.GetInt64(1);
                }
                return counts;
            },
            cancellationToken
        );

    private Task<IReadOnlyList<TaskHead>> QueryAsync(
        string sql,
        CancellationToken cancellationToken,
        params object?[] values
    ) =>
        store.ReadAsync<IReadOnlyList<TaskHead>>(
            connection =>
            {
                using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
                command.CommandText = sql;
#pragma warning restore CA2100
                for (var i = 0; i < values.Length; i++)
                {
                    command.Parameters.AddWithValue(
                        "$" + (char)('a' + i),
                        values[i] ?? DBNull.Value
                    );
                }
                var heads = new List<TaskHead>();
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    heads.Add(
                        JsonSerializer.Deserialize(
                            reader.GetFieldValue<byte[]>(0),
                            OrchestratorJson.Compact.TaskHead
                        )!
                    );
                }
                return heads;
            },
            cancellationToken
        );
}
