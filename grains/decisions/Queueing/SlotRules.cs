using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Queueing;

/// <summary>Bounds of a pool's slots.</summary>
/// <param name="SizeMax">Accepted tasks that have not reached a slot; 1 to 1,000,000.</param>
public sealed record SlotRules(int SizeMax)
{
    /// <summary>Slots that a lane may hold at once; a lane that is not named, or named with 0, may hold all.</summary>
    public IReadOnlyDictionary<TaskPriority, int> LaneSlotsMax { get; init; } =
        new Dictionary<TaskPriority, int>();

    /// <summary>What is done about tasks that touch the same paths. Default: flag them.</summary>
    public OverlapMode Overlap { get; init; } = OverlapMode.Flag;
}

/// <summary>Who holds a slot.</summary>
/// <param name="Host">Whose slot it is.</param>
/// <param name="Priority">The task's lane.</param>
/// <param name="Repository">The task's repository, or empty.</param>
/// <param name="Paths">What it touches there, as far as known.</param>
public sealed record SlotHolder(
    string Host,
    TaskPriority Priority,
    string Repository,
    IReadOnlyList<string> Paths
);
