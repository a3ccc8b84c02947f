using System.Threading.Channels;

namespace Orchestrator.Benchmarks.Limits;

/// <summary>A row that waits for its commit.</summary>
/// <param name="Task">The task.</param>
/// <param name="Step">0 to 8.</param>
/// <param name="Due">It starts tomorrow.</param>
/// <param name="Payload">What the step stores.</param>
/// <param name="Done">Ends with the commit.</param>
internal sealed record PendingRow(
    int Task,
    int Step,
    bool Due,
    byte[] Payload,
    TaskCompletionSource Done
);

/// <summary>Writers that each commit whatever queued while the last commit was under way, at most 512 rows.</summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    private const int BatchMax = 512;
    private const int QueueMax = 16_384;
    private readonly Channel<PendingRow> queue = Channel.CreateBounded<PendingRow>(QueueMax);
    private readonly Task[] writers;

    /// <summary>Starts a writer for each function that commits a batch.</summary>
    public GroupCommit(IEnumerable<Func<IReadOnlyList<PendingRow>, Task>> commits) =>
        writers = [.. commits.Select(c => Task.Run(() => WriteAsync(c)))];

    /// <summary>Ends with the row's commit.</summary>
    public async Task AppendAsync(int task, int step, bool due, byte[] payload)
    {
        var row = new PendingRow(
            task,
            step,
            due,
            payload,
            new(TaskCreationOptions.RunContinuationsAsynchronously)
        );
        await queue.Writer.WriteAsync(row);
        await row.Done.Task;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await Task.WhenAll(writers);
    }

    private async Task WriteAsync(Func<IReadOnlyList<PendingRow>, Task> commit)
    {
        var batch = new List<PendingRow>(BatchMax);
        while (await queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < BatchMax && queue.Reader.TryRead(out var row))
            {
                batch.Add(row);
            }
            if (batch.Count == 0)
            {
                continue;
            }
            await commit(batch);
            foreach (var row in batch)
            {
                row.Done.TrySetResult();
            }
        }
    }
}
