using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>Whether what is told could show that a task meets another, and what is recorded when it does. Part of the decider's table.</summary>
public static class OverlapVerdict
{
    /// <summary>Overlaps that a task remembers; later ones are not recorded.</summary>
    public const int RememberedMax = 100;

    /// <summary>True when the other tasks' claims are needed for what is told.</summary>
    public static bool Matters(TaskState state, TaskInput told, TaskLimits limits)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        return limits.Overlap != OverlapMode.Off
            && state.Spec is { Repository.Length: > 0 }
            && told switch
            {
                TaskInput.SlotOffered => state.Paths.Count > 0,
                TaskInput.Reported { Report: TaskReport.Checkpointed r } => r.Checkpoint.FilesTotal
                    > 0,
                TaskInput.Reported { Report: TaskReport.RunEnded r } => r.Result.Diff.FilesTotal
                    > 0,
                _ => false,
            };
    }

    /// <summary>The decision, led by what is new about overlaps.</summary>
    internal static TaskDecision Lead(TaskState state, TaskInput told, TaskDecision decision)
    {
        if (
            decision.Facts.Count == 0
            || told.Others.Count == 0
            || state.Overlaps.Count >= RememberedMax
        )
        {
            return decision;
        }
        var after = decision.Facts.Aggregate(state, (s, f) => s.After(f, told.Now));
        var found = PathClaims.New(state.Overlaps, PathClaims.Met(after.Paths, told.Others));
        return found.Count == 0
            ? decision
            : decision with
            {
                Facts = [new TaskFact.OverlapFound(found), .. decision.Facts],
            };
    }
}
