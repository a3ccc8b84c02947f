namespace Orchestrator.Grains.Storage;

/// <summary>A file that somebody sent and that nothing is known to name yet.</summary>
/// <param name="Blob">Its content's id.</param>
/// <param name="At">When it came, or was asked for last (UTC).</param>
/// <param name="Position">End of the journal when it came: no fact up to there names it.</param>
public sealed record Upload(string Blob, DateTimeOffset At, long Position);

/// <summary>
/// Files that people send ahead of what will name them. Those that nothing names are removed after a while. A content that the
/// store holds for any other reason is no upload: it was there before, or came by <see cref="IBlobStore.PutAsync"/> later, and stays.
/// What is written is durable on return.
/// </summary>
public interface IUploadStore
{
    /// <summary>Stores a file, at most 64 MiB. The same content twice is stored once, and is young again.</summary>
    /// <returns>The content's id.</returns>
    Task<string> PutAsync(
        ReadOnlyMemory<byte> content,
        DateTimeOffset at,
        CancellationToken cancellationToken
    );

    /// <summary>Somebody is about to name a file: from now on it is as old as if it had just come.</summary>
    Task TouchAsync(string blob, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Uploads that came before an instant, the oldest first.</summary>
    Task<IReadOnlyList<Upload>> ListAsync(
        DateTimeOffset before,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>A fact names the file: it is no upload any more, and stays.</summary>
    Task KeepAsync(string blob, CancellationToken cancellationToken);

    /// <summary>Removes a file, unless it was asked for or came again since; false then.</summary>
    Task<bool> RemoveAsync(string blob, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>How many there are.</summary>
    Task<long> CountAsync(CancellationToken cancellationToken);
}
