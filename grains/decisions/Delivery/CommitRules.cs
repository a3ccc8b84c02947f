using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Delivery;

/// <summary>Whether a task's work may become a commit, by what is known of the task and the call alone.</summary>
public static class CommitRules
{
    /// <summary>Null when it may; else why not, with the way on.</summary>
    public static Failure? Refusal(TaskSnapshot task, CommitRequest request)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(request);
        if (request.NoBranch && request.Branch is { Length: > 0 })
        {
            return new Failure(
                FailureCodes.InvalidRequest,
                "no_branch and branch exclude each other: name a branch, or commit on the one that is checked out."
            );
        }
        if (request.Branch is { Length: > 0 } branch && !CommitText.IsBranch(branch))
        {
            return new Failure(
                FailureCodes.InvalidRequest,
                $"branch '{(branch.Length > 60 ? branch[..60] + "…" : branch)}' is no name that git allows for a branch."
            );
        }
        if (request.Message?.Length > CommitText.MessageMax)
        {
            return new Failure(
                FailureCodes.InvalidRequest,
                $"message has {request.Message.Length} characters; at most {CommitText.MessageMax} are taken."
            );
        }
        if (task.Repository.Length == 0)
        {
            return new Failure(
                FailureCodes.NotPossibleNow,
                $"Task {task.TaskId} has no repository, so there is nothing to commit to. Its work: orchestrator diff {task.TaskId}."
            );
        }
        if (task.Phase is not (TaskPhase.Done or TaskPhase.InReview))
        {
            return new Failure(
                FailureCodes.NotPossibleNow,
                $"Task {task.TaskId} is {task.Phase}; only accepted work is committed. Look at it with 'orchestrator explain {task.TaskId}'; its diff so far: orchestrator diff {task.TaskId}."
            );
        }
        if (task.Guarded is { Step: GuardedStep.Applying })
        {
            return new Failure(
                FailureCodes.NotPossibleNow,
                $"The work of task {task.TaskId} is being applied to its branch just now. See what comes of it: orchestrator show {task.TaskId}."
            );
        }
        if (task.Guarded is { Step: not (GuardedStep.Approved or GuardedStep.Applied) })
        {
            return new Failure(
                FailureCodes.NeedsApproval,
                $"The work of task {task.TaskId} is guarded and not approved. Look at it (orchestrator diff {task.TaskId}), then 'orchestrator approve {task.TaskId}'."
            );
        }
        if (task.Result?.Diff.Secrets is { Count: > 0 } secrets)
        {
            return new Failure(
                FailureCodes.PolicyDenied,
                $"The work of task {task.TaskId} holds what looks like a secret ({secrets[0].Path}:{secrets[0].Line}, {secrets[0].Rule}). Start another turn that takes it out."
            );
        }
        return null;
    }
}
