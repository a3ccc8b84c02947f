using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>Which reports are a host's word on a run, and when such a word is out of date.</summary>
public static class ReportFence
{
    /// <summary>
    /// Attempt and host epoch of a report that only the host of that very run may make; null for all others. A
    /// verification is none of them: it is worked from the captured diff, so any host's, of any epoch, is as good.
    /// </summary>
    public static (int Attempt, long Epoch)? Of(TaskReport report) =>
        report switch
        {
            TaskReport.WorkspaceReady r => (r.Attempt, r.Epoch),
            TaskReport.AgentStarted r => (r.Attempt, r.Epoch),
            TaskReport.Progressed r => (r.Attempt, r.Epoch),
            TaskReport.Checkpointed r => (r.Attempt, r.Epoch),
            TaskReport.RunEnded r => (r.Attempt, r.Epoch),
            TaskReport.RunRefused r => (r.Attempt, r.Epoch),
            _ => null,
        };

    /// <summary>True when another attempt, or the same attempt's later epoch, has taken over from the one that reports.</summary>
    public static bool IsStale(TaskState state, TaskReport report)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Of(report) is { } run
            && (
                run.Attempt < state.Attempt
                || (run.Attempt == state.Attempt && run.Epoch < state.Epoch)
            );
    }
}
