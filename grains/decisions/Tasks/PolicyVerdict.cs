using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>What follows from the policy's word on a request, a plan and the real work. Part of the decider's table.</summary>
public static class PolicyVerdict
{
    /// <summary>True when the policy has a word in what is told; everything else is decided without looking it up.</summary>
    public static bool Matters(TaskState state, TaskInput told) =>
        state?.Spec is not null
        && told
            is TaskInput.Reported
                {
                    Report: TaskReport.Screened
                        or TaskReport.PlanMade
                        or TaskReport.Verified
                        or TaskReport.RunEnded { Result.ErrorClass: ErrorClass.PolicyViolation }
                }
                or TaskInput.Answered { Yes: true }
                or TaskInput.HandOverAsked
                or TaskInput.Replied;

    /// <summary>The host's screening and the policy's: the strictest counts.</summary>
    internal static TaskDecision Screened(
        TaskState state,
        TaskReport.Screened report,
        TaskInput.Reported told,
        TaskLimits limits
    )
    {
        var screened = new TaskFact.Screened(report.Turn, report.Ruling);
        if (report.Ruling.Verdict == Verdict.Deny)
        {
            return TaskDecision.Of(screened, Denied(report.Ruling, ErrorClass.Config));
        }
        if (told.Policy is not { } policy)
        {
            return report.Ruling.Verdict == Verdict.NeedsApproval
                ? TaskDecision.Of(
                    screened,
                    new TaskFact.ApprovalAsked(
                        report.Ruling.Reason,
                        TaskPhase.Mediating,
                        told.Now + limits.ApprovalWaitMax
                    )
                )
                : TaskDecision.Of(screened);
        }
        var ruling = PolicyEngine.OnRequest(policy, Request(state, null, told));
        if (ruling.Verdict == Verdict.Allow && report.Ruling.Verdict == Verdict.Allow)
        {
            return TaskDecision.Of(screened); // nothing to tell; the plan's ruling names the policy
        }
        return After(
            state,
            [screened],
            ruling.Verdict == Verdict.Allow && report.Ruling.Verdict == Verdict.NeedsApproval
                ? ruling with
                {
                    Verdict = Verdict.NeedsApproval,
                    Approvals = 1,
                    Rulings = [report.Ruling],
                }
                : ruling,
            TaskPhase.Mediating,
            told.Now,
            limits
        );
    }

    /// <summary>The plan names the kind of work, and with it the lane.</summary>
    internal static TaskDecision Planned(
        TaskState state,
        TaskReport.PlanMade report,
        TaskInput.Reported told,
        TaskLimits limits
    )
    {
        var planned = new TaskFact.PlanMade(report.Turn, report.Plan);
        if (told.Policy is not { } policy)
        {
            return TaskDecision.Of(planned);
        }
        var ruling = PolicyEngine.OnPlan(
            policy,
            Request(state, report.Plan, told),
            report.Plan.TargetFiles
        );
        var questions = Math.Min(ruling.Lane?.QuestionsMax ?? 0, report.Plan.Questions.Count);
        return questions > 0 && ruling.Verdict != Verdict.Deny && state.Clarified.Length == 0
            ? Ask(state, report.Plan, questions, [planned], ruling, told.Now, limits)
            : After(state, [planned], ruling, TaskPhase.Queued, told.Now, limits);
    }

    // Once in a turn: what comes back is mediated again, and then it is planned with what is known.
    private static TaskDecision Ask(
        TaskState state,
        Plan plan,
        int questions,
        IReadOnlyList<TaskFact> facts,
        PolicyRuling ruling,
        DateTimeOffset now,
        TaskLimits limits
    ) =>
        TaskDecision.Of([
            .. facts,
            new TaskFact.Ruled(state.Turn, ruling),
            new TaskFact.ApprovalAsked(
                "Answer by a reply: " + string.Join(" ", plan.Questions.Take(questions)),
                TaskPhase.Mediating,
                now + limits.QuestionsWaitMax
            )
            {
                Questions = [.. plan.Questions.Take(questions)],
                Assumptions = [.. plan.Assumptions.Take(questions)],
            },
        ]);

    /// <summary>The policy's word on the real work, or null when none is in force.</summary>
    internal static PolicyRuling? OnWork(TaskState state, TaskInput told) =>
        told.Policy is { } policy
            ? PolicyEngine.OnDiff(
                policy,
                Request(state, state.Plan, told),
                state.Lane,
                state is { Lane.Write: LaneWrite.None, WorkUntouched: true }
                    ? new DiffSummary()
                    : state.Result?.Diff ?? new DiffSummary()
            )
            : null;

