using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Artifacts;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Delivery;

/// <summary>Exports results, summaries and events as files. At least once: each export looks at what is there, or writes the same again.</summary>
[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace), OnControlSilos]
public sealed class FilesGrain(
    SubscriberServices services,
    IBlobStore blobs,
    IExportFolder folder,
    ILogger<FilesGrain> logger
) : SubscriberGrain(services, logger), IFilesGrain
{
    private const int FactsMax = 100_000;
    private readonly TaskFolds folds = new(services.Journal);
    private const int OutputTextMax = 4 * 1024 * 1024;

    /// <inheritdoc />
    protected override string Kind => "files";

    /// <inheritdoc />
    protected override async Task<bool> HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        bool replay,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entries);
        var lines = new List<string>();
        foreach (var group in entries.GroupBy(e => e.TaskId))
        {
            lines.AddRange(await ExportAsync(group.Key, [.. group], cancellationToken));
        }
        if (lines.Count > 0)
        {
            await folder.WriteIndexAsync(cancellationToken);
            await folder.AppendEventsAsync(
                Partition,
                entries[^1].Position,
                replay,
                lines,
                cancellationToken
            );
        }
        return lines.Count > 0;
    }

    private static bool IsEnd(TaskFact fact) =>
        fact is TaskFact.Delivered or TaskFact.Failed or TaskFact.Cancelled;

    private static bool IsNextPush(TaskFact fact, TaskState state) =>
        fact is TaskFact.BranchPushed && state.PullRequestOpen;

    private static bool TouchesGuarded(TaskFact fact) =>
        fact
            is TaskFact.Staged
                or TaskFact.Approved
                or TaskFact.Rejected
                or TaskFact.ApplyStarted
                or TaskFact.Applied
                or TaskFact.ApplyRefused;

    private async Task<List<string>> ExportAsync(
        string taskId,
        List<JournalEntry> fresh,
        CancellationToken cancellationToken
    )
    {
        var lines = new List<string>();
        if (taskId == TaskIds.System)
        {
            // The system log is no task: its facts speak for themselves, and it may be long.
            lines.AddRange(fresh.SelectMany(e => EventLines.Of(e, TaskState.Empty)));
            return lines;
        }
        var state = await folds.BeforeAsync(taskId, fresh[0].Sequence, cancellationToken);
        foreach (var entry in fresh)
        {
            state = state.After(entry.Fact, entry.At);
            lines.AddRange(EventLines.Of(entry, state));
            if (TouchesGuarded(entry.Fact) && state.Guarded is { } guarded)
            {
                await folder.WriteGuardedAsync(
                    taskId,
                    entry.Fact is TaskFact.Staged
                        ? await blobs.GetAsync(guarded.Diff.Hash, cancellationToken)
                        : null,
                    PolicyRecord.GuardedNote(taskId, state),
                    cancellationToken
                );
            }
            // What was applied or pushed belongs into the record too; a pushed turn may be in review for days.
            if (
                IsEnd(entry.Fact)
                || entry.Fact is TaskFact.Applied or TaskFact.PullRequestOpened
                || IsNextPush(entry.Fact, state)
            )
            {
                lines.AddRange(await EndAsync(taskId, entry, state, cancellationToken));
            }
        }
        folds.Keep(taskId, state);
        return lines;
    }

    private async Task<List<string>> EndAsync(
        string taskId,
        JournalEntry end,
        TaskState state,
        CancellationToken cancellationToken
    )
    {
        var lines = new List<string>();
        // What the artifact quotes begins here: the cost of a turn's end must not grow with the turns before it.
        var first = state.Said.Count > 0 ? state.Said[0].Sequence - 1 : 0;
        var known = await Journal.ReadTaskAsync(
            taskId,
            first,
            (int)Math.Min(FactsMax, end.Sequence - first),
            cancellationToken
        );
        var extras = new ArtifactExtras(
            await OutputAsync(state, cancellationToken),
            1,
            state.Agent?.Executable ?? ""
        );
        // The summary first: whoever is told of the end finds it there.
        await folder.WriteSummaryAsync(taskId, SummaryText.Write(taskId, state), cancellationToken);
        lines.Add(EventLines.Extra(end, state, "summarized"));
        await folder.WriteArtifactAsync(
            taskId,
            ArtifactWriter.Write(taskId, state, known, extras),
            cancellationToken
        );
        lines.Add(EventLines.Extra(end, state, "artifacts_written"));
        await CondenseAsync(taskId, state, cancellationToken);
        if (state.Spec is { SourceFile.Length: > 0 } spec)
        {
            var archive = await folder.ArchiveTaskFileAsync(
                taskId,
                spec,
                state.Phase is TaskPhase.Done or TaskPhase.InReview,
                cancellationToken
            );
            if (archive.Error.Length > 0)
            {
                lines.Add(
                    EventLines.Extra(end, state, "task_archive_failed", "error", archive.Error)
                );
            }
            else if (archive.To.Length > 0)
            {
                lines.Add(EventLines.Extra(end, state, "task_archived", "to", archive.To));
            }
        }
        return lines;
    }

    // The summary stands already; where a model made the plan it may say the agent's answer shorter, in its own time.
    private Task CondenseAsync(
        string taskId,
        TaskState state,
        CancellationToken cancellationToken
    ) =>
        state is { Plan.Mode: MediationMode.Llama, Result.ResultText: { Length: > 0 } answer }
            ? GrainFactory
                .GetGrain<IMediatorGrain>(Partition)
                .SummarizeAsync(
                    taskId,
                    SummaryText.Head(taskId, state),
                    answer,
                    SummaryText.Tail(taskId, state),
                    cancellationToken
                )
            : Task.CompletedTask;

    private async Task<string> OutputAsync(TaskState state, CancellationToken cancellationToken)
    {
        if (
            state.Result is not { OutputBlob.Length: > 0 } result
            || await blobs.GetAsync(result.OutputBlob, cancellationToken) is not { } packed
        )
        {
            return "";
        }
        using var source = new MemoryStream(packed.ToArray());
        await using var gzip = new GZipStream(source, CompressionMode.Decompress);
        var buffer = new byte[OutputTextMax];
        var n = await gzip.ReadAtLeastAsync(
            buffer,
            buffer.Length,
            throwOnEndOfStream: false,
            cancellationToken
        );
        return Encoding.UTF8.GetString(buffer, 0, n);
    }
}
