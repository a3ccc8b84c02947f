namespace Orchestrator.Silo.Storage;

/// <summary>
/// Replaces and deletes files that another program may have open for a moment. On Windows that is refused while a reader, a
/// virus scanner or an indexer holds the name (sharing violation, lock violation, or access denied when a held file would be
/// replaced); elsewhere it just succeeds.
/// </summary>
internal static class HeldFiles
{
    private const int TriesMax = 6;
    private static readonly TimeSpan TryFirst = TimeSpan.FromMilliseconds(20);

    /// <summary>Moves a file to a name, over what lies there; tried again for about 0.6 s while somebody holds it.</summary>
    /// <exception cref="IOException">It is still held.</exception>
    /// <exception cref="UnauthorizedAccessException">It is still held, or the silo's user may not.</exception>
    public static Task MoveOverAsync(
        string from,
        string to,
        TimeProvider time,
        CancellationToken cancellationToken
    ) => AgainAsync(() => File.Move(from, to, overwrite: true), time, cancellationToken);

    /// <summary>Deletes a file; tried again for about 0.6 s while somebody holds it. Harmless when there is none.</summary>
    /// <exception cref="IOException">It is still held.</exception>
    /// <exception cref="UnauthorizedAccessException">It is still held, or the silo's user may not.</exception>
    public static Task DeleteAsync(
        string path,
        TimeProvider time,
        CancellationToken cancellationToken
    ) => AgainAsync(() => File.Delete(path), time, cancellationToken);

    private static async Task AgainAsync(
        Action act,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                act();
                return;
            }
            catch (Exception e) when (tries < TriesMax && IsHeld(e))
            {
                await Task.Delay(TryFirst * (1 << (tries - 1)), time, cancellationToken);
            }
        }
    }

    private static bool IsHeld(Exception e) =>
        OperatingSystem.IsWindows()
        && (
            e is UnauthorizedAccessException
            || (e is IOException && (e.HResult & 0xFFFF) is 32 or 33)
        );
}
