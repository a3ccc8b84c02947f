using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Policy;

/// <summary>Who wants what, as far as the policy cares.</summary>
/// <param name="Requester">Name of the token, chat user or folder.</param>
/// <param name="Repository">Full path or name; empty = none.</param>
/// <param name="BaseBranch">As asked for; empty = the repository's HEAD.</param>
/// <param name="Kind">The kind of work, as far as it is known.</param>
/// <param name="ReadOnly">True when the plan does not let the agent write.</param>
/// <param name="Risk">The plan's <c>low</c>, <c>medium</c>, <c>high</c>; empty before it.</param>
/// <param name="Model">The agent's model asked for, or empty.</param>
/// <param name="FirstTime">True when none of the requester's tasks has ended well yet.</param>
public sealed record PolicyRequest(
    string Requester,
    string Repository,
    string BaseBranch,
    TaskKind Kind,
    bool ReadOnly,
    string Risk,
    string Model,
    bool FirstTime
);

/// <summary>Rules on requests, plans and real diffs by a policy. Pure; the strictest rule wins, and each ruling names its rule and line.</summary>
public static class PolicyEngine
{
    /// <summary>Before anything runs: repository, base branch, requester.</summary>
    public static PolicyRuling OnRequest(PolicyDocument policy, PolicyRequest request) =>
        new() { Stage = "request", Policy = policy.Id };

    /// <summary>When the kind of work is known: the lane, its rights, and whether the declared targets are allowed in it.</summary>
    public static PolicyRuling OnPlan(
        PolicyDocument policy,
        PolicyRequest request,
        IReadOnlyList<string> targetFiles
    ) => new() { Stage = "plan", Policy = policy.Id };

    /// <summary>The real work: every changed path under its old and new name, what kind of change it is, and how big the whole is.</summary>
    /// <param name="policy">The active policy.</param>
    /// <param name="request">Who wanted it.</param>
    /// <param name="lane">The lane in force, with the rights the run had: what either it or the policy's lane of that name forbids is forbidden.</param>
    /// <param name="diff">The real diff.</param>
    public static PolicyRuling OnDiff(
        PolicyDocument policy,
        PolicyRequest request,
        LaneRights? lane,
        DiffSummary diff
    ) => new() { Stage = "diff", Policy = policy.Id };

    /// <summary>Null when somebody may say yes to what a requester's task asks; else why not, with the way out.</summary>
    public static Failure? MayApprove(
        PolicyDocument policy,
        string approver,
        string requester,
        IReadOnlyList<string> roles
    ) => null;
}
