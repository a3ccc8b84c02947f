using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

/// <summary>
/// Writers that never stop: each numbers the facts of its own task. One whose append fails reads again before it goes
/// on, as a grain does, and notes what it found.
/// </summary>
internal sealed class Traffic
{
    private const int Writers = 12;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly OpenStore store;
    private readonly Lock gate = new();
    private readonly List<(string Task, long Version)> acknowledged = [];
    private readonly Task all;
    private TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int unknown;
    private volatile bool ended;

    public Traffic(OpenStore store)
    {
        this.store = store;
        all = Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync(w))));
    }

    /// <summary>Appends whose outcome was not told.</summary>
    public int Unknown => unknown;

    /// <summary>Waits until that many more were acknowledged.</summary>
    public async Task UntilAsync(int count)
    {
        using var limit = new CancellationTokenSource(Deadline);
        int goal;
        lock (gate)
        {
            goal = acknowledged.Count + count;
        }
        while (true)
        {
            Task signal;
            lock (gate)
            {
                if (acknowledged.Count >= goal)
                {
                    return;
                }
                signal = more.Task;
            }
            await Task.WhenAny(signal, all).WaitAsync(limit.Token);
            if (all.IsFaulted)
            {
                await all;
            }
        }
    }

    /// <summary>Goes on for that many more, ends, and looks at what stands.</summary>
    public async Task EndAsync(int count)
    {
        await UntilAsync(count);
        ended = true;
        await all.WaitAsync(Deadline);
        await AgainAsync();
    }

    /// <summary>Every acknowledged fact stands once, numbers have no gap, and the chain verifies.</summary>
    public async Task AgainAsync()
    {
        long seen = 0;
        var facts = new List<JournalEntry>();
        while (await store.Journal.ReadAllAsync(seen, 1_000, default) is { Count: > 0 } page)
        {
            foreach (var entry in page)
            {
                Assert.Equal(++seen, entry.Position);
                // A fact carries the number that its writer gave it: one that was doubled would carry an older one.
                Assert.Equal(
                    entry.Sequence,
                    long.Parse(
                        ((TaskFact.Resumed)entry.Fact).By,
                        System.Globalization.CultureInfo.InvariantCulture
                    )
                );
                facts.Add(entry);
            }
        }
        var standing = facts.Select(f => (f.TaskId, f.Sequence)).ToHashSet();
        Assert.Equal(facts.Count, standing.Count);
        Assert.Empty(acknowledged.Except(standing));
        Assert.Empty(await store.Journal.VerifyChainAsync(null, default));
    }

    private async Task WriteAsync(int writer)
    {
        var task = "w" + writer.ToString(System.Globalization.CultureInfo.InvariantCulture);
        long version = 0;
        while (!ended)
        {
            try
            {
                var outcome = await store.Journal.AppendAsync(
                    new AppendRequest(
                        task,
                        version,
                        DateTimeOffset.UnixEpoch,
                        [
                            new TaskFact.Resumed(
                                (version + 1).ToString(
                                    System.Globalization.CultureInfo.InvariantCulture
                                )
                            ),
                        ],
                        null
                    ),
                    Durability.Wait,
                    default
                );
                if (outcome == AppendOutcome.Appended)
                {
                    version++;
                    Note(task, version);
                    continue;
                }
            }
            catch (StorageException)
            {
                Interlocked.Increment(ref unknown);
            }
            version = await LastAsync(task, version);
        }
    }

    private async Task<long> LastAsync(string task, long version)
    {
        try
        {
            var later = await store.Journal.ReadTaskAsync(task, version, 1_000, default);
            return later.Count > 0 ? later[^1].Sequence : version;
        }
        catch (StorageException)
        {
            return version; // tried again with the next append
        }
    }

    private void Note(string task, long version)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            acknowledged.Add((task, version));
            signal = more;
            more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        signal.TrySetResult();
    }
}
