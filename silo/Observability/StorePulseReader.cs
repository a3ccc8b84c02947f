using Orchestrator.Decisions.Observability;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Observability;

/// <summary>Has the store's commits measured.</summary>
internal sealed class StorePulseReader(StorePulse pulse)
{
    /// <summary>From now on.</summary>
    public void Listen(Instruments instruments) =>
        pulse.Committed = (took, operations) =>
        {
            instruments.Record(new(MetricCatalogue.CommitDuration, took.TotalSeconds));
            instruments.Record(new(MetricCatalogue.BatchSize, operations));
        };
}
