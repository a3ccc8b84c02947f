using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.SystemTests;

/// <summary>Follows every fact of a silo from the first on, over server-sent events, and lets tests await one.</summary>
internal sealed class FactFollower : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly List<JournalEntry> entries = [];
    private readonly Task following;
    private TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FactFollower(OrchestratorClient client) => following = FollowAsync(client);

    /// <summary>What came so far, in order of positions.</summary>
    public IReadOnlyList<JournalEntry> Entries
    {
        get
        {
            lock (gate)
            {
                return [.. entries];
            }
        }
    }

    /// <summary>Hands over every fact once, the old ones first, until one of them is the last that was waited for; <paramref name="missing"/> is that in words.</summary>
    public async Task UntilAsync(string missing, TimeSpan deadline, Func<JournalEntry, bool> isLast)
    {
        using var limit = new CancellationTokenSource(deadline, TimeProvider.System);
        for (var next = 0; ; )
        {
            Task signal;
            JournalEntry[] fresh;
            lock (gate)
            {
                fresh = [.. entries.Skip(next)];
                signal = more.Task;
            }
            next += fresh.Length;
            if (fresh.Any(isLast))
            {
                return;
            }
            try
            {
                await (fresh.Length > 0 ? Task.CompletedTask : signal.WaitAsync(limit.Token));
            }
            catch (OperationCanceledException)
            {
                var all = Entries;
                var retries = all.Where(e => e.Fact is TaskFact.RetryScheduled).TakeLast(10);
                throw new TimeoutException(
                    $"Within {deadline.TotalSeconds:F0} s there was not: {missing}. The last facts: {string.Join("; ", all.TakeLast(10))}. The last retries: {string.Join("; ", retries)}"
                );
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await following;
        stop.Dispose();
    }

    private async Task FollowAsync(OrchestratorClient client)
    {
        try
        {
            await foreach (var entry in client.WatchAsync(null, 0, stop.Token))
            {
                TaskCompletionSource signal;
                lock (gate)
                {
                    entries.Add(entry);
                    signal = more;
                    more = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
                signal.TrySetResult();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or OrchestratorException)
        {
            // The test is over, or the silo: whoever waits says what is missing.
        }
    }
}
