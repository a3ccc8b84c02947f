namespace Orchestrator.Silo.Runners;

/// <summary>
/// Attempts that this host has let go or was told to stop: an order to start one of them comes too late, however it was
/// held up on its way. Remembers the last <see cref="TasksMax"/> tasks of this life of the host; an older life's orders
/// carry an older epoch.
/// </summary>
internal sealed class EndedAttempts
{
    /// <summary>4,096: an order is late by seconds, not by thousands of tasks.</summary>
    public const int TasksMax = 4_096;

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> last = new(StringComparer.Ordinal);
    private readonly Queue<string> oldest = new();

    /// <summary>The attempt and every earlier one of the task are over.</summary>
    public void Add(string taskId, int attempt)
    {
        lock (gate)
        {
            if (last.TryGetValue(taskId, out var known))
            {
                last[taskId] = Math.Max(known, attempt);
                return;
            }
            last.Add(taskId, attempt);
            oldest.Enqueue(taskId);
            if (oldest.Count > TasksMax)
            {
                last.Remove(oldest.Dequeue());
            }
        }
    }

    /// <summary>Runs the beginning of an attempt unless it is over. False: it is, and nothing was begun.</summary>
    public bool TryBegin(string taskId, int attempt, Action begin)
    {
        lock (gate)
        {
            if (last.TryGetValue(taskId, out var ended) && attempt <= ended)
            {
                return false;
            }
            begin();
            return true;
        }
    }
}
