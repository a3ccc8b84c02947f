namespace Orchestrator.Grains.Artifacts;

/// <summary>The exported files: <c>results/</c>, <c>summaries/</c>, <c>logs/</c>, the task-file archive. Each write is whole or not there (temporary name, then rename).</summary>
public interface IExportFolder
{
    /// <summary>Writes <c>results/ID.json</c> and the index entry.</summary>
    Task WriteArtifactAsync(
        string taskId,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    );

    /// <summary>Writes <c>summaries/ID_summary.txt</c>.</summary>
    Task WriteSummaryAsync(string taskId, string text, CancellationToken cancellationToken);

    /// <summary>Appends lines to <c>logs/events.ndjson</c>, rotating by size; lines at or before the position already written are skipped.</summary>
    Task AppendEventsAsync(
        int partition,
        long position,
        IReadOnlyList<string> lines,
        CancellationToken cancellationToken
    );

    /// <summary>Moves the task's source file to <c>tasks/processed</c> under its archive name; a missing file is fine.</summary>
    Task ArchiveTaskFileAsync(
        string sourceFile,
        string taskId,
        bool completed,
        CancellationToken cancellationToken
    );

    /// <summary>Writes <c>logs/metrics.json</c>.</summary>
    Task WriteMetricsAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken);
}
