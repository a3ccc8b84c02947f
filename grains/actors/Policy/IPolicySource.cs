using Orchestrator.Decisions.Policy;

namespace Orchestrator.Grains.Policy;

/// <summary>The policy that is in force in the whole cluster.</summary>
public interface IPolicySource
{
    /// <summary>
    /// The active policy; the built-in one when none was ever set. One that was set through another silo is seen within a
    /// second. Throws <see cref="Storage.StorageException"/> when the store does not answer: nothing is ruled on without it.
    /// </summary>
    Task<PolicyDocument> CurrentAsync(CancellationToken cancellationToken);
}
