using System.Text;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Artifacts;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Artifacts;

/// <summary>The exported files below the data directory. One writer at a time; each file is whole or not there.</summary>
internal sealed class ExportFolder(string dataDirectory, TaskInbox inbox, TimeProvider time)
    : IExportFolder,
        IDisposable
{
    private const long EventsBytesMax = 1_000_000;
    private const int EventsKept = 3;
    private const int ReplaysKept = 10_000;

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly ArtifactIndex index = new(
        Path.Combine(dataDirectory, "results", "index.json"),
        time
    );

    private string Results => Path.Combine(dataDirectory, "results");

    private string Events => Path.Combine(dataDirectory, "logs", "events.ndjson");

    /// <inheritdoc />
    public void Dispose()
    {
        gate.Dispose();
        index.Dispose();
    }

    /// <inheritdoc />
    public async Task WriteArtifactAsync(
        string taskId,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    )
    {
        await AloneAsync(
            () => WriteAsync(Path.Combine(Results, taskId + ".json"), json, cancellationToken),
            cancellationToken
        );
        index.Note(taskId, $"results/{taskId}.json");
    }

    /// <inheritdoc />
    public Task WriteIndexAsync(CancellationToken cancellationToken) =>
        index.WriteAsync(cancellationToken);

    /// <summary>Takes tasks out of the index, and with them every entry whose file is gone. The index itself stays.</summary>
    public Task ForgetAsync(IReadOnlyList<string> taskIds, CancellationToken cancellationToken) =>
        index.RemoveAsync(
            (id, path) =>
                taskIds.Contains(id)
                || !File.Exists(Path.Combine(dataDirectory, path.Length > 0 ? path : "?")),
            cancellationToken
        );

    /// <summary>What an exported artifact tells of a task that the journal does not know, or null.</summary>
    public async Task<TaskSnapshot?> FindImportedAsync(
        string taskId,
        CancellationToken cancellationToken
    )
    {
        var path = Path.Combine(Results, taskId + ".json");
        return SubmissionReader.IsId(taskId) && File.Exists(path)
            ? ArtifactReader.Read(await File.ReadAllTextAsync(path, cancellationToken))
            : null;
    }

    /// <inheritdoc />
    public Task WriteGuardedAsync(
        string taskId,
        ReadOnlyMemory<byte>? patch,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    ) =>
        AloneAsync(
            async () =>
            {
                var path = Path.Combine(Results, "guarded", taskId);
                if (patch is { } bytes)
                {
                    await WriteAsync(path + ".diff", bytes, cancellationToken);
                }
                await WriteAsync(path + ".json", json, cancellationToken);
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task WriteSummaryAsync(
        string taskId,
        string text,
        CancellationToken cancellationToken
    ) =>
        AloneAsync(
            () =>
                WriteAsync(
                    Path.Combine(dataDirectory, "summaries", taskId + "_summary.txt"),
                    Encoding.UTF8.GetBytes(text),
                    cancellationToken
                ),
            cancellationToken
        );

    /// <inheritdoc />
    public Task AppendEventsAsync(
        int partition,
        long position,
        bool replay,
        IReadOnlyList<string> lines,
        CancellationToken cancellationToken
    ) =>
        AloneAsync(
            async () =>
            {
                // Written after the lines: a crash between the two repeats a batch, and a repeated batch is skipped otherwise.
                var mark = Path.Combine(
                    dataDirectory,
                    "logs",
                    replay ? $".events-{partition}-replayed" : $".events-{partition}"
                );
                var done = File.Exists(mark)
                    ? await File.ReadAllLinesAsync(mark, cancellationToken)
                    : [];
                var own = position.ToString(System.Globalization.CultureInfo.InvariantCulture);
                if (
                    replay
                        ? done.Contains(own)
                        : done is [var last, ..]
                            && long.TryParse(last, out var reached)
                            && reached >= position
                )
                {
                    return;
                }
                await RotateAsync(cancellationToken);
                Directory.CreateDirectory(Path.GetDirectoryName(Events)!);
                await File.AppendAllTextAsync(
                    Events,
                    string.Concat(lines.Select(l => l + "\n")),
                    cancellationToken
                );
                await WriteAsync(
                    mark,
                    Encoding.ASCII.GetBytes(
                        replay ? string.Join('\n', [.. done.TakeLast(ReplaysKept - 1), own]) : own
                    ),
                    cancellationToken
                );
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<ArchiveOutcome> ArchiveTaskFileAsync(
        string taskId,
        TaskSpec spec,
        bool completed,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        var outcome = new ArchiveOutcome("", "");
        await AloneAsync(
            async () =>
                outcome = await inbox.ArchiveAsync(
                    spec.SourceFile,
                    spec.IdempotencyKey,
                    taskId,
                    completed,
                    cancellationToken
                ),
            cancellationToken
        );
        return outcome;
    }

    /// <inheritdoc />
    public async Task<string> WriteMetricsAsync(
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    )
    {
        var path = Path.Combine(dataDirectory, "logs", "metrics.json");
        await AloneAsync(() => WriteAsync(path, json, cancellationToken), cancellationToken);
        return path;
    }

    private async Task WriteAsync(
        string path,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = path + ".tmp";
        await File.WriteAllBytesAsync(part, content, cancellationToken);
        // People and their tools read these files whenever they like.
        await HeldFiles.MoveOverAsync(part, path, time, cancellationToken);
    }

    private async Task RotateAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Events) || new FileInfo(Events).Length < EventsBytesMax)
        {
            return;
        }
        for (var i = EventsKept; i >= 1; i--)
        {
            var from = i == 1 ? Events : $"{Events}.{i - 1}";
            if (File.Exists(from))
            {
                await HeldFiles.MoveOverAsync(from, $"{Events}.{i}", time, cancellationToken);
            }
        }
    }

    private async Task AloneAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            await work();
        }
        finally
        {
            gate.Release();
        }
    }
}
