using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>Whether two submissions ask for the same, whatever door they came by.</summary>
public static class SameRequest
{
    /// <summary>True when they do.</summary>
    public static bool Is(TaskSpec one, TaskSpec other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one.Request == other.Request
            && one.Title == other.Title
            && one.Kind == other.Kind
            && one.Priority == other.Priority
            && one.Repository == other.Repository
            && one.BaseBranch == other.BaseBranch
            && one.Context == other.Context
            && one.TimeoutSeconds == other.TimeoutSeconds
            && one.AgentType == other.AgentType
            && one.Runner == other.Runner
            && one.Model == other.Model
            && one.Script == other.Script
            && one.WorkingDirectory == other.WorkingDirectory
            && one.MaxTurns == other.MaxTurns
            && one.Requester == other.Requester
            && one.TargetFiles.SequenceEqual(other.TargetFiles)
            && one.SuccessCriteria.SequenceEqual(other.SuccessCriteria)
            && one.Labels.SequenceEqual(other.Labels)
            // Who names no remote repository gets the configured one, which may be another by now.
            && (other.Remote.Length == 0 || one.Remote == other.Remote)
            && one.Tickets.SequenceEqual(other.Tickets)
            && one.Constraints.SequenceEqual(other.Constraints)
            && one.Attachments.SequenceEqual(other.Attachments)
            && one.ParentTurn == other.ParentTurn;
    }
}
