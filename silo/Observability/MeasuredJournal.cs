using Orchestrator.Decisions.Observability;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Observability;

/// <summary>The journal, with what this silo itself recorded told to the recorder: in a cluster no fact is counted twice.</summary>
internal sealed class MeasuredJournal(
    IJournal inner,
    FactRecorder recorder,
    Instruments instruments,
    TimeProvider time
) : IJournal
{
    /// <inheritdoc />
    public async Task<AppendOutcome> AppendAsync(
        AppendRequest request,
        Durability durability,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        var began = time.GetTimestamp();
        var told = "failed";
        try
        {
            var outcome = await inner.AppendAsync(request, durability, cancellationToken);
            told = outcome switch
            {
                AppendOutcome.Conflict => "conflict",
                AppendOutcome.Fenced => "fenced",
                _ => durability == Durability.Wait ? "appended" : "",
            };
            if (outcome == AppendOutcome.Appended)
            {
                recorder.Take(
                    new CommittedFacts(
                        request.TaskId,
                        request.ExpectedVersion,
                        request.At,
                        request.Facts,
                        request.Head?.Phase ?? TaskPhase.None
                    )
                );
            }
            return outcome;
        }
        finally
        {
            // What rides along is answered before its commit: its time says nothing.
            if (told.Length > 0)
            {
                instruments.Record(
                    new(
                        MetricCatalogue.AppendDuration,
                        time.GetElapsedTime(began).TotalSeconds,
                        told
                    )
                );
            }
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadTaskAsync(
        string taskId,
        long afterSequence,
        int max,
        CancellationToken cancellationToken
    ) => inner.ReadTaskAsync(taskId, afterSequence, max, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadAllAsync(
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    ) => inner.ReadAllAsync(afterPosition, max, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadPartitionAsync(
        int partition,
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    ) => inner.ReadPartitionAsync(partition, afterPosition, max, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<ChainedFact>> ReadChainedAsync(
        string? taskId,
        long after,
        int max,
        CancellationToken cancellationToken
    ) => inner.ReadChainedAsync(taskId, after, max, cancellationToken);

    /// <inheritdoc />
    public Task<long> GetEndAsync(CancellationToken cancellationToken) =>
        inner.GetEndAsync(cancellationToken);

    /// <inheritdoc />
    public Task WaitBeyondAsync(long position, CancellationToken cancellationToken) =>
        inner.WaitBeyondAsync(position, cancellationToken);

    /// <inheritdoc />
    public Task<long> GetPartitionEndAsync(int partition, CancellationToken cancellationToken) =>
        inner.GetPartitionEndAsync(partition, cancellationToken);

    /// <inheritdoc />
    public Task<long> WaitPartitionAsync(
        int partition,
        long position,
        CancellationToken cancellationToken
    ) => inner.WaitPartitionAsync(partition, position, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> VerifyChainAsync(
        string? taskId,
        CancellationToken cancellationToken
    ) => inner.VerifyChainAsync(taskId, cancellationToken);
}

/// <summary>The journal as the store has it, which nobody else uses.</summary>
internal sealed record StoredJournal(IJournal Journal);
