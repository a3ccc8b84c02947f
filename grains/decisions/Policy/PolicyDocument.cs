namespace Orchestrator.Decisions.Policy;

/// <summary>A policy that was read and found whole.</summary>
public sealed record PolicyDocument
{
    /// <summary>Its name and the first 12 hex digits of the SHA-256 of its text.</summary>
    public required string Id { get; init; }

    /// <summary>True when a rule asks whether it is the requester's first task.</summary>
    public bool AsksFirstTime { get; init; }
}
