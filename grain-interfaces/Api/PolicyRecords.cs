using System.Text.Json.Serialization;

namespace Orchestrator.GrainInterfaces.Api;

/// <summary>A policy of the cluster.</summary>
/// <param name="Number">1 for the first that was set; 0 = the built-in one, which was never set.</param>
/// <param name="Id">Name and the first 12 hex digits of the text's SHA-256; rulings and artifacts carry it.</param>
/// <param name="FileName">The file that rulings cite.</param>
/// <param name="By">Who set it; empty for the built-in one.</param>
/// <param name="At">When, UTC; null for the built-in one.</param>
/// <param name="Text">The YAML; null in lists.</param>
public sealed record PolicyInfo(
    long Number,
    string Id,
    string FileName,
    string By,
    DateTimeOffset? At,
    string? Text
);

/// <summary>Answer of <c>GET /v1/policy/history</c>: the newest first.</summary>
public sealed record PolicyList(IReadOnlyList<PolicyInfo> Policies);

/// <summary>Body of <c>PUT /v1/policy</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SetPolicyRequest
{
    /// <summary>The YAML, at most 1 MiB. It must be whole: one problem refuses it, and the old policy stays.</summary>
    public string? Text { get; init; }

    /// <summary>Name of its file, without folders; rulings cite it. Default <c>policy.yaml</c>.</summary>
    public string? FileName { get; init; }

    /// <summary>Number of the policy that this one replaces; another in force meanwhile refuses it. Null = whichever is.</summary>
    public long? Replaces { get; init; }
}

/// <summary>Body of <c>POST /v1/tasks/{id}/apply-guarded</c>; optional.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ApplyRequest
{
    /// <summary>True: a branch that moved since is merged with; else that is refused.</summary>
    public bool ThreeWay { get; init; }
}
