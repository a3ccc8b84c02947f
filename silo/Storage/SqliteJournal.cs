using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orchestrator.Decisions.Audit;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>The journal on SQLite: append with expected version, gapless positions, a hash chain per task.</summary>
internal sealed class SqliteJournal : IJournal
{
    private const int PageMax = 10_000;
    private const int RecentMax = 4_096;
    private const long RecentBytesMax = 8 * 1_048_576;
    private static readonly TimeSpan SpuriousWake = TimeSpan.FromSeconds(10);
    private static readonly string[] FactNames = ["$p", "$t", "$s", "$g", "$b", "$h"];
    private static readonly string[] HeadNames =
    [
        "$t",
        "$v",
        "$p",
        "$r",
        "$d",
        "$o",
        "$q",
        "$c",
        "$b",
    ];

    private readonly SqliteStore store;
    private readonly TimeProvider time;
    private readonly CommitSignals signals = new();
    private readonly RecentFacts recent = new(RecentMax, RecentBytesMax);
    private long next;

    public SqliteJournal(SqliteStore store, TimeProvider time)
    {
        this.store = store;
        this.time = time;
        store.Committed = () =>
        {
            // First: whoever is woken finds them.
            recent.Publish();
            signals.Publish();
        };
        store.RolledBack = () =>
        {
            next = 0;
            recent.Drop();
            signals.Drop();
        };
    }

