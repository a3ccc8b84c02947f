using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Artifacts;

/// <summary>
/// <c>results/index.json</c>: task to its latest artifact. The file is written whole, so that what many tasks note at the
/// same time is one write, and a long file rests between two. What others changed in it meanwhile is kept.
/// </summary>
/// <param name="file">Full path.</param>
/// <param name="time">The clock.</param>
internal sealed class ArtifactIndex(string file, TimeProvider time) : IDisposable
{
    // At most a tenth of the time is spent on writing.
    private const int RestTimes = 9;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly ConcurrentQueue<(string TaskId, string Path)> noted = new();
    private JsonObject? entries;
    private (DateTime Written, long Length) seen;
    private long asked;
    private long answered;
    private long restedAt;
    private TimeSpan rest;

    /// <summary>Notes a task's artifact; it stands in the file after the next <see cref="WriteAsync"/>.</summary>
    public void Note(string taskId, string path) => noted.Enqueue((taskId, path));

    /// <summary>Returns when everything noted before stands in the file.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var own = Interlocked.Increment(ref asked);
        await gate.WaitAsync(cancellationToken);
        try
        {
            // Whoever waited at the gate meanwhile is served by one write.
            if (Interlocked.Read(ref answered) >= own || noted.IsEmpty)
            {
                return;
            }
            if (rest - time.GetElapsedTime(restedAt) is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(left, time, cancellationToken);
            }
            var served = Interlocked.Read(ref asked);
            var all = await ReadAsync(cancellationToken);
            var notes = new List<(string TaskId, string Path)>();
            while (noted.TryDequeue(out var note))
            {
                notes.Add(note);
                all[note.TaskId] = note.Path;
            }
            try
            {
                await SaveAsync(all, cancellationToken);
            }
            catch
            {
                // Not in the file: whoever asks next has them written.
                notes.ForEach(noted.Enqueue);
                throw;
            }
            Interlocked.Exchange(ref answered, served);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Takes out the entries that are to go; the file itself stays.</summary>
    public async Task RemoveAsync(
        Func<string, string, bool> goes,
        CancellationToken cancellationToken
    )
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (!File.Exists(file))
            {
                return;
            }
            var all = await ReadAsync(cancellationToken);
            foreach (var (taskId, path) in all.ToList())
            {
                if (goes(taskId, path?.ToString() ?? ""))
                {
                    all.Remove(taskId);
                }
            }
            await SaveAsync(all, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => gate.Dispose();

    // What was written last is in memory; a file that somebody else touched is read again.
    private async Task<JsonObject> ReadAsync(CancellationToken cancellationToken)
    {
        if (entries is not null && File.Exists(file) && Stamp() == seen)
        {
            return entries;
        }
        try
        {
            return entries = File.Exists(file)
                ? JsonNode.Parse(await File.ReadAllTextAsync(file, cancellationToken)) as JsonObject
                    ?? []
                : [];
        }
        catch (JsonException)
        {
            // Somebody edited it by hand: the journal knows every artifact, this file is a convenience.
            return entries = [];
        }
    }

    private async Task SaveAsync(JsonObject all, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var part = file + ".tmp";
            await File.WriteAllBytesAsync(
                part,
                Encoding.UTF8.GetBytes(all.ToJsonString(Indented) + "\n"),
                cancellationToken
            );
            await HeldFiles.MoveOverAsync(part, file, time, cancellationToken);
            seen = Stamp();
        }
        catch
        {
            entries = null;
            throw;
        }
        restedAt = time.GetTimestamp();
        rest = time.GetElapsedTime(started) * RestTimes;
    }

    private (DateTime Written, long Length) Stamp()
    {
        var info = new FileInfo(file);
        return (info.LastWriteTimeUtc, info.Length);
    }
}
