using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Grains.Delivery;

/// <summary>Takes hints of hosts of tickets.</summary>
public interface ITicketEvents
{
    /// <summary>Tells what happened on a ticket. May be told twice and out of order; must return within seconds. An exception means: tell again later.</summary>
    /// <returns>How many of our tasks or rules it concerned; 0 = none of ours, and the delivery is marked ignored.</returns>
    Task<int> TellAsync(TicketEvent told, CancellationToken cancellationToken);
}
