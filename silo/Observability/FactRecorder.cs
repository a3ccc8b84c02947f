using System.Threading.Channels;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Observability;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Observability;

/// <summary>
/// Measures the facts that this silo recorded, behind the appends: they wait for nothing here. What does not fit the
/// buffer is not measured, and counted as dropped.
/// </summary>
internal sealed class FactRecorder(
    StoredJournal stored,
    StorePulseReader pulse,
    Instruments instruments
) : BackgroundService
{
    private const int BufferMax = 8_192;
    private const int ClocksMax = 4_096;
    private const int ReadPage = 1_000;
    private const int PagesMax = 10;

    private readonly Channel<CommittedFacts> buffer = Channel.CreateBounded<CommittedFacts>(
        new BoundedChannelOptions(BufferMax) { SingleReader = true }
    );
    private readonly Dictionary<string, TurnClock> clocks = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <summary>Takes facts that stand in the journal.</summary>
    public void Take(CommittedFacts committed)
    {
        if (!buffer.Writer.TryWrite(committed))
        {
            instruments.Record(new(MetricCatalogue.Dropped, committed.Facts.Count, "facts"));
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        pulse.Listen(instruments);
        try
        {
            await foreach (var committed in buffer.Reader.ReadAllAsync(stoppingToken))
            {
                var clock = await ClockAsync(committed, stoppingToken);
                var (measured, after) = FactMeter.Measure(clock, committed);
                foreach (var measurement in measured)
                {
                    instruments.Record(measurement);
                }
                if (committed.TaskId != TaskIds.System)
                {
                    Keep(committed.TaskId, after);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left would be counted from 0 by the next life.
        }
    }

    // A task that another silo, or an earlier life, had before is read once.
    private async Task<TurnClock> ClockAsync(
        CommittedFacts committed,
        CancellationToken cancellationToken
    )
    {
        if (
            committed.TaskId == TaskIds.System
            || committed.Before <= 0
            || clocks.GetValueOrDefault(committed.TaskId) is not { } known
        )
        {
            known = TurnClock.Unknown;
        }
        if (committed.Before <= 0 || known.Version == committed.Before)
        {
            return known;
        }
        var (clock, state) = (TurnClock.Unknown, TaskState.Empty);
        try
        {
            for (var page = 0; page < PagesMax && clock.Version < committed.Before; page++)
            {
                var entries = await stored.Journal.ReadTaskAsync(
                    committed.TaskId,
                    clock.Version,
                    (int)Math.Min(ReadPage, committed.Before - clock.Version),
                    cancellationToken
                );
                if (entries.Count == 0)
                {
                    break;
                }
                foreach (var entry in entries)
                {
                    state = state.After(entry.Fact, entry.At);
                    var one = new CommittedFacts(
                        entry.TaskId,
                        entry.Sequence - 1,
                        entry.At,
                        [entry.Fact],
                        state.Phase
                    );
                    clock = FactMeter.Measure(clock, one).After;
                }
            }
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, cancellationToken))
        {
            return TurnClock.Unknown;
        }
        return clock.Version == committed.Before ? clock : TurnClock.Unknown;
    }

    private void Keep(string taskId, TurnClock clock)
    {
        if (!clocks.ContainsKey(taskId))
        {
            order.Enqueue(taskId);
        }
        clocks[taskId] = clock;
        while (clocks.Count > ClocksMax)
        {
            clocks.Remove(order.Dequeue());
        }
    }
}
