using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>What follows from people's answers, and from the wish to apply a guarded diff. Part of the decider's table.</summary>
internal static class GuardedVerdict
{
    private const int HashShown = 12;

    /// <summary>A yes counts once for each person, for the patch they looked at, and only from whom the policy lets.</summary>
    public static TaskDecision Answer(TaskState state, TaskInput.Answered told)
    {
        if (!told.Yes)
        {
            return No(told);
        }
        if (
            told.Policy is { } policy
            && PolicyEngine.MayApprove(policy, told.By, Asker(state, told.By), state.ApprovalRoles)
                is { } refusal
        )
        {
            return new TaskDecision([], refusal);
        }
        if (
            told.Hash.Length > 0
            && (
                told.Hash.Length < HashShown
                || !state.ApprovalHash.StartsWith(told.Hash, StringComparison.OrdinalIgnoreCase)
            )
        )
        {
            return TaskDecision.Refuse(
                FailureCodes.Conflict,
                state.ApprovalHash.Length == 0
                        ? "No diff and no command is asked about now. Look at 'orchestrator explain', and answer without a hash."
                    : state.Command is not null
                        ? $"The question is {state.ApprovalHash[..HashShown]} now, about another command or another run than the one you looked at. Look at it again: orchestrator show."
                    : $"The diff is {state.ApprovalHash[..HashShown]} now, not the one you looked at. Look at it again: orchestrator diff."
            );
        }
        if (state.ApprovedBy.Contains(told.By))
        {
            return TaskDecision.Refuse(
                FailureCodes.NotPossibleNow,
                $"{told.By} has said yes already; {state.ApprovalsNeeded - state.ApprovedBy.Count} more must, each somebody else."
            );
        }
        var approved = new TaskFact.Approved(told.By, told.Note)
        {
            From = told.From,
            Hash = state.ApprovalHash,
        };
        var enough = state.ApprovedBy.Count + 1 >= state.ApprovalsNeeded;
        return enough && state.ReturnTo == TaskPhase.Delivering
            ? TaskDecision.Of([approved, .. DeliveryVerdict.HandOver(state)])
            : TaskDecision.Of(approved);
    }

    /// <summary>Every question says when its people are reminded; one that ends before that reminds nobody.</summary>
    public static TaskDecision WithReminder(
        TaskDecision decision,
        DateTimeOffset now,
        TaskLimits limits
    ) =>
        decision.Facts.Any(f => f is TaskFact.ApprovalAsked)
            ? decision with
            {
                Facts =
                [
                    .. decision.Facts.Select(f =>
                        f is TaskFact.ApprovalAsked { RemindAt: null } asked
                        && now + limits.ApprovalRemindAfter < asked.Deadline
                            ? asked with
                            {
                                RemindAt = now + limits.ApprovalRemindAfter,
                            }
                            : f
                    ),
                ],
            }
            : decision;

    /// <summary>From one who may answer, to one who may.</summary>
    public static TaskDecision HandOver(TaskState state, TaskInput.HandOverAsked told)
    {
        if (told.To == state.ApprovalTo)
        {
            return TaskDecision.Nothing;
        }
        foreach (var person in (string[])[told.By, told.To])
        {
            if (
                told.Policy is { } policy
                && PolicyEngine.MayApprove(
                    policy,
                    person,
                    Asker(state, person),
                    state.ApprovalRoles
                )
                    is { } refusal
            )
            {
                return new TaskDecision([], refusal);
            }
        }
        return state.ApprovedBy.Contains(told.To)
            ? TaskDecision.Refuse(
                FailureCodes.NotPossibleNow,
                $"{told.To} has said yes already; hand it to somebody who has not."
            )
            : TaskDecision.Of(new TaskFact.ApprovalHandedOver(told.By, told.To, told.Note));
    }

    // Their own is both the first request and what they said last.
    private static string Asker(TaskState state, string person) =>
        person == state.Speaker ? state.Speaker : state.Spec!.Requester;

    /// <summary>A no ends the turn; the diff stays.</summary>
    public static TaskDecision No(TaskInput.Answered told) =>
        TaskDecision.Of(
            new TaskFact.Rejected(told.By, told.Note),
            new TaskFact.Failed(
                new Failure(FailureCodes.PolicyDenied, $"{told.By} said no. {told.Note}".Trim()),
                ErrorClass.PermissionBlock
            )
        );

    /// <summary>Applying begins when the diff is approved and not too old; asked again while it is under way, it goes on.</summary>
    public static TaskDecision Apply(TaskState state, TaskInput.ApplyAsked told) =>
        state.Guarded switch
        {
            null => TaskDecision.Refuse(
                FailureCodes.NotPossibleNow,
                "No diff of this task is guarded. Accepted work is committed with 'orchestrator git-commit'."
            ),
            { Step: GuardedStep.Applying or GuardedStep.Applied } => TaskDecision.Nothing,
            { Step: GuardedStep.Staged } g => TaskDecision.Refuse(
                FailureCodes.NeedsApproval,
                $"The diff {g.Diff.Hash[..HashShown]} is not approved yet: {state.ApprovedBy.Count} of {g.Diff.Approvals}. Look at it (orchestrator diff), then 'orchestrator approve'."
            ),
            { Step: GuardedStep.Rejected } => TaskDecision.Refuse(
                FailureCodes.PolicyDenied,
                "The diff was rejected. 'orchestrator retry' starts another turn."
            ),
            { } g when g.Diff.Expires < told.Now => TaskDecision.Refuse(
                FailureCodes.NeedsApproval,
                $"The approval ran out at {g.Diff.Expires:yyyy-MM-dd HH:mm} UTC. 'orchestrator restage' checks the diff on the branch as it is now and asks again."
            ),
            { } g => TaskDecision.Of(
                new TaskFact.ApplyStarted(g.Diff.Hash, told.By, told.ThreeWay, told.From)
            ),
        };

    /// <summary>A turn without an agent: the diff onto the branch as it is now. Approvals do not come along.</summary>
    public static TaskDecision Restage(TaskState state, TaskInput.RestageAsked told) =>
        state switch
        {
            { Guarded: null } or { PatchBlob.Length: 0 } => TaskDecision.Refuse(
                FailureCodes.NotPossibleNow,
                "No diff of this task is guarded, so there is none to stage again."
            ),
            { Guarded.Step: GuardedStep.Applied } => TaskDecision.Refuse(
                FailureCodes.NotPossibleNow,
                $"The diff stands in {state.Guarded.Branch} already ({state.Guarded.Commit})."
            ),
            { Phase: TaskPhase.AwaitingApproval } or { Ended: true } => TaskDecision.Of(
                new TaskFact.TurnStarted(state.Turn + 1, TaskState.Restage, told.By, "")
            ),
            _ => TaskDecider.NotNow(state, "restage"),
        };

    /// <summary>The host's word on an apply; one of another patch, or after the end, is an echo.</summary>
    public static TaskDecision Reported(TaskState state, TaskReport report) =>
        (state.Guarded, report) switch
        {
            ({ Step: GuardedStep.Applying } g, TaskReport.Applied r) when r.Hash == g.Diff.Hash =>
                TaskDecision.Of(new TaskFact.Applied(r.Hash, r.Branch, r.Commit)),
            ({ Step: GuardedStep.Applying } g, TaskReport.ApplyRefused r)
                when r.Hash == g.Diff.Hash => TaskDecision.Of(
                new TaskFact.ApplyRefused(r.Hash, r.Failure)
            ),
            _ => TaskDecision.Echo,
        };
}
