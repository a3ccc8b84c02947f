using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Grains.Artifacts;

/// <summary>What became of a task's file.</summary>
/// <param name="To">Where it lies now, full path; empty when there is none.</param>
/// <param name="Error">Why it could not be moved; empty otherwise.</param>
public sealed record ArchiveOutcome(string To, string Error);

/// <summary>The exported files: <c>results/</c>, <c>summaries/</c>, <c>logs/</c>, the task-file archive. Each write is whole or not there (temporary name, then rename).</summary>
public interface IExportFolder
{
    /// <summary>Writes <c>results/ID.json</c> and notes it for the index, which <see cref="WriteIndexAsync"/> writes.</summary>
    Task WriteArtifactAsync(
        string taskId,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    );

    /// <summary>Returns when every artifact written before stands in <c>results/index.json</c>; callers at the same time share one write.</summary>
    Task WriteIndexAsync(CancellationToken cancellationToken);

    /// <summary>Writes <c>results/guarded/ID.diff</c> (left as it is when null) and <c>ID.json</c>, which says what it is and where it stands.</summary>
    Task WriteGuardedAsync(
        string taskId,
        ReadOnlyMemory<byte>? patch,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    );

    /// <summary>Writes <c>summaries/ID_summary.txt</c>.</summary>
    Task WriteSummaryAsync(string taskId, string text, CancellationToken cancellationToken);

    /// <summary>Appends lines to <c>logs/events.ndjson</c>, rotating by size; lines at or before the position already written are skipped. With <paramref name="replay"/> they are an older, buried fact's: skipped only when that very position was replayed before.</summary>
    Task AppendEventsAsync(
        int partition,
        long position,
        bool replay,
        IReadOnlyList<string> lines,
        CancellationToken cancellationToken
    );

    /// <summary>Moves the task's source file to <c>tasks/processed</c> under its archive name. May be repeated; a file whose content is no longer the task's stays.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="spec">Where its file lies and what its content was.</param>
    /// <param name="completed">True when the task ended well.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ArchiveOutcome> ArchiveTaskFileAsync(
        string taskId,
        TaskSpec spec,
        bool completed,
        CancellationToken cancellationToken
    );

    /// <summary>Writes <c>logs/metrics.json</c> and returns its full path.</summary>
    Task<string> WriteMetricsAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken);
}
