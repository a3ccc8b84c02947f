using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Client;

/// <content>Calls about approvals, guarded diffs and the policy.</content>
public sealed partial class OrchestratorClient
{
    /// <summary>Answers what a task asks.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="yes">Yes or no.</param>
    /// <param name="note">In your words.</param>
    /// <param name="hash">SHA-256 of the diff you looked at, whole or its first 12 digits or more: another one is a conflict. Null = whichever is asked about.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public Task<TaskSnapshot> AnswerAsync(
        string taskId,
        bool yes,
        string? note = null,
        string? hash = null,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(
                HttpMethod.Post,
                $"v1/tasks/{Escape(taskId)}/{(yes ? "approve" : "reject")}"
            )
            {
                Content = Body(
                    new ActRequest { Reason = note, Hash = hash },
                    OrchestratorJson.Default.ActRequest
                ),
            },
            OrchestratorJson.Default.TaskSnapshot,
            cancellationToken
        );

    /// <summary>Begins to bring a task's approved diff into its repository; the task's <c>Guarded</c> says how it ends.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="threeWay">True: a branch that moved since is merged with.</param>
    /// <param name="cancellationToken">Leaves the call; what began is finished.</param>
    public Task<TaskSnapshot> ApplyGuardedAsync(
        string taskId,
        bool threeWay = false,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, $"v1/tasks/{Escape(taskId)}/apply-guarded")
            {
                Content = Body(
                    new ApplyRequest { ThreeWay = threeWay },
                    OrchestratorJson.Default.ApplyRequest
                ),
            },
            OrchestratorJson.Default.TaskSnapshot,
            cancellationToken
        );

    /// <summary>Brings a task's guarded diff onto the branch as it is now, checks it again and asks again.</summary>
    public Task<TaskSnapshot> RestageAsync(
        string taskId,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, $"v1/tasks/{Escape(taskId)}/restage"),
            OrchestratorJson.Default.TaskSnapshot,
            cancellationToken
        );

    /// <summary>The policy in force, with its text.</summary>
    public Task<PolicyInfo> GetPolicyAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/policy", OrchestratorJson.Default.PolicyInfo, cancellationToken);

    /// <summary>The policies that were set, the newest first, without their texts.</summary>
    public Task<PolicyList> ListPoliciesAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/policy/history", OrchestratorJson.Default.PolicyList, cancellationToken);

    /// <summary>Puts a policy in force in the whole cluster; one that is not whole is refused with all its problems.</summary>
    public Task<PolicyInfo> SetPolicyAsync(
        SetPolicyRequest request,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Put, "v1/policy")
            {
                Content = Body(request, OrchestratorJson.Default.SetPolicyRequest),
            },
            OrchestratorJson.Default.PolicyInfo,
            cancellationToken
        );
}
