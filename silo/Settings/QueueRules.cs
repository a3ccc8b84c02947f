using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Settings;

/// <summary>The section <c>Queue</c> as the queue wants it.</summary>
internal static class QueueRules
{
    /// <summary>Its bounds.</summary>
    public static SlotRules Of(QueueOptions options) =>
        new(options.SizeMax)
        {
            Overlap = options.Overlap,
            LaneSlotsMax = new Dictionary<TaskPriority, int>
            {
                [TaskPriority.High] = options.HighSlotsMax,
                [TaskPriority.Medium] = options.MediumSlotsMax,
                [TaskPriority.Low] = options.LowSlotsMax,
            },
        };
}
