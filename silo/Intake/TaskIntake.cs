using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Intake;

/// <summary>
/// Watches the folder of task files. A change is a hint, a slow look at the whole folder the net. A file stays where it is
/// while its task lives or while there is no place in the queue; what cannot be taken is answered and moved aside.
/// </summary>
internal sealed partial class TaskIntake(
    TaskInbox inbox,
    TaskFolder folders,
    IGrainFactory grains,
    ITaskIndex index,
    IntakeRefusals refusals,
    IOptions<IntakeOptions> settings,
    TimeProvider time,
    ILogger<TaskIntake> logger
) : BackgroundService
{
    /// <summary>The requester of what the folder brings.</summary>
    public const string Requester = "files";

    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FullPauseMax = TimeSpan.FromMinutes(1);

    private readonly IntakeOptions options = settings.Value;
    private readonly Dictionary<string, Seen> seen = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim hint = new(0, 1);
    private DateTimeOffset rescanned;
    private DateTimeOffset fullUntil;
    private int fullInARow;

    private enum Stage
    {
        Waiting,
        Taken,
        Refused,
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        hint.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Watch)
        {
            return;
        }
        FileSystemWatcher? watcher = null;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                TimeSpan wait;
                try
                {
                    wait = await PassAsync(stoppingToken);
                    watcher ??= Watch();
                }
                catch (Exception e) when (LoopFault.IsOutlived(e, stoppingToken))
                {
                    LogPass(logger, e);
                    wait = FaultPause;
                }
                await hint.WaitAsync(wait, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops; what is in the folder is there at the next start.
        }
        finally
        {
            watcher?.Dispose();
        }
    }

    private FileSystemWatcher? Watch()
    {
        try
        {
            var watcher = new FileSystemWatcher(inbox.Folder, "*.md")
            {
                NotifyFilter =
                    NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size,
                InternalBufferSize = 65_536,
            };
            watcher.Created += (_, _) => Hint();
            watcher.Changed += (_, _) => Hint();
            watcher.Renamed += (_, _) => Hint();
            watcher.Deleted += (_, _) => Hint();
            watcher.Error += (_, _) => Hint();
            watcher.EnableRaisingEvents = true;
            Hint(); // what came before the watcher stood
            return watcher;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNoWatcher(logger, inbox.Folder, options.Rescan, e);
            return null;
        }
    }

    private void Hint()
    {
        lock (hint)
        {
            if (hint.CurrentCount == 0)
            {
                hint.Release();
            }
        }
    }

    /// <summary>Looks at every file once. Returns after which time to look again without a hint.</summary>
    private async Task<TimeSpan> PassAsync(CancellationToken cancellationToken)
    {
        var files = inbox.List();
        var names = files.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in seen.Keys.Where(n => !names.Contains(n)).ToList())
        {
            seen.Remove(gone);
        }
        var now = time.GetUtcNow();
        var rescan = now - rescanned >= options.Rescan;
        rescanned = rescan ? now : rescanned;
        var next = options.Rescan;
        foreach (var file in files)
        {
            var entry = Note(file);
            if (entry.Stage != Stage.Waiting)
            {
                if (rescan)
                {
                    await TidyAsync(file, entry, cancellationToken);
                }
                continue;
            }
            var quiet = time.GetUtcNow() - entry.Since;
            var later =
                quiet < options.Debounce ? options.Debounce - quiet
                : fullUntil > time.GetUtcNow() ? fullUntil - time.GetUtcNow()
                : await TakeAsync(file, entry, quiet, cancellationToken);
            next = later is { } due && due < next ? due : next;
        }
        return next > TimeSpan.Zero ? next : TimeSpan.FromMilliseconds(1);
    }

    private Seen Note(FileInfo file)
    {
        var now = time.GetUtcNow();
        var stamp = (file.Length, file.LastWriteTimeUtc);
        if (!seen.TryGetValue(file.Name, out var entry))
        {
            // A file that was moved in whole is as old as its content: it need not be waited for.
            var written = new DateTimeOffset(file.LastWriteTimeUtc);
            entry = new Seen { Stamp = stamp, Since = written < now ? written : now };
            seen[file.Name] = entry;
        }
        else if (entry.Stamp != stamp)
        {
            seen[file.Name] = entry = new Seen { Stamp = stamp, Since = now };
        }
        return entry;
    }

    private async Task<TimeSpan?> TakeAsync(
        FileInfo file,
        Seen entry,
        TimeSpan quiet,
        CancellationToken cancellationToken
    )
    {
        var (reading, key) = await ReadAsync(file, cancellationToken);
        if (reading is null)
        {
            LogHeld(logger, file.Name);
            return FaultPause;
        }
        if (reading.File is not { } task)
        {
            if (quiet < options.Settle)
            {
                return options.Settle - quiet; // its writer may only be slow
            }
            await RefuseAsync(file, entry, reading.Problems, FailureCodes.InvalidRequest);
            return null;
        }
        foreach (var warning in reading.Warnings)
        {
            LogIgnored(logger, file.Name, warning.Line, warning.Message);
        }
        var (found, outside) = folders.Resolve(task.Cwd);
        if (found is null)
        {
            await RefuseAsync(
                file,
                entry,
                [new TaskFileFinding(task.CwdLine, "Invalid cwd: " + outside!.Message, "")],
                outside.Code
            );
            return null;
        }
        var (spec, failure) = TaskFileSpec.Of(task, found, file.FullName, key);
        if (spec is null)
        {
            await RefuseAsync(
                file,
                entry,
                [new TaskFileFinding(1, failure!.Message.TrimEnd('.'), "")],
                failure.Code
            );
            return null;
        }
        // A file that names a task which is there says how it goes on.
        return
            spec.ParentTaskId.Length > 0
            && await grains.GetGrain<ITaskGrain>(spec.ParentTaskId).GetAsync(cancellationToken)
                is not null
            ? await ReplyAsync(file, entry, task, key, cancellationToken)
            : await SubmitAsync(file, entry, task.Id, spec, cancellationToken);
    }

    private async Task<(TaskFileReading? Reading, string Key)> ReadAsync(
        FileInfo file,
        CancellationToken cancellationToken
    )
    {
        if (file.LinkTarget is not null)
        {
            var link = new TaskFileFinding(1, "File is a link", "Put the file itself here.");
            return (new TaskFileReading(null, [link], []), "");
        }
        if (file.Length > TaskFileReader.BytesMax)
        {
            return (TaskFileReader.TooLarge(file.Length), "");
        }
        if (file.Length == 0)
        {
            // Not opened: on Linux a pipe has no length either, and opening it would wait for ever.
            return (TaskFileReader.Read(file.Name, ""), "");
        }
        return await inbox.ReadAsync(file.FullName, cancellationToken) is { } content
            ? (TaskFileReader.Read(file.Name, content), TaskInbox.KeyOf(content))
            : (null, "");
    }

    private async Task<TimeSpan?> SubmitAsync(
        FileInfo file,
        Seen entry,
        string taskId,
        TaskSpec spec,
        CancellationToken cancellationToken
    )
    {
        var answer = await grains.GetGrain<ITaskGrain>(taskId).SubmitAsync(spec, cancellationToken);
        if (answer.Failure is { RetryAfterSeconds: > 0 } full)
        {
            // Nothing is lost and nothing is hurried: the file stays, the waits grow, the queue has told everybody.
            var pause =
                TimeSpan.FromSeconds(full.RetryAfterSeconds) * (1 << Math.Min(fullInARow, 4));
            pause = pause < FullPauseMax ? pause : FullPauseMax;
            fullInARow++;
            fullUntil = time.GetUtcNow() + pause;
            LogWaits(logger, file.Name, full.Code, pause);
            return pause;
        }
        fullInARow = 0;
        if (answer.Failure is { } failure)
        {
            var cure =
                failure.Code == FailureCodes.Conflict
                    ? $"Give this file an id of its own: the task '{taskId}' keeps the content it was accepted with."
                    : "";
            await RefuseAsync(
                file,
                entry,
                [new TaskFileFinding(1, failure.Message.TrimEnd('.'), cure)],
                failure.Code
            );
            return null;
        }
        entry.Stage = Stage.Taken;
        entry.TaskId = taskId;
        entry.Key = spec.IdempotencyKey;
        if (!answer.AlreadyThere)
        {
            LogTaken(logger, file.Name, taskId);
        }
        else if (Ended(answer.Snapshot!.Phase))
        {
            await ArchiveAsync(file, entry, answer.Snapshot.Phase, cancellationToken);
        }
        return null;
    }

    // The subscriber archives at a task's end; this catches what it could not move, and second files of one task.
    private async Task TidyAsync(FileInfo file, Seen entry, CancellationToken cancellationToken)
    {
        if (entry.Stage == Stage.Refused)
        {
            await inbox.RejectAsync(file.FullName, entry.To, entry.Answer, cancellationToken);
            return;
        }
        var head = await index.FindAsync(entry.TaskId, cancellationToken);
        if (
            head is not null
            && Ended(head.Phase)
            && time.GetUtcNow() - head.UpdatedAt > options.Rescan
        )
        {
            await ArchiveAsync(file, entry, head.Phase, cancellationToken);
        }
    }

    private async Task ArchiveAsync(
        FileInfo file,
        Seen entry,
        TaskPhase phase,
        CancellationToken cancellationToken
    )
    {
        var outcome = await inbox.ArchiveAsync(
            file.FullName,
            entry.Key,
            entry.ArchiveId.Length > 0 ? entry.ArchiveId : entry.TaskId,
            phase == TaskPhase.Done,
            cancellationToken
        );
        if (outcome.Error.Length > 0)
        {
            LogNotArchived(logger, file.Name, outcome.Error);
        }
    }

    private async Task RefuseAsync(
        FileInfo file,
        Seen entry,
        IReadOnlyList<TaskFileFinding> problems,
        string code
    )
    {
        // Answered to the end even when the silo stops now: half an answer helps nobody.
        (entry.To, entry.Answer) = await refusals.RecordAsync(file, problems, code);
        entry.Stage = Stage.Refused;
        LogRefused(logger, file.Name, problems[0].Line, code, entry.To);
        await inbox.RejectAsync(file.FullName, entry.To, entry.Answer, CancellationToken.None);
    }

    private static bool Ended(TaskPhase phase) =>
        phase is TaskPhase.Done or TaskPhase.Failed or TaskPhase.Cancelled or TaskPhase.InReview;

    private sealed class Seen
    {
        public required (long Length, DateTime Written) Stamp { get; init; }

        public required DateTimeOffset Since { get; init; }

        public Stage Stage { get; set; }

        public string TaskId { get; set; } = "";

        // For a reply: the file's own id, for the task has an archived file already.
        public string ArchiveId { get; set; } = "";

        public string Key { get; set; } = "";

        public string To { get; set; } = "";

        public string Answer { get; set; } = "";
    }
}
