namespace Orchestrator.Silo.Api;

/// <summary>
/// The newest facts in order, bounded by number and bytes, and who waits for more. One adds, many look; thread-safe. A
/// watcher holds its own place, so that one that stands still costs the others nothing.
/// </summary>
internal sealed class FactWindow
{
    private const int KeptMax = 4_096;
    private const long BytesMax = 16 * 1_048_576;
    private const string Everybody = "";
    private readonly Lock gate = new();
    private readonly SentFact[] kept = new SentFact[KeptMax];
    private readonly Dictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);
    private SentFact? newestBrief;
    private long bytes;
    private long before;

    /// <summary>Position of the last fact that it has seen.</summary>
    public long End { get; private set; }

    /// <summary>Begins after a position.</summary>
    public void Begin(long position)
    {
        lock (gate)
        {
            (End, before, bytes) = (position, position, 0);
        }
    }

    /// <summary>Takes in the next facts, in order, and wakes who waits for them.</summary>
    public void Add(IReadOnlyList<SentFact> facts)
    {
        List<TaskCompletionSource> woken = [];
        lock (gate)
        {
            foreach (var fact in facts)
            {
                // Positions have no gaps, so that a fact's place follows from it; should one come, the window begins anew.
                if (fact.Position != End + 1)
                {
                    (before, bytes) = (fact.Position - 1, 0);
                }
                while (fact.Position - before > KeptMax)
                {
                    DropOldest();
                }
                kept[Place(fact.Position)] = fact;
                bytes += Size(fact);
                newestBrief = fact.Brief is null ? newestBrief : fact;
                End = fact.Position;
                Wake(fact.TaskId, woken);
            }
            Wake(Everybody, woken);
            while (bytes > BytesMax)
            {
                DropOldest();
            }
        }
        woken.ForEach(w => w.TrySetResult());
    }

    /// <summary>
    /// Facts after a position, of a task or of all, and the position up to which that is all there is; null when the window
    /// no longer reaches back so far.
    /// </summary>
    public (IReadOnlyList<SentFact> Facts, long UpTo)? After(long position, string? taskId)
    {
        lock (gate)
        {
            if (position < before)
            {
                return null;
            }
            return (taskId is null ? All(position) : [.. From(position, taskId)], End);
        }
    }

    /// <summary>
    /// The newest fact after a position that is of interest to lists, if there is one, and the position up to which that is
    /// all there is to know. However far back the position lies: a list that fell behind has missed nothing.
    /// </summary>
    public (SentFact? Last, long UpTo) LastAfter(long position)
    {
        lock (gate)
        {
            return (newestBrief?.Position > position ? newestBrief : null, End);
        }
    }

    /// <summary>Completes when a fact after the position is there: of the task, or any. At once when it is already.</summary>
    public Task BeyondAsync(long position, string? taskId)
    {
        lock (gate)
        {
            if (position < before || From(position, taskId).Any())
            {
                return Task.CompletedTask;
            }
            var name = taskId ?? Everybody;
            if (!waiting.TryGetValue(name, out var wait))
            {
                waiting[name] = wait = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            return wait.Task;
        }
    }

    // Copied in whole runs: many watchers look at once, and each holds up the others and the writer meanwhile.
    private SentFact[] All(long position)
    {
        var facts = new SentFact[Math.Max(0, End - position)];
        if (facts.Length > 0)
        {
            var first = Place(position + 1);
            var run = Math.Min(facts.Length, KeptMax - first);
            Array.Copy(kept, first, facts, 0, run);
            Array.Copy(kept, 0, facts, run, facts.Length - run);
        }
        return facts;
    }

    private IEnumerable<SentFact> From(long position, string? taskId)
    {
        for (var next = position + 1; next <= End; next++)
        {
            if (kept[Place(next)] is var fact && (taskId is null || fact.TaskId == taskId))
            {
                yield return fact;
            }
        }
    }

    private void DropOldest()
    {
        before++;
        bytes -= Size(kept[Place(before)]);
    }

    private static int Place(long position) => (int)(position % KeptMax);

    private void Wake(string name, List<TaskCompletionSource> woken)
    {
        if (waiting.Remove(name, out var wait))
        {
            woken.Add(wait);
        }
    }

    private static int Size(SentFact fact) => fact.Data.Length + (fact.Brief?.Length ?? 0);
}
