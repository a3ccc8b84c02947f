namespace Orchestrator.Silo.Runners;

/// <summary>Removes folders that git and agents leave: read-only files and folders, links that are not followed, files that are held for a moment.</summary>
internal static class FolderRemoval
{
    private const int RoundsMax = 5;

    /// <summary>Removes it; a file that is held (a virus scanner, a dying process) is tried again for about 1.5 s. Harmless when there is none.</summary>
    /// <exception cref="IOException">Something in it is still held.</exception>
    /// <exception cref="UnauthorizedAccessException">The silo's user may not remove it.</exception>
    public static async Task RemoveAsync(
        string folder,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        for (var round = 1; ; round++)
        {
            try
            {
                Once(folder);
                return;
            }
            catch (Exception e)
                when (round < RoundsMax && e is IOException or UnauthorizedAccessException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100 * round), time, cancellationToken);
            }
        }
    }

    /// <summary>Removes it at once or throws.</summary>
    public static void Once(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        if (new DirectoryInfo(folder).LinkTarget is not null)
        {
            Directory.Delete(folder); // the link alone
            return;
        }
        MakeWritable(new DirectoryInfo(folder));
        Directory.Delete(folder, recursive: true);
    }

    private static void MakeWritable(DirectoryInfo folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            // Deleting asks the folder, not the file.
            const UnixFileMode Needed =
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            if ((folder.UnixFileMode & Needed) != Needed)
            {
                folder.UnixFileMode |= Needed;
            }
        }
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if ((entry.Attributes & FileAttributes.ReparsePoint) != 0)
            {
                continue; // never through a link
            }
            if (entry is DirectoryInfo inner)
            {
                MakeWritable(inner);
            }
            else if (
                OperatingSystem.IsWindows()
                && (entry.Attributes & FileAttributes.ReadOnly) != 0
            )
            {
                entry.Attributes = FileAttributes.Normal;
            }
        }
    }
}
