using Npgsql;
using Orchestrator.Decisions.Audit;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>Something that waits for the group's commit.</summary>
internal abstract class PostgresOperation
{
    /// <summary>What it adds to a batch, in bytes, about.</summary>
    public virtual int SizeBytes => 256;

    /// <summary>It is not written, or nobody knows whether it is.</summary>
    public abstract void Fail(Exception e);
}

/// <summary>One statement that returns no rows; its result is the number of rows it changed.</summary>
internal sealed class StatementOperation(string sql, object?[] values) : PostgresOperation
{
    private readonly TaskCompletionSource<int> done = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    /// <summary>Rows changed, after the commit.</summary>
    public Task<int> Done => done.Task;

    /// <summary>The statement for one batch.</summary>
    public NpgsqlBatchCommand Make()
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddValues(values);
        return command;
    }

    /// <summary>It is committed.</summary>
    public void End(int rows) => done.TrySetResult(rows);

    /// <inheritdoc />
    public override void Fail(Exception e) => done.TrySetException(e);
}

/// <summary>Facts of one task; all or none.</summary>
internal sealed class AppendOperation : PostgresOperation
{
    private readonly TaskCompletionSource<AppendOutcome> done = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    /// <summary>Serializes on the caller's thread: the one writer only writes.</summary>
    public AppendOperation(AppendRequest request)
    {
        Request = request;
        Payloads = [.. request.Facts.Select(f => FactPayload.Write(request.At, f))];
        Head = request.Head is null
            ? null
            : System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                request.Head,
                OrchestratorJson.Compact.TaskHead
            );
        SizeBytes = Payloads.Sum(p => p.Length + 128) + (Head?.Length ?? 0) + 256;
    }

    public AppendRequest Request { get; }

    public byte[][] Payloads { get; }

    public byte[]? Head { get; }

    /// <summary>How often it was sent on the ground of a tail that turned out to be an old one.</summary>
    public int Tries { get; set; }

    /// <inheritdoc />
    public override int SizeBytes { get; }

    /// <summary>What became of it, after the commit.</summary>
    public Task<AppendOutcome> Done => done.Task;

    public void End(AppendOutcome outcome) => done.TrySetResult(outcome);

    /// <inheritdoc />
    public override void Fail(Exception e) => done.TrySetException(e);
}

/// <summary>The end of a task's facts, as far as this silo knows: what the next hash and the counts follow from.</summary>
/// <param name="Version">Number of the last fact; 0 = none.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Phase">The head's phase; null = no head.</param>
/// <param name="UpdatedAt">When the head was last written.</param>
internal sealed record TaskTail(
    long Version,
    byte[] Hash,
    TaskPhase? Phase,
    DateTimeOffset UpdatedAt
)
{
    /// <summary>The end of a task that has no fact yet.</summary>
    public static TaskTail New(string taskId) => new(0, HashChain.Anchor(taskId), null, default);
}

/// <summary>
/// Ends of tasks that were written lately: at most <see cref="Max"/>, the longest unused go first. An entry may be behind
/// the database, never ahead of it; the statement that uses it compares.
/// </summary>
internal sealed class TailCache
{
    /// <summary>16,384 tasks, about 4 MB.</summary>
    public const int Max = 16_384;

    private readonly Dictionary<string, LinkedListNode<(string Task, TaskTail Tail)>> known = new(
        StringComparer.Ordinal
    );
    private readonly LinkedList<(string Task, TaskTail Tail)> order = new();

    public TaskTail? Find(string task)
    {
        if (!known.TryGetValue(task, out var node))
        {
            return null;
        }
        order.Remove(node);
        order.AddFirst(node);
        return node.Value.Tail;
    }

    public void Set(string task, TaskTail tail)
    {
        Forget(task);
        known[task] = order.AddFirst((task, tail));
        if (known.Count > Max)
        {
            known.Remove(order.Last!.Value.Task);
            order.RemoveLast();
        }
    }

    public void Forget(string task)
    {
        if (known.Remove(task, out var node))
        {
            order.Remove(node);
        }
    }

    public void Clear()
    {
        known.Clear();
        order.Clear();
    }
}