    /// <inheritdoc />
    public async Task<AppendOutcome> AppendAsync(
        AppendRequest request,
        Durability durability,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        // Serialized on the caller's thread: the one writer only writes.
        var payloads = request.Facts.Select(f => FactPayload.Write(request.At, f)).ToArray();
        var head = request.Head is null
            ? null
            : JsonSerializer.SerializeToUtf8Bytes(request.Head, OrchestratorJson.Compact.TaskHead);
        if (durability == Durability.RideAlong)
        {
            await store.PostAsync(s => Append(s, request, payloads, head), cancellationToken);
            return AppendOutcome.Appended;
        }
        return await store.WriteAsync(s => Append(s, request, payloads, head), cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadTaskAsync(
        string taskId,
        long afterSequence,
        int max,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            "SELECT position, task_id, sequence, payload FROM fact WHERE task_id = $k AND sequence > $a ORDER BY sequence LIMIT $n",
            taskId,
            afterSequence,
            max,
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadAllAsync(
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    ) =>
        Recent(afterPosition, null, max)
        ?? ReadAsync(
            "SELECT position, task_id, sequence, payload FROM fact WHERE position > $a ORDER BY position LIMIT $n",
            null,
            afterPosition,
            max,
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadPartitionAsync(
        int partition,
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    ) =>
        Recent(afterPosition, partition, max)
        ?? ReadAsync(
            "SELECT position, task_id, sequence, payload FROM fact WHERE partition = $k AND position > $a ORDER BY position LIMIT $n",
            partition,
            afterPosition,
            max,
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<ChainedFact>> ReadChainedAsync(
        string? taskId,
        long after,
        int max,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<ChainedFact>>(
            c => Chained(c, taskId, after, max),
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<long> GetEndAsync(CancellationToken cancellationToken)
    {
        // The file shows a commit a moment before it is at hand, and no end may be named that a read does not reach yet. So
        // the file is believed only while nothing was at hand, even after it was asked.
        if (recent.End is var known and > 0)
        {
            return known;
        }
        var end = await store.ReadAsync(End, cancellationToken);
        return recent.End is var since and > 0 ? since : end;
    }

    /// <inheritdoc />
    public Task WaitBeyondAsync(long position, CancellationToken cancellationToken) =>
        signals.WaitAsync(JournalPartitions.Count, position, SpuriousWake, time, cancellationToken);

    /// <inheritdoc />
    public Task<long> GetPartitionEndAsync(int partition, CancellationToken cancellationToken) =>
        store.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    "SELECT coalesce(max(position), 0) FROM fact WHERE partition = $k";
                command.Parameters.AddWithValue("$k", partition);
                return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<long> WaitPartitionAsync(
        int partition,
        long position,
        CancellationToken cancellationToken
    ) => signals.WaitAsync(partition, position, SpuriousWake, time, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> VerifyChainAsync(
        string? taskId,
        CancellationToken cancellationToken
    ) => store.ReadAsync<IReadOnlyList<string>>(c => Verify(c, taskId), cancellationToken);

    private Task<IReadOnlyList<JournalEntry>>? Recent(long after, int? partition, int max) =>
        recent.After(after, partition, Math.Clamp(max, 1, PageMax)) is { } found
            ? Task.FromResult(found)
            : null;

    private static long End(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(max(position), 0) FROM fact";
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private AppendOutcome Append(
        SqliteStore s,
        AppendRequest request,
        byte[][] payloads,
        byte[]? head
    )
    {
        if (request.Host.Length > 0 && SqliteHosts.EpochOf(s, request.Host) > request.HostEpoch)
        {
            SqliteHosts.CountFenced(s);
            return AppendOutcome.Fenced;
        }
        var (version, hash) = Last(s, request.TaskId);
        if (request.ExpectedVersion >= 0 && version != request.ExpectedVersion)
        {
            return AppendOutcome.Conflict;
        }
        if (next == 0)
        {
            next = Convert.ToInt64(
                s.Command("SELECT coalesce(max(position), 0) + 1 FROM fact").ExecuteScalar(),
                CultureInfo.InvariantCulture
            );
        }
        var partition = JournalPartitions.Of(request.TaskId);
        for (var i = 0; i < payloads.Length; i++)
        {
            hash = HashChain.Next(hash, payloads[i]);
            version++;
            s.Execute(
                "INSERT INTO fact (position, task_id, sequence, partition, payload, hash) VALUES ($p, $t, $s, $g, $b, $h)",
                FactNames,
                next,
                request.TaskId,
                version,
                partition,
                payloads[i],
                hash
            );
            recent.Stage(next, request.TaskId, version, partition, payloads[i]);
            signals.Stage(partition, next++);
        }
        if (request.Head is { } row)
        {
            SqliteRollups.Apply(s, request, row);
            s.Execute(
                "INSERT INTO head (task_id, version, phase, priority, due, owes, requester, created, body) VALUES ($t, $v, $p, $r, $d, $o, $q, $c, $b) "
                    + "ON CONFLICT (task_id) DO UPDATE SET version = $v, phase = $p, priority = $r, due = $d, owes = $o, body = $b",
                HeadNames,
                row.TaskId,
                row.Version,
                (int)row.Phase,
                (int)row.Priority,
                row.Due?.ToUnixTimeMilliseconds(),
                row.Owes ? 1 : 0,
                row.Requester,
                row.CreatedAt.UtcTicks,
                head
            );
        }
        return AppendOutcome.Appended;
    }

    private static (long Version, byte[] Hash) Last(SqliteStore s, string taskId)
    {
        var command = s.Command(
            "SELECT sequence, hash FROM fact WHERE task_id = $t ORDER BY sequence DESC LIMIT 1",
            "$t"
        );
        command.Parameters[0].Value = taskId;
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1))
            : (0, HashChain.Anchor(taskId));
    }

    private Task<IReadOnlyList<JournalEntry>> ReadAsync(
        string sql,
        object? key,
        long after,
        int max,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<JournalEntry>>(
            connection =>
            {
                using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
                command.CommandText = sql;
#pragma warning restore CA2100
                if (key is not null)
                {
                    command.Parameters.AddWithValue("$k", key);
                }
                command.Parameters.AddWithValue("$a", after);
                command.Parameters.AddWithValue("$n", Math.Clamp(max, 1, PageMax));
                var entries = new List<JournalEntry>();
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    entries.Add(
                        FactPayload.Read(
                            reader.GetInt64(0),
                            reader.GetString(1),
                            reader.GetInt64(2),
                            reader.GetFieldValue<byte[]>(3)
                        )
                    );
                }
                return entries;
            },
            cancellationToken
        );

    private static List<ChainedFact> Chained(
        SqliteConnection connection,
        string? taskId,
        long after,
        int max
    )
    {
        const string Columns =
            "SELECT f.position, f.task_id, f.sequence, f.payload, f.hash, p.hash FROM fact f "
            + "LEFT JOIN fact p ON p.task_id = f.task_id AND p.sequence = f.sequence - 1 ";
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this method
        command.CommandText = taskId is null
            ? Columns + "WHERE f.position > $a ORDER BY f.position LIMIT $n"
            : Columns + "WHERE f.task_id = $k AND f.sequence > $a ORDER BY f.sequence LIMIT $n";
#pragma warning restore CA2100
        if (taskId is not null)
        {
            command.Parameters.AddWithValue("$k", taskId);
        }
        command.Parameters.AddWithValue("$a", after);
        command.Parameters.AddWithValue("$n", Math.Clamp(max, 1, PageMax));
        var facts = new List<ChainedFact>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            facts.Add(
                new ChainedFact(
                    row.GetInt64(0),
                    row.GetString(1),
                    row.GetInt64(2),
                    row.GetFieldValue<byte[]>(3),
                    row.GetFieldValue<byte[]>(4),
                    row.IsDBNull(5) ? default(ReadOnlyMemory<byte>?) : row.GetFieldValue<byte[]>(5)
                )
            );
        }
        return facts;
    }

    private static IReadOnlyList<string> Verify(SqliteConnection connection, string? taskId)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT task_id, sequence, payload, hash FROM fact WHERE $t IS NULL OR task_id = $t ORDER BY task_id, sequence";
        command.Parameters.AddWithValue("$t", (object?)taskId ?? DBNull.Value);
        var check = new ChainCheck();
        using var row = command.ExecuteReader();
        while (
            row.Read()
            && check.Take(
                row.GetString(0),
                row.GetInt64(1),
                row.GetFieldValue<byte[]>(2),
                row.GetFieldValue<byte[]>(3)
            )
        ) { }
        return check.Breaks;
    }
}
