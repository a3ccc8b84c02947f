using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Grains.Storage;

/// <summary>Reads over the heads and rollups; flat cost at any size.</summary>
public interface ITaskIndex
{
    /// <summary>One head, or null.</summary>
    Task<TaskHead?> FindAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>Newest first, keyset paging; null filters = all.</summary>
    Task<TaskPage> ListAsync(
        TaskPhase? phase,
        string? requester,
        string? after,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>Tasks whose due instant has come, the longest due first; at most <paramref name="max"/>, 1 to 100,000.</summary>
    Task<IReadOnlyList<TaskHead>> ListDueAsync(
        DateTimeOffset now,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>Tasks that owe something, by id, beyond one; at most <paramref name="max"/>, 1 to 100,000. A full page may not be the last.</summary>
    Task<IReadOnlyList<TaskHead>> ListOwingAsync(
        string afterTaskId,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>Every head in one of the phases, by task id after the given one; at most <paramref name="max"/>.</summary>
    Task<IReadOnlyList<TaskHead>> ListInPhasesAsync(
        IReadOnlyList<TaskPhase> phases,
        string afterTaskId,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>The earliest due instant, or null.</summary>
    Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken);

    /// <summary>Tasks per phase.</summary>
    Task<IReadOnlyDictionary<TaskPhase, long>> CountAsync(CancellationToken cancellationToken);
}

/// <summary>Content-addressed bytes: artifacts, patches, output. Id = lower-case SHA-256 of the content.</summary>
public interface IBlobStore
{
    /// <summary>Stores durably; the same bytes twice are stored once. At most 64 MiB.</summary>
    Task<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The bytes, or null.</summary>
    Task<ReadOnlyMemory<byte>?> GetAsync(string id, CancellationToken cancellationToken);
}

/// <summary>A delivery that was given up; an operator can see and replay it.</summary>
/// <param name="Id">From 1, never used again.</param>
/// <param name="Subscriber">The subscriber's kind.</param>
/// <param name="Partition">0 to 7.</param>
/// <param name="TaskId">The fact's task.</param>
/// <param name="Position">The fact's place in the journal.</param>
/// <param name="Error">Why it was given up, in words without secrets; at most 2,000 characters.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="At">When it was given up, UTC.</param>
/// <param name="ReplayedAt">When a replay delivered it, UTC; null = it waits for an operator.</param>
public sealed record DeadLetter(
    long Id,
    string Subscriber,
    int Partition,
    string TaskId,
    long Position,
    string Error,
    int Attempts,
    DateTimeOffset At,
    DateTimeOffset? ReplayedAt = null
);

/// <summary>Durable cursors and dead letters of subscribers.</summary>
public interface ICursorStore
{
    /// <summary>Position after which the subscriber has not worked yet; 0 = from the start.</summary>
    Task<long> ReadAsync(string subscriber, int partition, CancellationToken cancellationToken);

    /// <summary>Moves the cursor forward; never back. With <see cref="Durability.RideAlong"/> a crash may forget the move.</summary>
    Task SaveAsync(
        string subscriber,
        int partition,
        long position,
        Durability durability,
        CancellationToken cancellationToken
    );

    /// <summary>Slowest cursor of a partition over the subscribers that have one; <see cref="long.MaxValue"/> = none has.</summary>
    Task<long> ReadSlowestAsync(int partition, CancellationToken cancellationToken);

    /// <summary>Keeps a delivery that was given up; the same fact twice is one letter. Drops letters whose replay is older than 30 days.</summary>
    Task BuryAsync(DeadLetter letter, CancellationToken cancellationToken);

    /// <summary>One letter, replayed or not, or null.</summary>
    Task<DeadLetter?> FindBuriedAsync(long id, CancellationToken cancellationToken);

    /// <summary>Letters after an id that wait for an operator (with <paramref name="replayed"/>: those that were replayed too), at most <paramref name="max"/>.</summary>
    Task<IReadOnlyList<DeadLetter>> ListBuriedAsync(
        string? subscriber,
        long afterId,
        int max,
        bool replayed,
        CancellationToken cancellationToken
    );

    /// <summary>Letters that wait for an operator.</summary>
    Task<long> CountBuriedAsync(CancellationToken cancellationToken);

    /// <summary>A replay delivered the letter.</summary>
    Task MarkReplayedAsync(long id, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>A replay failed: one more attempt, with its error.</summary>
    Task MarkFailedAsync(long id, string reason, CancellationToken cancellationToken);
}

/// <summary>Rollups kept in the same commit as the facts.</summary>
public interface IStatsStore
{
    /// <summary>All history; cost does not grow with it.</summary>
    Task<StatsReport> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Counts of a measure since a day; cost grows with the days and names, not with the tasks.</summary>
    /// <param name="measure">A name of <see cref="TallyMeasures"/>.</param>
    /// <param name="fromDay">Days since 1970-01-01, UTC; this one included.</param>
    /// <param name="byDay">False: summed over the days.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<IReadOnlyList<Tally>> ReadTalliesAsync(
        string measure,
        int fromDay,
        bool byDay,
        CancellationToken cancellationToken
    );

    /// <summary>The first day that was counted by days; null = none yet.</summary>
    Task<int?> FirstTallyDayAsync(CancellationToken cancellationToken);
}

/// <summary>Tokens, hashed at rest (SHA-256 of the secret; the secret itself is 256 random bits).</summary>
public interface ITokenStore
{
    /// <summary>Adds a token by the hash of its secret.</summary>
    Task AddAsync(TokenInfo token, string secretHash, CancellationToken cancellationToken);

    /// <summary>The token with this hash, or null. Revoked and expired ones are returned as they are.</summary>
    Task<TokenInfo?> FindAsync(string secretHash, CancellationToken cancellationToken);

    /// <summary>All tokens, oldest first, without secrets.</summary>
    Task<IReadOnlyList<TokenInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Revokes; false when there is none.</summary>
    Task<bool> RevokeAsync(string id, DateTimeOffset at, CancellationToken cancellationToken);
}
