using System.Text;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Artifacts;

namespace Orchestrator.Silo.Artifacts;

/// <summary>
/// The exported files, without their secrets: what a user typed into a request stays verbatim in the journal, which the
/// agent's prompt is made from, and nowhere else. Redacting JSON text keeps it JSON.
/// </summary>
internal sealed class RedactedExportFolder(ExportFolder folder, Redactor redactor) : IExportFolder
{
    /// <inheritdoc />
    public Task WriteArtifactAsync(
        string taskId,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    ) => folder.WriteArtifactAsync(taskId, Redacted(json), cancellationToken);

    /// <inheritdoc />
    public Task WriteIndexAsync(CancellationToken cancellationToken) =>
        folder.WriteIndexAsync(cancellationToken);

    /// <inheritdoc />
    public Task WriteGuardedAsync(
        string taskId,
        ReadOnlyMemory<byte>? patch,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    ) =>
        folder.WriteGuardedAsync(
            taskId,
            patch is { } bytes ? Redacted(bytes) : default(ReadOnlyMemory<byte>?),
            Redacted(json),
            cancellationToken
        );

    // A diff without a secret stays as it is, byte for byte, whatever its encoding.
    private ReadOnlyMemory<byte> Redacted(ReadOnlyMemory<byte> content)
    {
        var text = Encoding.UTF8.GetString(content.Span);
        var redacted = redactor.Redact(text);
        return redacted == text ? content : Encoding.UTF8.GetBytes(redacted);
    }

    /// <inheritdoc />
    public Task WriteSummaryAsync(
        string taskId,
        string text,
        CancellationToken cancellationToken
    ) => folder.WriteSummaryAsync(taskId, redactor.Redact(text), cancellationToken);

    /// <inheritdoc />
    public Task AppendEventsAsync(
        int partition,
        long position,
        bool replay,
        IReadOnlyList<string> lines,
        CancellationToken cancellationToken
    ) =>
        folder.AppendEventsAsync(
            partition,
            position,
            replay,
            [.. lines.Select(redactor.Redact)],
            cancellationToken
        );

    /// <inheritdoc />
    public Task<ArchiveOutcome> ArchiveTaskFileAsync(
        string taskId,
        TaskSpec spec,
        bool completed,
        CancellationToken cancellationToken
    ) => folder.ArchiveTaskFileAsync(taskId, spec, completed, cancellationToken);

    /// <inheritdoc />
    public Task<string> WriteMetricsAsync(
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    ) => folder.WriteMetricsAsync(json, cancellationToken);
}
