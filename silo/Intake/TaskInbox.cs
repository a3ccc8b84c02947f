using System.Globalization;
using System.Security.Cryptography;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Grains.Artifacts;

namespace Orchestrator.Silo.Intake;

/// <summary>The folders <c>tasks</c>, <c>tasks/processed</c> and <c>tasks/rejected</c>. Every path is made here from a checked name.</summary>
internal sealed class TaskInbox(string dataDirectory, TimeProvider time)
{
    private const int TriesMax = 3;
    private static readonly TimeSpan TryFirst = TimeSpan.FromMilliseconds(100);

    /// <summary>The watched folder.</summary>
    public string Folder { get; } = Path.Combine(dataDirectory, "tasks");

    /// <summary>Where files of ended tasks lie.</summary>
    public string Processed => Path.Combine(Folder, "processed");

    /// <summary>Where files lie that could not be taken.</summary>
    public string Rejected => Path.Combine(Folder, "rejected");

    /// <summary>What identifies a content: <c>file:</c> + SHA-256.</summary>
    public static string KeyOf(ReadOnlySpan<byte> content) =>
        "file:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Task files in the folder, oldest first.</summary>
    public IReadOnlyList<FileInfo> List()
    {
        Directory.CreateDirectory(Folder);
        return
        [
            .. new DirectoryInfo(Folder)
                .EnumerateFiles("*.md", SearchOption.TopDirectoryOnly)
                .Where(f => TaskFileReader.IsTaskFileName(f.Name))
                .OrderBy(f => f.LastWriteTimeUtc)
                .ThenBy(f => f.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The content, or null when another program holds the file.</summary>
    public async Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // A writer that shares nothing is still at work: reading beside it would read a part.
                await using var stream = new FileStream(
                    path,
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.Read | FileShare.Delete
                );
                var content = new byte[Math.Min(stream.Length, TaskFileReader.BytesMax + 1)];
                var read = await stream.ReadAtLeastAsync(
                    content,
                    content.Length,
                    throwOnEndOfStream: false,
                    cancellationToken
                );
                return content[..read];
            }
            catch (Exception e)
                when (e is IOException and not FileNotFoundException or UnauthorizedAccessException)
            {
                if (attempt >= TriesMax)
                {
                    return null;
                }
                await Task.Delay(TryFirst * (1 << (attempt - 1)), time, cancellationToken);
            }
        }
    }

    /// <summary>Where a refused file of this name goes; another file that lies there already keeps its place.</summary>
    public string RejectedPath(string name)
    {
        var path = Path.Combine(Rejected, name);
        return File.Exists(path)
            ? Path.Combine(
                Rejected,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name[..^3]}.{time.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}.md"
                )
            )
            : path;
    }

    /// <summary>Moves a refused file aside, with the answer beside it.</summary>
    public async Task RejectAsync(
        string path,
        string to,
        string answer,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(Rejected);
        await File.WriteAllTextAsync(to + ".error.md", answer, cancellationToken);
        await MoveAsync(path, to, cancellationToken);
    }

    /// <summary>Moves an ended task's file to its archive name. May be repeated.</summary>
    /// <param name="source">Full path of the file.</param>
    /// <param name="key">What its content was; a file with another content is not this task's any more and stays.</param>
    /// <param name="taskId">A checked id.</param>
    /// <param name="completed">True when the task ended well.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ArchiveOutcome> ArchiveAsync(
        string source,
        string key,
        string taskId,
        bool completed,
        CancellationToken cancellationToken
    )
    {
        var to = ArchivePath(taskId, completed);
        try
        {
            if (IsInside(source) && File.Exists(source))
            {
                if (await ReadAsync(source, cancellationToken) is not { } content)
                {
                    return new ArchiveOutcome("", $"{source} is held by another program");
                }
                if (KeyOf(content) == key)
                {
                    await MoveAsync(source, to, cancellationToken);
                    return new ArchiveOutcome(to, "");
                }
            }
            // A later turn may end otherwise than the first one did.
            var other = ArchivePath(taskId, !completed);
            if (File.Exists(other))
            {
                await MoveAsync(other, to, cancellationToken);
            }
            return new ArchiveOutcome(File.Exists(to) ? to : "", "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ArchiveOutcome("", $"{source} could not be moved to {to}: {e.Message}");
        }
    }

    private string ArchivePath(string taskId, bool completed) =>
        Path.Combine(Processed, $"{taskId}.{(completed ? "completed" : "failed")}.task.md");

    private bool IsInside(string source) =>
        source.Length > 0
        && string.Equals(
            Path.GetDirectoryName(Path.GetFullPath(source)),
            Path.GetFullPath(Folder),
            OperatingSystem.IsWindows()
                ? StringComparison.OrdinalIgnoreCase
                : StringComparison.Ordinal
        );

    private async Task MoveAsync(string from, string to, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                File.Move(from, to, overwrite: true);
                return;
            }
            catch (Exception e)
                when (e is IOException and not FileNotFoundException or UnauthorizedAccessException
                    && attempt < TriesMax
                )
            {
                await Task.Delay(TryFirst * (1 << (attempt - 1)), time, cancellationToken);
            }
        }
    }
}
