using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Simulation;

/// <summary>The journal of a simulated world: conditional appends, and a tail of progress that a crash may lose.</summary>
internal sealed class SimulatedStore
{
    private readonly SortedDictionary<string, Log> logs = new(StringComparer.Ordinal);

    public IEnumerable<string> Tasks => logs.Keys;

    /// <summary>The state as a new activation would read it, kept from one append to the next.</summary>
    public TaskState Head(string task) =>
        logs.TryGetValue(task, out var log) ? log.State : TaskState.Empty;

    /// <summary>The same, folded from the first fact on.</summary>
    public TaskState Read(string task) =>
        logs.TryGetValue(task, out var log)
            ? log.Entries.Aggregate(TaskState.Empty, (s, e) => s.After(e.Fact, e.At))
            : TaskState.Empty;

    public IReadOnlyList<TaskFact> Facts(string task) =>
        logs.TryGetValue(task, out var log) ? [.. log.Entries.Select(e => e.Fact)] : [];

    /// <summary>False when the version is not the last one.</summary>
    public bool Append(string task, long version, IReadOnlyList<TaskFact> facts, DateTimeOffset at)
    {
        if (!logs.TryGetValue(task, out var log))
        {
            logs.Add(task, log = new Log());
        }
        if (log.Entries.Count != version)
        {
            return false;
        }
        foreach (var fact in facts)
        {
            log.Entries.Add((fact, at));
            log.State = log.State.After(fact, at);
        }
        if (!facts.All(f => f is TaskFact.Progressed))
        {
            log.Durable = log.Entries.Count;
        }
        return true;
    }

    /// <summary>What rode along and was not committed is lost.</summary>
    public void Crash()
    {
        foreach (var (task, log) in logs)
        {
            log.Entries.RemoveRange(log.Durable, log.Entries.Count - log.Durable);
            log.State = Read(task);
        }
    }

    private sealed class Log
    {
        public List<(TaskFact Fact, DateTimeOffset At)> Entries { get; } = [];

        public int Durable { get; set; }

        public TaskState State { get; set; } = TaskState.Empty;
    }
}

/// <summary>Chance from a seed, the same on every platform and runtime (SplitMix64).</summary>
internal sealed class SimulatedChance(ulong seed)
{
    private ulong state = seed;

    public int Below(int max) => (int)(Next() % (ulong)max);

    public bool Once(int in1000) => Below(1_000) < in1000;

    public T Of<T>(params IReadOnlyList<T> items) => items[Below(items.Count)];

    private ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
