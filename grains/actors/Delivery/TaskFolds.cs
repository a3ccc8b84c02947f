using Orchestrator.Decisions.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Delivery;

/// <summary>
/// States of the tasks that a subscriber saw last, so that the next fact of one is folded on and not read from its
/// beginning. Forgetting one costs a read, nothing else. Not thread-safe: the subscriber's loop owns it.
/// </summary>
internal sealed class TaskFolds(IJournal journal)
{
    private const int KeptMax = 512;

    // A state may hold a hundred kilobytes: of tasks that have ended only the last few are worth it.
    private const int EndedMax = 8;
    private readonly Queue<string> ended = new();
    private const int ReadPage = 1_000;
    private readonly Dictionary<string, TaskState> kept = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <summary>The state before a fact.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="sequence">The fact's number in its task, from 1.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<TaskState> BeforeAsync(
        string taskId,
        long sequence,
        CancellationToken cancellationToken
    )
    {
        var state = kept.GetValueOrDefault(taskId) ?? TaskState.Empty;
        if (state.Version >= sequence)
        {
            state = TaskState.Empty; // an older fact again
        }
        while (state.Version < sequence - 1)
        {
            var page = await journal.ReadTaskAsync(
                taskId,
                state.Version,
                (int)Math.Min(ReadPage, sequence - 1 - state.Version),
                cancellationToken
            );
            if (page.Count == 0)
            {
                break;
            }
            state = page.Aggregate(state, (s, e) => s.After(e.Fact, e.At));
        }
        return state;
    }

    /// <summary>Remembers a state; of one that has ended for a while, for a reply may start its next turn.</summary>
    public void Keep(string taskId, TaskState state)
    {
        if (state.Ended && !ended.Contains(taskId))
        {
            ended.Enqueue(taskId);
            if (
                ended.Count > EndedMax
                && ended.Dequeue() is var oldest
                && kept.GetValueOrDefault(oldest) is { Ended: true }
            )
            {
                kept.Remove(oldest);
            }
        }
        if (!kept.ContainsKey(taskId))
        {
            order.Enqueue(taskId);
        }
        kept[taskId] = state;
        while (kept.Count > KeptMax || order.Count > 2 * KeptMax)
        {
            kept.Remove(order.Dequeue());
        }
    }
}
