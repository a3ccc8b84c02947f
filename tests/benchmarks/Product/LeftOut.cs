using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Artifacts;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Benchmarks.Product;

/// <summary>Writes no file: the difference to a run with them is what the exported files cost.</summary>
internal sealed class NoExportFolder : IExportFolder
{
    /// <inheritdoc />
    public Task WriteArtifactAsync(
        string taskId,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    /// <inheritdoc />
    public Task WriteIndexAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task WriteGuardedAsync(
        string taskId,
        ReadOnlyMemory<byte>? patch,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    public Task WriteSummaryAsync(
        string taskId,
        string text,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    /// <inheritdoc />
    public Task AppendEventsAsync(
        int partition,
        long position,
        bool replay,
        IReadOnlyList<string> lines,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    /// <inheritdoc />
    public Task<ArchiveOutcome> ArchiveTaskFileAsync(
        string taskId,
        TaskSpec spec,
        bool completed,
        CancellationToken cancellationToken
    ) => Task.FromResult(new ArchiveOutcome("", ""));

    /// <inheritdoc />
    public Task<string> WriteMetricsAsync(
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    ) => Task.FromResult("");
}

/// <summary>The journal without hints of its partitions' commits: no subscriber is woken.</summary>
internal sealed class SilentJournal(IJournal own) : IJournal
{
    /// <inheritdoc />
    public Task<AppendOutcome> AppendAsync(
        AppendRequest request,
        Durability durability,
        CancellationToken cancellationToken
    ) => own.AppendAsync(request, durability, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<ChainedFact>> ReadChainedAsync(
        string? taskId,
        long after,
        int max,
        CancellationToken cancellationToken
    ) => own.ReadChainedAsync(taskId, after, max, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadTaskAsync(
        string taskId,
        long afterSequence,
        int max,
        CancellationToken cancellationToken
    ) => own.ReadTaskAsync(taskId, afterSequence, max, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadAllAsync(
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    ) => own.ReadAllAsync(afterPosition, max, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<JournalEntry>> ReadPartitionAsync(
        int partition,
        long afterPosition,
        int max,
        CancellationToken cancellationToken
    ) => own.ReadPartitionAsync(partition, afterPosition, max, cancellationToken);

    /// <inheritdoc />
    public Task<long> GetEndAsync(CancellationToken cancellationToken) =>
        own.GetEndAsync(cancellationToken);

    /// <inheritdoc />
    public Task WaitBeyondAsync(long position, CancellationToken cancellationToken) =>
        own.WaitBeyondAsync(position, cancellationToken);

    /// <inheritdoc />
    public Task<long> GetPartitionEndAsync(int partition, CancellationToken cancellationToken) =>
        own.GetPartitionEndAsync(partition, cancellationToken);

    /// <inheritdoc />
    public async Task<long> WaitPartitionAsync(
        int partition,
        long position,
        CancellationToken cancellationToken
    )
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return position;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> VerifyChainAsync(
        string? taskId,
        CancellationToken cancellationToken
    ) => own.VerifyChainAsync(taskId, cancellationToken);
}
