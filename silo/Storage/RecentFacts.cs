using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Storage;

/// <summary>
/// The newest committed facts, in order and without a gap, bounded by number and bytes. Every subscriber and everybody who
/// watches reads each fact shortly after its commit: from here it is read from its stored bytes once instead of by each.
/// The writer stages inside a transaction, publishes after its commit and drops after a rollback; readers come on any thread.
/// </summary>
/// <param name="keptMax">Most facts.</param>
/// <param name="bytesMax">Most bytes of their payloads, the newest fact aside.</param>
internal sealed class RecentFacts(int keptMax, long bytesMax)
{
    private readonly Lock gate = new();
    private readonly Kept[] ring = new Kept[keptMax];
    private readonly List<Kept> staged = [];
    private long before;
    private long end;
    private long bytes;

    /// <summary>Position of the newest fact; 0 = none was committed since the start.</summary>
    public long End
    {
        get
        {
            lock (gate)
            {
                return end;
            }
        }
    }

    /// <summary>A fact was written in the running transaction. Only on the writer thread.</summary>
    public void Stage(long position, string taskId, long sequence, int partition, byte[] payload) =>
        staged.Add(new Kept(position, taskId, sequence, partition, payload));

    /// <summary>The transaction is committed. Only on the writer thread.</summary>
    public void Publish()
    {
        if (staged.Count == 0)
        {
            return;
        }
        lock (gate)
        {
            foreach (var fact in staged)
            {
                if (fact.Position != end + 1)
                {
                    (before, bytes) = (fact.Position - 1, 0);
                }
                while (fact.Position - before > keptMax)
                {
                    DropOldest();
                }
                ring[Place(fact.Position)] = fact;
                end = fact.Position;
                bytes += fact.Payload.Length;
            }
            while (bytes > bytesMax && before < end - 1)
            {
                DropOldest();
            }
        }
        staged.Clear();
    }

    /// <summary>The transaction was rolled back. Only on the writer thread.</summary>
    public void Drop() => staged.Clear();

    /// <summary>Facts after a position, of a partition or of all, at most so many; null when it does not reach back so far.</summary>
    public IReadOnlyList<JournalEntry>? After(long position, int? partition, int max)
    {
        List<Kept> found;
        lock (gate)
        {
            // Nothing published yet: what lies in the store is older.
            if (end == 0 || position < before)
            {
                return null;
            }
            found = new List<Kept>(
                (int)Math.Clamp(end - position, 0, partition is null ? max : 16)
            );
            for (var next = position + 1; next <= end && found.Count < max; next++)
            {
                if (
                    ring[Place(next)] is var fact
                    && (partition ?? fact.Partition) == fact.Partition
                )
                {
                    found.Add(fact);
                }
            }
        }
        return [.. found.Select(f => f.Entry)];
    }

    private void DropOldest()
    {
        before++;
        bytes -= ring[Place(before)].Payload.Length;
        ring[Place(before)] = null!;
    }

    private int Place(long position) => (int)(position % keptMax);

    private sealed record Kept(
        long Position,
        string TaskId,
        long Sequence,
        int Partition,
        byte[] Payload
    )
    {
        // As the store would read it; two who come at once may both read it, to the same end.
        private JournalEntry? entry;

        public JournalEntry Entry =>
            Volatile.Read(ref entry)
            ?? Interlocked.CompareExchange(
                ref entry,
                FactPayload.Read(Position, TaskId, Sequence, Payload),
                null
            )
            ?? entry!;
    }
}
