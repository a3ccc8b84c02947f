using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Metrics;

/// <summary>Where a task's turn began, and the kind of work that it is.</summary>
/// <param name="Sequence">Number of the fact that began the turn.</param>
/// <param name="Kind">The kind in force.</param>
public sealed record TurnBeginning(long Sequence, TaskKind Kind);

/// <summary>Where the current turns of the tasks seen last began. Forgetting one costs a read of its task, nothing else. Not thread-safe.</summary>
public sealed class TurnBeginnings
{
    private const int KeptMax = 4_096;
    private readonly Dictionary<string, TurnBeginning> kept = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <summary>Learns from a fact; facts of a task come in order.</summary>
    public void Note(JournalEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        switch (entry.Fact)
        {
            case TaskFact.Submitted f:
                Keep(entry.TaskId, new TurnBeginning(entry.Sequence, f.Spec.Kind));
                break;
            case TaskFact.TurnStarted when kept.TryGetValue(entry.TaskId, out var before):
                kept[entry.TaskId] = before with { Sequence = entry.Sequence };
                break;
            case TaskFact.PlanMade f when kept.TryGetValue(entry.TaskId, out var before):
                kept[entry.TaskId] = before with { Kind = f.Plan.Kind };
                break;
            default:
                break;
        }
    }

    /// <summary>The task's, or null when it is not known: then all facts have to be read.</summary>
    public TurnBeginning? Of(string taskId) => kept.GetValueOrDefault(taskId);

    private void Keep(string taskId, TurnBeginning beginning)
    {
        if (!kept.ContainsKey(taskId))
        {
            order.Enqueue(taskId);
        }
        kept[taskId] = beginning;
        while (order.Count > KeptMax)
        {
            kept.Remove(order.Dequeue());
        }
    }
}
