namespace Orchestrator.Benchmarks.Workloads;

/// <summary>An engine that runs the workloads, in a process of its own: the product, a peer, or the bare store.</summary>
internal abstract class Subject : IAsyncDisposable
{
    /// <summary>Its name in tables.</summary>
    public abstract string Name { get; }

    /// <summary>What its handlers tell; set before the first task.</summary>
    public Ledger Ledger { get; set; } = new(0);

    /// <summary>Starts the engine; returns when it takes tasks.</summary>
    public abstract Task StartAsync(SubjectOrder order);

    /// <summary>Hands a task in; returns once it is durably accepted. Its steps follow by themselves.</summary>
    public abstract Task SubmitAsync(int task);

    /// <summary>Hands in a task that starts tomorrow.</summary>
    public virtual Task ParkAsync(int task) =>
        throw new NotSupportedException($"{Name} does not park tasks here.");

    /// <summary>Called when the last task is through: returns when what the engine does for them in the background is done too.</summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

    /// <summary>Looks at what was stored; each finding is a sentence.</summary>
    public virtual Task<IReadOnlyList<string>> CheckAsync(int from, int tasks) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Size of an embedded store in bytes; null = it stores in PostgreSQL.</summary>
    public virtual long? EmbeddedBytes() => null;

    /// <summary>Objects that the engine keeps alive for parked tasks; null = it has no such thing.</summary>
    public virtual Task<long?> ActiveAsync() => Task.FromResult<long?>(null);

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}

/// <summary>What a subject's process is told.</summary>
/// <param name="Subject">The engine's name.</param>
/// <param name="Workload"><c>w1</c> to <c>w4</c>.</param>
/// <param name="Tasks">Counted tasks.</param>
/// <param name="Warm">Uncounted tasks before them.</param>
/// <param name="Flight">Loops, and handlers at once.</param>
/// <param name="Store"><c>sqlite</c> or <c>postgresql</c>.</param>
/// <param name="Connection">The subject's own empty database; empty for SQLite.</param>
/// <param name="Postmaster">Process id of PostgreSQL, on this machine; 0 for SQLite.</param>
/// <param name="Folder">An empty folder of its own.</param>
/// <param name="Result">File that the result is written to.</param>
/// <param name="Park">How the product parks: <c>budget</c> or <c>approval</c>.</param>
internal sealed record SubjectOrder(
    string Subject,
    string Workload,
    int Tasks,
    int Warm,
    int Flight,
    string Store,
    string Connection,
    int Postmaster,
    string Folder,
    string Result,
    string Park
)
{
    /// <summary>What the product leaves out, to see what it costs: <c>files</c>, <c>subscribers</c> or nothing.</summary>
    public string Without { get; init; } = "";

    /// <summary>W4: true in the life after the kill, which hands nothing in.</summary>
    public bool Again { get; init; }

    /// <summary>W4: the file of <see cref="Workloads.Effects"/>.</summary>
    public string Effects => Path.Combine(Folder, "effects");

    /// <summary>W4: a file that is there once all tasks are accepted.</summary>
    public string Accepted => Path.Combine(Folder, "accepted");

    /// <summary>W4: a file that is there once the second life may end.</summary>
    public string Over => Path.Combine(Folder, "over");

    /// <summary>True when the store is PostgreSQL.</summary>
    public bool OnPostgres => Connection.Length > 0;
}
