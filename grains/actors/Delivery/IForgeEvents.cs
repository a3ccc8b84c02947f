using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Grains.Delivery;

/// <summary>Takes hints of hosts of pull requests.</summary>
public interface IForgeEvents
{
    /// <summary>Wakes the pull requests that the event may be about. May be told twice and out of order.</summary>
    /// <returns>How many were woken; 0 = none of ours.</returns>
    Task<int> TellAsync(ForgeEvent told, CancellationToken cancellationToken);
}
