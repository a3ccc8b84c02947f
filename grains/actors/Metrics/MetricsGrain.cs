using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Metrics;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Metrics;

/// <summary>
/// Feeds the instruments and has <c>metrics.json</c> written. The file comes from the rollups, so a fact seen twice does
/// no harm to it; the instruments count only what was recorded since the process' start.
/// </summary>
[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace), OnControlSilos]
public sealed class MetricsGrain(
    SubscriberServices services,
    Instruments instruments,
    MetricsFile file,
    MetricsStart start,
    ILogger<MetricsGrain> logger
) : SubscriberGrain(services, logger), IMetricsGrain
{
    private const int FactsMax = 100_000;
    private readonly TurnBeginnings beginnings = new();

    /// <inheritdoc />
    protected override string Kind => "metrics";

    /// <inheritdoc />
    protected override async Task<bool> HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        bool replay,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entries);
        var changed = false;
        foreach (var entry in entries)
        {
            changed |= entry.Fact is TaskFact.Submitted or TaskFact.RunEnded;
            changed |= EndedTurn.IsEnd(entry.Fact);
            beginnings.Note(entry);
            if (entry.At < start.At)
            {
                continue;
            }
            if (entry.Fact is TaskFact.RunEnded run)
            {
                instruments.Used(run.Result.Usage);
            }
            else if (EndedTurn.IsEnd(entry.Fact))
            {
                // From where the turn began: the thousandth turn of a task costs what the second did.
                var begun = beginnings.Of(entry.TaskId);
                var facts = await Journal.ReadTaskAsync(
                    entry.TaskId,
                    begun is null ? 0 : begun.Sequence - 1,
                    FactsMax,
                    cancellationToken
                );
                if (EndedTurn.Of(facts, entry.Sequence, begun?.Kind) is { } turn)
                {
                    instruments.Ended(turn);
                }
            }
        }
        if (changed)
        {
            file.Touch();
        }
        return false;
    }
}

/// <summary>Since when this process' instruments count, UTC.</summary>
public sealed record MetricsStart(DateTimeOffset At);
