using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Policy;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints of the cluster's policy.</summary>
internal static class PolicyEndpoints
{
    private const int HistoryMax = 100;
    private const int FileNameMax = 100;
    private const int TextMax = 1024 * 1024;

    /// <summary>Maps them.</summary>
    public static void MapPolicy(this WebApplication app)
    {
        app.MapGet("/v1/policy", GetAsync)
            .Is("get_policy", ScopeNeeded.Read, "The policy in force, with its text.")
            .Answers<PolicyInfo>();
        app.MapGet("/v1/policy/history", ListAsync)
            .Is(
                "list_policies",
                ScopeNeeded.Read,
                "The policies that were set, the newest first, at most 100, without their texts."
            )
            .Answers<PolicyList>();
        app.MapPut("/v1/policy", SetAsync)
            .Is(
                "set_policy",
                ScopeNeeded.Admin,
                "Put a policy in force in the whole cluster. One that is not whole is refused with all its problems, and the old one stays.",
                FailureCodes.Conflict
            )
            .Takes<PolicyRequest>()
            .Answers<PolicyInfo>(200, 201);
    }

    private static async Task<IResult> GetAsync(
        PolicySource source,
        IPolicyStore store,
        CancellationToken token
    )
    {
        var stored = await store.ListAsync(1, token);
        return ApiHosting.Json(
            stored.Count > 0
                ? Info(stored[0], stored[0].Text)
                : new PolicyInfo(
                    0,
                    (await source.CurrentAsync(token)).Id,
                    DefaultPolicy.FileName,
                    "",
                    null,
                    DefaultPolicy.Text
                ),
            OrchestratorJson.Compact.PolicyInfo
        );
    }

    private static async Task<IResult> ListAsync(IPolicyStore store, CancellationToken token) =>
        ApiHosting.Json(
            new PolicyList([
                .. (await store.ListAsync(HistoryMax, token)).Select(p => Info(p, null)),
            ]),
            OrchestratorJson.Compact.PolicyList
        );

    private static async Task<IResult> SetAsync(
        HttpContext context,
        PolicySource source,
        IPolicyStore store,
        IJournal journal,
        TimeProvider time
    )
    {
        var body = await Bodies.ReadAsync<SetPolicyRequest>(context);
        var name = body.FileName ?? "policy.yaml";
        if (
            body.Text is not { Length: > 0 and <= TextMax } text
            || name.Length is 0 or > FileNameMax
            || name.Any(c => char.IsControl(c) || c is '/' or '\\')
        )
        {
            throw Bodies.Refuse(
                "A policy needs 'text', the YAML itself, at most 1 MiB; 'file_name', if given, has no folders and at most 100 characters."
            );
        }
        var (policy, problems) = PolicyReader.Read(text, name);
        if (policy is null)
        {
            throw Bodies.Refuse(
                $"The policy has {problems.Count} problem{(problems.Count == 1 ? "" : "s")}, and the old one stays: "
                    + string.Join(
                        " ",
                        problems
                            .Take(20)
                            .Select(p => $"{name}:{p.Line}:{p.Column}: {p.Message}. {p.Cure}")
                    )
            );
        }
        var now = await store.ListAsync(1, context.RequestAborted);
        var number = now.Count > 0 ? now[0].Number : 0;
        if (now.Count > 0 && now[0].Id == policy.Id && now[0].FileName == name)
        {
            return ApiHosting.Json(Info(now[0], null), OrchestratorJson.Compact.PolicyInfo);
        }
        var by = (string)context.Items[Authentication.Requester]!;
        var stored = new StoredPolicy(number + 1, policy.Id, name, text, by, time.GetUtcNow());
        if (
            (body.Replaces is { } replaces && replaces != number)
            || !await source.SetAsync(stored, context.RequestAborted)
        )
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.Conflict,
                    $"Another policy is in force than the one to be replaced (number {number}). Look at it: orchestrator policy show."
                )
            );
        }
        // It is in force; that it is told in the system log must not depend on who is still listening.
        await journal.AppendAsync(
            new AppendRequest(
                TaskIds.System,
                -1,
                stored.At,
                [new TaskFact.PolicyActivated(policy.Id, by)],
                null
            ),
            Durability.Wait,
            CancellationToken.None
        );
        return ApiHosting.Json(Info(stored, null), OrchestratorJson.Compact.PolicyInfo, 201);
    }

    private static PolicyInfo Info(StoredPolicy policy, string? text) =>
        new(policy.Number, policy.Id, policy.FileName, policy.By, policy.At, text);
}
