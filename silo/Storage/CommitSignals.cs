using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>
/// Hands commits over to those who wait for facts: of all partitions (index <see cref="JournalPartitions.Count"/>) or of
/// one. A commit without facts wakes nobody. SQLite's writer thread stages inside a transaction, publishes after its
/// commit and drops after a rollback; whoever learns of a commit otherwise announces it.
/// </summary>
internal sealed class CommitSignals
{
    private readonly Lock gate = new();
    private readonly long[] staged = new long[JournalPartitions.Count + 1];
    private readonly long[] ends = new long[JournalPartitions.Count + 1];
    private readonly TaskCompletionSource[] wakes =
    [
        .. Enumerable.Range(0, JournalPartitions.Count + 1).Select(_ => New()),
    ];

    /// <summary>A fact was written in the running transaction. Only on the writer thread.</summary>
    public void Stage(int partition, long position)
    {
        staged[partition] = position;
        staged[JournalPartitions.Count] = position;
    }

    /// <summary>The transaction is committed. Only on the writer thread.</summary>
    public void Publish()
    {
        for (var i = 0; i < staged.Length; i++)
        {
            Raise(i, staged[i]);
        }
    }

    /// <summary>The transaction was rolled back. Only on the writer thread.</summary>
    public void Drop() => ends.CopyTo(staged.AsSpan());

    /// <summary>A partition has committed facts up to a position. From any thread; older news change nothing.</summary>
    public void Announce(int partition, long position)
    {
        Raise(partition, position);
        Raise(JournalPartitions.Count, position);
    }

    /// <summary>Completes when the end seen since the start is beyond the position, or after <paramref name="longest"/>. Returns that end; 0 = no commit seen yet.</summary>
    public async Task<long> WaitAsync(
        int index,
        long position,
        TimeSpan longest,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var signal = Volatile.Read(ref wakes[index]).Task;
        if (Volatile.Read(ref ends[index]) <= position)
        {
            await signal
                .WaitAsync(longest, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
        return Volatile.Read(ref ends[index]);
    }

    private void Raise(int index, long position)
    {
        if (position <= Volatile.Read(ref ends[index]))
        {
            return;
        }
        lock (gate)
        {
            if (position > ends[index])
            {
                Volatile.Write(ref ends[index], position);
                Interlocked.Exchange(ref wakes[index], New()).TrySetResult();
            }
        }
    }

    private static TaskCompletionSource New() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
