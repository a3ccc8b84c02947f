using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Observability;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Observability;

/// <summary>
/// Sends the spans that facts end. They are made from the journal alone, so what is sent again after a crash is the same as before.
/// </summary>
[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace), OnControlSilos]
public sealed class TracesGrain(
    SubscriberServices services,
    TimeProvider time,
    ISpanSink sink,
    ILogger<TracesGrain> logger
) : SubscriberGrain(services, logger), ITracesGrain
{
    private const int KeptMax = 512;
    private const int ReadPage = 1_000;

    // A server that is told to export today does not send its whole history.
    private static readonly TimeSpan NewsMax = TimeSpan.FromHours(24);
    private readonly Dictionary<string, TurnTrace> kept = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <inheritdoc />
    protected override string Kind => "traces";

    /// <inheritdoc />
    protected override async Task<bool> HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        bool replay,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (!sink.Wanted)
        {
            return false;
        }
        var finished = new List<TraceSpan>();
        var since = time.GetUtcNow() - NewsMax;
        foreach (var entry in entries.Where(e => e.TaskId != TaskIds.System && e.At >= since))
        {
            var before = await BeforeAsync(entry, cancellationToken);
            var (after, spans) = before.Take(entry);
            Keep(entry.TaskId, after);
            finished.AddRange(spans);
        }
        if (finished.Count > 0)
        {
            await sink.SendAsync(finished, cancellationToken);
        }
        return finished.Count > 0;
    }

    private async Task<TurnTrace> BeforeAsync(
        JournalEntry entry,
        CancellationToken cancellationToken
    )
    {
        var trace = kept.GetValueOrDefault(entry.TaskId) ?? TurnTrace.Empty;
        if (trace.Version >= entry.Sequence)
        {
            trace = TurnTrace.Empty; // an older fact again
        }
        while (trace.Version < entry.Sequence - 1)
        {
            var page = await Journal.ReadTaskAsync(
                entry.TaskId,
                trace.Version,
                (int)Math.Min(ReadPage, entry.Sequence - 1 - trace.Version),
                cancellationToken
            );
            if (page.Count == 0)
            {
                break;
            }
            trace = page.Aggregate(trace, (t, e) => t.Take(e).After);
        }
        return trace;
    }

    private void Keep(string taskId, TurnTrace trace)
    {
        if (!kept.ContainsKey(taskId))
        {
            order.Enqueue(taskId);
        }
        kept[taskId] = trace;
        while (kept.Count > KeptMax)
        {
            kept.Remove(order.Dequeue());
        }
    }
}
