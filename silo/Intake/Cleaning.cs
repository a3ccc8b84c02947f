using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Artifacts;
using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Intake;

/// <summary>Removes old exports and files that were sent for nothing, and puts old task files away. The journal keeps every fact; what a task needs is left alone.</summary>
internal sealed class Cleaning(
    TaskInbox inbox,
    ExportFolder exports,
    ITaskIndex index,
    SettingsData data,
    UploadCleaning uploads,
    TimeProvider time
)
{
    // Somebody may just be about to name it.
    private static readonly TimeSpan UploadAgeMin = TimeSpan.FromHours(1);

    /// <summary>
    /// Task files older than the days, waiting or rejected, go to <c>tasks/processed/STEM.archived.task.md</c>; the file of a live task
    /// stays.
    /// </summary>
    public async Task<WorkReport> TasksAsync(
        int days,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        var (done, skipped, problems) = Lists();
        var live = await LiveFilesAsync(cancellationToken);
        foreach (var file in inbox.List().Concat(Old(inbox.Rejected, "*.md")))
        {
            if (!IsOld(file, days) || file.Name.EndsWith(".error.md", StringComparison.Ordinal))
            {
                continue;
            }
            if (live.Contains(file.Name) && file.DirectoryName == inbox.Folder)
            {
                skipped.Add($"tasks/{file.Name}: its task is not at its end");
                continue;
            }
            var stem = Path.GetFileNameWithoutExtension(file.Name);
            var to = Path.Combine(inbox.Processed, $"{stem}.archived.task.md");
            if (File.Exists(to))
            {
                to = Path.Combine(
                    inbox.Processed,
                    $"{stem}.{time.GetUtcNow():yyyyMMddHHmmssfff}.archived.task.md"
                );
            }
            done.Add($"{Shown(file.FullName)} to {Shown(to)}");
            Try(
                dryRun,
                problems,
                () =>
                {
                    Directory.CreateDirectory(inbox.Processed);
                    File.Move(file.FullName, to);
                    File.Delete(file.FullName + ".error.md");
                }
            );
        }
        return new WorkReport(done, skipped, problems);
    }

    /// <summary>Results and summaries older than the days are deleted; the index never names a file that is gone, and stays itself.</summary>
    public async Task<WorkReport> ArtifactsAsync(
        int days,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        var (done, skipped, problems) = Lists();
        var results = Path.Combine(data.Directory, "results");
        var ids = new List<string>();
        foreach (var file in Old(results, "*.json"))
        {
            var id = Path.GetFileNameWithoutExtension(file.Name);
            if (file.Name == "index.json" || !IsOld(file, days))
            {
                continue;
            }
            if (
                await index.FindAsync(id, cancellationToken) is { } head
                && head.Phase is not (TaskPhase.Done or TaskPhase.Failed or TaskPhase.Cancelled)
            )
            {
                skipped.Add($"results/{file.Name}: its task is not at its end");
                continue;
            }
            ids.Add(id);
            done.Add($"results/{file.Name}");
        }
        var summaries = Old(Path.Combine(data.Directory, "summaries"), "*_summary.txt")
            .Where(f => IsOld(f, days))
            .ToList();
        done.AddRange(summaries.Select(f => $"summaries/{f.Name}"));
        if (!dryRun)
        {
            // The index first: a crash in between leaves a file that nothing names, never a name without a file.
            await exports.ForgetAsync(ids, cancellationToken);
            foreach (var path in ids.Select(i => Path.Combine(results, i + ".json")))
            {
                Try(false, problems, () => File.Delete(path));
            }
            summaries.ForEach(f => Try(false, problems, f.Delete));
        }
        return new WorkReport(done, skipped, problems);
    }

    /// <summary>Files that were sent and that nothing names are deleted when they are older than the days, and than an hour.</summary>
    public async Task<WorkReport> UploadsAsync(
        int days,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        var age = TimeSpan.FromDays(days);
        var cleaned = await uploads.RunAsync(
            time.GetUtcNow() - (age > UploadAgeMin ? age : UploadAgeMin),
            dryRun,
            cancellationToken
        );
        return new WorkReport(
            [.. cleaned.Removed.Select(b => $"upload {b[..12]}")],
            [.. cleaned.Kept.Select(b => $"upload {b[..12]}: a task names it")],
            []
        );
    }

    private async Task<HashSet<string>> LiveFilesAsync(CancellationToken cancellationToken)
    {
        // A waiting file is tied to its task by its id: the name alone would miss a file with a key of its own.
        var live = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in inbox.List())
        {
            if (
                file.Length is 0 or > TaskFileReader.BytesMax
                || await inbox.ReadAsync(file.FullName, cancellationToken) is not { } content
                || TaskFileReader.Read(file.Name, content).File is not { } task
                || await index.FindAsync(task.Id, cancellationToken) is not { } head
            )
            {
                continue;
            }
            if (head.Phase is not (TaskPhase.Done or TaskPhase.Failed or TaskPhase.Cancelled))
            {
                live.Add(file.Name);
            }
        }
        return live;
    }

    private static void Try(bool dryRun, List<string> problems, Action act)
    {
        if (dryRun)
        {
            return;
        }
        try
        {
            act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(e.Message);
        }
    }

    private bool IsOld(FileInfo file, int days) =>
        time.GetUtcNow() - file.LastWriteTimeUtc >= TimeSpan.FromDays(days);

    private string Shown(string path) =>
        Path.GetRelativePath(data.Directory, path).Replace('\\', '/');

    private static List<FileInfo> Old(string folder, string pattern) =>
        Directory.Exists(folder)
            ? new DirectoryInfo(folder)
                .EnumerateFiles(pattern, SearchOption.TopDirectoryOnly)
                .OrderBy(f => f.Name, StringComparer.Ordinal)
                .ToList()
            : [];

    private static (List<string>, List<string>, List<string>) Lists() => ([], [], []);
}
