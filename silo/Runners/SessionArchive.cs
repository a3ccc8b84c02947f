using System.IO.Compression;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// Copies of agents' sessions in the store, so that a turn goes on where it was when its host is gone. A session is kept
/// as it is, or not at all: one that holds what the redactor would take out would not be the agent's own any more.
/// </summary>
internal sealed class SessionArchive(PatientBlobs blobs, Redactor redactor)
{
    /// <summary>A larger session is not kept; its turn goes on elsewhere with a fresh one.</summary>
    public const int SizeBytesMax = 16 * 1024 * 1024;

    /// <summary>Keeps a session file, up to its last whole line: the agent may be writing it.</summary>
    /// <param name="file">Full path; empty or missing = there is none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Its blob id, or empty when it was not kept.</returns>
    public async Task<string> KeepAsync(string file, CancellationToken cancellationToken)
    {
        if (await ReadAsync(file, cancellationToken) is not { Length: > 0 } session)
        {
            return "";
        }
        if (redactor.Find(System.Text.Encoding.UTF8.GetString(session.Span), 1).Count > 0)
        {
            return "";
        }
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(session, cancellationToken);
        }
        return await blobs.PutAsync(packed.ToArray(), cancellationToken);
    }

    /// <summary>
    /// Puts a kept session where the agent looks for it. What lies there already stays when it is the kept one and what
    /// came after it; a session that went on elsewhere replaces it.
    /// </summary>
    /// <param name="blob">Blob id.</param>
    /// <param name="file">Full path.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidDataException">The store holds something else under that id.</exception>
    public async Task RestoreAsync(string blob, string file, CancellationToken cancellationToken)
    {
        if (await blobs.GetAsync(blob, cancellationToken) is not { } packed)
        {
            return; // the agent says that it has no such session, and a fresh one follows
        }
        var session = Unpack(packed);
        if (
            await ReadAsync(file, cancellationToken) is { } there
            && there.Span.StartsWith(session.AsSpan())
        )
        {
            return;
        }
        RunFolders.Private(Path.GetDirectoryName(file)!);
        var part = file + ".part";
        File.Delete(part);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        await using (var stream = new FileStream(part, options))
        {
            await stream.WriteAsync(session, cancellationToken);
        }
        File.Move(part, file, overwrite: true);
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(
        string file,
        CancellationToken cancellationToken
    )
    {
        // A link that an agent left in the session's place must not bring another file in here.
        if (
            file.Length == 0
            || !File.Exists(file)
            || File.GetAttributes(file).HasFlag(FileAttributes.ReparsePoint)
        )
        {
            return null;
        }
        await using var stream = new FileStream(
            file,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete
        );
        if (stream.Length > SizeBytesMax)
        {
            return null;
        }
        var bytes = new byte[stream.Length];
        var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, false, cancellationToken);
        return bytes.AsMemory(0, bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1);
    }

    private static byte[] Unpack(ReadOnlyMemory<byte> packed)
    {
        using var gzip = new GZipStream(
            new MemoryStream(packed.ToArray()),
            CompressionMode.Decompress
        );
        var session = new byte[SizeBytesMax + 1];
        var read = gzip.ReadAtLeast(session, session.Length, throwOnEndOfStream: false);
        return read <= SizeBytesMax
            ? session[..read]
            : throw new InvalidDataException("A kept session is larger than any that is kept.");
    }
}
