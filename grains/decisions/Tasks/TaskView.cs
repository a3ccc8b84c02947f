using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>State to what others see of it: the snapshot and the head row.</summary>
public static class TaskView
{
    /// <summary>The snapshot, or null before the first fact.</summary>
    public static TaskSnapshot? Snapshot(string taskId, TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Spec is null
            ? null
            : new TaskSnapshot
            {
                TaskId = taskId,
                Version = state.Version,
                Phase = state.Phase,
                Title = state.Title,
                Kind = state.Kind,
                Priority = state.Priority,
                Requester = state.Spec.Requester,
                Repository = state.Spec.Repository,
                Turn = state.Turn,
                Attempt = state.Attempt,
                Tries = state.Tries,
                Host = state.Host,
                Runner = state.Runner.Length > 0 ? state.Runner : state.Spec.Runner,
                CreatedAt = state.CreatedAt,
                UpdatedAt = state.UpdatedAt,
                // Of a question its end, not when somebody is reminded of it.
                Due =
                    state.Phase == TaskPhase.AwaitingApproval
                        ? state.AskedUntil ?? state.Due
                        : state.Due,
                Step = state.Step?.Text ?? "",
                Plan = state.Plan,
                Result = state.Result,
                Verification = state.Verification,
                Judgement = state.Judgement,
                Failure = state.Failure,
                CostUsd = state.CostUsd,
                Tokens = state.Tokens,
                Cancelling = state.Cancelling,
                WaitingFor = state.WaitingFor,
                BaseCommit = state.BaseCommit,
                AgentLabel = state.Agent?.Label ?? state.Result?.AgentLabel ?? "",
                Request = state.Spec.Request,
                ErrorClass = state.ErrorClass,
                Overlaps = state.Overlaps,
                Policy = state.Ruling,
                ApprovedBy = state.ApprovedBy,
                ApprovalsNeeded = state.ApprovalsNeeded,
                Guarded = state.Guarded,
                Remote = state.Spec.Remote,
                Delivery = state.Delivery,
                Tickets = state.Spec.Tickets,
                Constraints = state.Constraints,
                RepliesWaiting = state.Replies.Count,
                Questions = state.Questions,
                Assumptions = state.Assumptions,
                Session =
                    state.Attempt == 0 || state.Turn == 1 ? ""
                    : state.Resume ? "resumed"
                    : "primed",
                ParentTaskId = state.Spec.ParentTaskId,
                ParentTurn = state.Spec.ParentTurn,
                ApprovalTo = state.ApprovalTo,
                Command = state.Command,
                ApprovalHash = state.ApprovalHash,
            };
    }

    /// <summary>The row for lists, queue and scanner.</summary>
    public static TaskHead Head(string taskId, TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new TaskHead
        {
            TaskId = taskId,
            Version = state.Version,
            Phase = state.Phase,
            Priority = state.Priority,
            Due = state.Due,
            Host = state.RunLives ? state.Host : "",
            Epoch = state.RunLives ? state.Epoch : 0,
            Attempt = state.Attempt,
            Turn = state.Turn,
            Requester = state.Spec?.Requester ?? "",
            Repository = state.Spec?.Repository ?? "",
            Title = state.Title,
            Kind = state.Kind,
            CreatedAt = state.CreatedAt,
            UpdatedAt = state.UpdatedAt,
            Owes = TaskDecider.Owed(state).Any(e => e is not TaskEffect.LeaveQueue),
            Labels = state.HostLabels,
            Runner = state.Spec?.Runner ?? "",
            Paths = state.Ended ? [] : state.Paths,
            Lane = state.Lane?.Name ?? "",
        };
    }
}
