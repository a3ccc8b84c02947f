using System.Globalization;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>The data directory: made readable by its owner only, and held by one silo at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    // A client that looks whether the directory is held takes the lock for a moment itself.
    private const int TriesMax = 10;
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(20);

    private readonly FileStream held;

    private DataDirectory(string root, FileStream held)
    {
        Root = root;
        this.held = held;
    }

    /// <summary>Creates and takes the directory.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="leftBehind">
    /// File in it that says who holds it. What a killed silo left of it is gone before the directory is held: others take
    /// the file of a held directory for true.
    /// </param>
    /// <exception cref="StorageException">It cannot be written, or another silo holds it.</exception>
    public static async Task<DataDirectory> TakeAsync(string path, string leftBehind)
    {
        var root = System.IO.Path.GetFullPath(path);
        Create(root);
        var file = System.IO.Path.Combine(root, "silo.lock");
        // Only who holds the first lock ever takes the second: between the look that nobody holds it and the hold
        // itself, no other silo can have come and written its own file.
        await using var starting = await HoldAsync(System.IO.Path.Combine(root, "starting.lock"));
        RequireFree(file);
        Remove(System.IO.Path.Combine(root, leftBehind));
        return new DataDirectory(root, await HoldAsync(file));
    }

    /// <summary>Full path.</summary>
    public string Root { get; }

    /// <summary>A path below the directory.</summary>
    public string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <inheritdoc />
    public void Dispose() => held.Dispose();

    private static void Create(string root)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                // Below the user's profile the inherited access list names the user, the administrators and the system.
                Directory.CreateDirectory(root);
            }
            else if (!Directory.Exists(root))
            {
                Directory.CreateDirectory(
                    root,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                );
            }
            Directory.CreateDirectory(System.IO.Path.Combine(root, "logs"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The data directory {root} cannot be made: {e.Message} Choose another with --data.",
                e
            );
        }
    }

    // FileShare.None is an exclusive advisory lock on Linux; the kernel drops it with the process.
    private static async Task<FileStream> LockAsync(string file)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return new FileStream(
                    file,
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                );
            }
            catch (IOException e) when (IsHeld(e) && tries < TriesMax)
            {
                await Task.Delay(TryAgain, TimeProvider.System);
            }
        }
    }

    // Looks as a client does, with a lock that many may have at once: nobody takes the look itself for a silo's hold.
    private static void RequireFree(string file)
    {
        try
        {
            using var free = File.Exists(file)
                ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read)
                : null;
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw Another(file, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"{file} cannot be opened: {e.Message} Make the data directory writable for this user, or choose another with --data.",
                e
            );
        }
    }

    private static StorageException Another(string file, Exception e) =>
        new(
            $"Another silo{Holder(file)} holds the data directory {System.IO.Path.GetDirectoryName(file)}. Stop it ('orchestrator serve --stop'), or choose another directory with --data.",
            e
        );

    private static async Task<FileStream> HoldAsync(string file)
    {
        try
        {
            var stream = await LockAsync(file);
            stream.SetLength(0);
            await stream.WriteAsync(
                System.Text.Encoding.ASCII.GetBytes(
                    Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
                )
            );
            await stream.FlushAsync();
            return stream;
        }
        catch (Exception e)
            when (e is UnauthorizedAccessException || (e is IOException && !IsHeld(e)))
        {
            throw new StorageException(
                $"The data directory {System.IO.Path.GetDirectoryName(file)} cannot be written: {e.Message} Make it writable for this user and keep some space free, or choose another with --data.",
                e
            );
        }
        catch (IOException e)
        {
            throw Another(file, e);
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"{file} of a silo that is gone cannot be removed: {e.Message} Remove it by hand.",
                e
            );
        }
    }

    // A sharing or lock violation: on Windows as such, on Linux EWOULDBLOCK (11), on macOS 35.
    private static bool IsHeld(Exception e) =>
        OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;

    private static string Holder(string file)
    {
        try
        {
            using var stream = new FileStream(
                file,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite
            );
            using var reader = new StreamReader(stream);
            return $" (process {reader.ReadToEnd().Trim()})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The holder's number is a courtesy; the refusal stands without it.
            return "";
        }
    }
}
