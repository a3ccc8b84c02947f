using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Grains.Storage;

/// <summary>When an append is acknowledged.</summary>
public enum Durability
{
    /// <summary>After the commit that holds it.</summary>
    Wait = 0,

    /// <summary>At once; it joins the next commit and may be lost in a crash.</summary>
    RideAlong = 1,
}

/// <summary>What became of an append.</summary>
public enum AppendOutcome
{
    /// <summary>The facts stand in the journal (or will, with <see cref="Durability.RideAlong"/>).</summary>
    Appended = 0,

    /// <summary>Another writer was first: drop what you think you know and read again.</summary>
    Conflict = 1,

    /// <summary>The host's epoch is over.</summary>
    Fenced = 2,
}

/// <summary>Facts to append to one task, all or none.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="ExpectedVersion">Number of the last fact the writer has seen; -1 = append after whatever is there (system log only).</param>
/// <param name="At">UTC instant of the facts.</param>
/// <param name="Facts">1 to 100 facts.</param>
/// <param name="Head">The task's row after them; null for the system log.</param>
/// <param name="Host">With <paramref name="HostEpoch"/>: refuse when the host has begun a newer epoch. Empty = no check.</param>
/// <param name="HostEpoch">The epoch the facts belong to.</param>
public sealed record AppendRequest(
    string TaskId,
    long ExpectedVersion,
    DateTimeOffset At,
    IReadOnlyList<TaskFact> Facts,
    TaskHead? Head,
    string Host = "",
    long HostEpoch = 0
);

/// <summary>One fact as its bytes are stored, for whoever checks them.</summary>
/// <param name="Position">Place in the whole journal, from 1.</param>
/// <param name="TaskId">The task, or the system log.</param>
/// <param name="Sequence">From 1 in its task.</param>
/// <param name="Payload">The stored bytes, which the hash is over.</param>
/// <param name="Hash">The stored hash, as it stands there.</param>
/// <param name="Previous">The stored hash of the task's fact before it; null when that one is not there.</param>
public sealed record ChainedFact(
    long Position,
    string TaskId,
    long Sequence,
    ReadOnlyMemory<byte> Payload,
    ReadOnlyMemory<byte> Hash,
    ReadOnlyMemory<byte>? Previous
);

/// <summary>The append-only store of facts. Throws <see cref="StorageException"/> when the store cannot take or give anything.</summary>
public interface IJournal
{
    /// <summary>Appends; a failing operation never fails another one that shares its commit.</summary>
    Task<AppendOutcome> AppendAsync(
        AppendRequest request,
        Durability durability,
        CancellationToken cancellationToken
    );

    /// <summary>Facts of one task after a sequence number, in order, at most <paramref name="max"/>.</summary>
    Task<IReadOnlyList<JournalEntry>> ReadTaskAsync(
        string taskId,
        long afterSequence,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>Facts of all tasks after a position, in order, at most <paramref name="max"/>; no late commit is ever passed.</summary>
    Task<IReadOnlyList<JournalEntry>> ReadAllAsync(
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>The same for the tasks of one of the <see cref="JournalPartitions.Count"/> partitions.</summary>
    Task<IReadOnlyList<JournalEntry>> ReadPartitionAsync(
        int partition,
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Stored bytes and hashes, nothing checked and nothing left out: with a task, of its facts after a sequence number;
    /// without one, of all facts after a position. In order, at most <paramref name="max"/>.
    /// </summary>
    Task<IReadOnlyList<ChainedFact>> ReadChainedAsync(
        string? taskId,
        long after,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>Position of the last committed fact; 0 = none.</summary>
    Task<long> GetEndAsync(CancellationToken cancellationToken);

    /// <summary>Completes when a fact after the position is committed. Wake-up only, never truth; completes spuriously at least every 10 s.</summary>
    Task WaitBeyondAsync(long position, CancellationToken cancellationToken);

    /// <summary>Position of the last committed fact of a partition; 0 = none.</summary>
    Task<long> GetPartitionEndAsync(int partition, CancellationToken cancellationToken);

    /// <summary>
    /// Completes with the partition's end as soon as a fact of it after the position is committed; spuriously at least every
    /// 10 s, with what is known then. Other partitions' facts and writes that are no facts never complete it.
    /// </summary>
    Task<long> WaitPartitionAsync(
        int partition,
        long position,
        CancellationToken cancellationToken
    );

    /// <summary>Checks the hash chain of a task, or of all when null. Returns one sentence per break, at most 100.</summary>
    Task<IReadOnlyList<string>> VerifyChainAsync(
        string? taskId,
        CancellationToken cancellationToken
    );
}

/// <summary>How tasks are spread over streams. The number is fixed for the life of the data.</summary>
public static class JournalPartitions
{
    /// <summary>8.</summary>
    public const int Count = 8;

    /// <summary>The partition of a task, 0 to 7: FNV-1a over its UTF-8 bytes; never changes.</summary>
    public static int Of(string taskId)
    {
        ArgumentNullException.ThrowIfNull(taskId);
        var hash = 2166136261u;
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(taskId))
        {
            hash = unchecked((hash ^ b) * 16777619u);
        }
        return (int)(hash % Count);
    }
}

/// <summary>The store cannot take or give anything: disk full, read-only, gone, closed.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates it without words.</summary>
    public StorageException() { }

    /// <summary>Creates it with a message that names the thing and the cure.</summary>
    public StorageException(string message)
        : base(message) { }

    /// <summary>Creates it with its cause.</summary>
    public StorageException(string message, Exception innerException)
        : base(message, innerException) { }
}