    /// <summary>Accepted work that the policy lets go, or wants people to look at first.</summary>
    internal static TaskDecision Accepted(
        TaskState state,
        IReadOnlyList<TaskFact> facts,
        PolicyRuling? ruling,
        DateTimeOffset now,
        TaskLimits limits
    )
    {
        var ruled = ruling is null ? facts : [.. facts, new TaskFact.Ruled(state.Turn, ruling)];
        if (ruling is not { Verdict: Verdict.NeedsApproval })
        {
            return TaskDecision.Of([.. ruled, .. DeliveryVerdict.HandOver(state)]);
        }
        var diff = state.Result!.Diff;
        // The name of the blob is the hash of its content.
        var guarded = new GuardedDiff
        {
            Hash = diff.PatchBlob,
            BaseCommit = diff.BaseCommit,
            Branch = state.Workspace?.Branch ?? "",
            Rule =
                ruling.Rulings.Count > 0
                    ? $"{ruling.Rulings[0].Rule} ({ruling.Rulings[0].Source})"
                    : "",
            Policy = ruling.Policy,
            Expires = now + GuardedFor(state, limits),
            Approvals = Math.Max(1, ruling.Approvals),
        };
        return TaskDecision.Of([
            .. ruled,
            new TaskFact.Staged(state.Turn, guarded),
            Asked(ruling, TaskPhase.Delivering, diff.PatchBlob, now, limits),
        ]);
    }

    /// <summary>The failure that a denial is.</summary>
    internal static TaskFact.Failed Denied(Ruling ruling, ErrorClass errorClass) =>
        new(
            new Failure(
                ruling.Code.Length > 0 ? ruling.Code : FailureCodes.PolicyDenied,
                ruling.Source.Length > 0
                    ? $"{ruling.Reason} (rule {ruling.Rule}, {ruling.Source})"
                    : ruling.Reason
            ),
            errorClass
        );

    private static TaskDecision After(
        TaskState state,
        IReadOnlyList<TaskFact> facts,
        PolicyRuling ruling,
        TaskPhase returnTo,
        DateTimeOffset now,
        TaskLimits limits
    )
    {
        IReadOnlyList<TaskFact> ruled = [.. facts, new TaskFact.Ruled(state.Turn, ruling)];
        return ruling.Verdict switch
        {
            Verdict.Allow => TaskDecision.Of(ruled),
            Verdict.NeedsApproval => TaskDecision.Of([
                .. ruled,
                Asked(ruling, returnTo, "", now, limits),
            ]),
            _ => TaskDecision.Of([.. ruled, Denied(ruling.Rulings[0], ErrorClass.PolicyViolation)]),
        };
    }

    private static TaskFact.ApprovalAsked Asked(
        PolicyRuling ruling,
        TaskPhase returnTo,
        string hash,
        DateTimeOffset now,
        TaskLimits limits
    ) =>
        new(
            string.Join(
                " ",
                ruling
                    .Rulings.Where(r => r.Verdict == Verdict.NeedsApproval)
                    .Take(3)
                    .Select(r =>
                        r.Source.Length > 0 ? $"{r.Reason} (rule {r.Rule}, {r.Source})" : r.Reason
                    )
            ),
            returnTo,
            now + limits.ApprovalWaitMax
        )
        {
            Approvals = Math.Max(1, ruling.Approvals),
            Roles = ruling.Roles,
            Hash = hash,
        };

    private static TimeSpan GuardedFor(TaskState state, TaskLimits limits) =>
        state.Lane is { GuardedHours: > 0 } lane
            ? TimeSpan.FromHours(lane.GuardedHours)
            : limits.GuardedFor;

    private static PolicyRequest Request(TaskState state, Plan? plan, TaskInput told) =>
        new(
            state.Speaker,
            state.Spec!.Repository,
            state.Spec.BaseBranch.Length > 0
                ? state.Spec.BaseBranch
                : state.Workspace?.Branch ?? "",
            plan?.Kind ?? state.Spec.Kind,
            plan?.ReadOnly ?? false,
            plan?.Risk ?? "",
            state.Spec.Model,
            told.FirstTime
        );
}
