using Microsoft.Extensions.Logging;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Runners;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Metrics;

/// <summary>Has <c>metrics.json</c> written when its numbers changed. The file comes from the rollups, so a fact seen twice does no harm.</summary>
[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace), OnControlSilos]
public sealed class MetricsGrain(
    SubscriberServices services,
    MetricsFile file,
    ILogger<MetricsGrain> logger
) : SubscriberGrain(services, logger), IMetricsGrain
{
    /// <inheritdoc />
    protected override string Kind => "metrics";

    /// <inheritdoc />
    protected override Task<bool> HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        bool replay,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (
            entries.Any(e =>
                e.Fact
                    is TaskFact.Submitted
                        or TaskFact.RunEnded
                        or TaskFact.Delivered
                        or TaskFact.Failed
                        or TaskFact.Cancelled
            )
        )
        {
            file.Touch();
        }
        return Task.FromResult(false);
    }
}
