namespace Orchestrator.GrainInterfaces.Policy;

/// <summary>What a rule says. Strictest first: deny, then needs approval, then allow.</summary>
public enum Verdict
{
    /// <summary>Go on.</summary>
    Allow = 0,

    /// <summary>Stop; the task fails.</summary>
    Deny = 1,

    /// <summary>A person must say yes first.</summary>
    NeedsApproval = 2,
}

/// <summary>A verdict with the rule that gave it.</summary>
/// <param name="Verdict">Allow, deny, or ask.</param>
/// <param name="Rule">The rule's name.</param>
/// <param name="Reason">One sentence; for a denial also the way out.</param>
/// <param name="Code">Failure code of a denial; empty otherwise.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.ruling")]
public sealed record Ruling(
    [property: Id(0)] Verdict Verdict,
    [property: Id(1)] string Rule,
    [property: Id(2)] string Reason,
    [property: Id(3)] string Code = ""
)
{
    /// <summary>Where the rule stands: <c>policy.yaml:12</c>; empty for rules that are no policy's.</summary>
    [Id(4)]
    public string Source
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>The path that the rule caught, relative to the repository; empty when it is about no path.</summary>
    [Id(5)]
    public string Path
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>How many different people must say yes; 0 unless <see cref="Verdict.NeedsApproval"/>.</summary>
    [Id(6)]
    public int Approvals { get; init; }

    /// <summary>Roles of which each approver must have one; empty = anybody who may approve.</summary>
    [Id(7)]
    public IReadOnlyList<string> Roles
    {
        get;
        init => field = value ?? [];
    } = [];
}
