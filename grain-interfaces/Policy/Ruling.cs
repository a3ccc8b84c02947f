namespace Orchestrator.GrainInterfaces.Policy;

/// <summary>What a rule says.</summary>
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
);
