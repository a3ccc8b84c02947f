using System.Globalization;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>The data directory: made readable by its owner only, and held by one silo at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream held;

    /// <summary>Creates and takes the directory.</summary>
    /// <exception cref="StorageException">It cannot be written, or another silo holds it.</exception>
    public DataDirectory(string path)
    {
        Root = System.IO.Path.GetFullPath(path);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                // Below the user's profile the inherited access list names the user, the administrators and the system.
                Directory.CreateDirectory(Root);
            }
            else if (!Directory.Exists(Root))
            {
                Directory.CreateDirectory(
                    Root,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                );
            }
            Directory.CreateDirectory(System.IO.Path.Combine(Root, "logs"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The data directory {Root} cannot be made: {e.Message} Choose another with --data.",
                e
            );
        }
        held = Take(System.IO.Path.Combine(Root, "silo.lock"));
    }

    /// <summary>Full path.</summary>
    public string Root { get; }

    /// <summary>A path below the directory.</summary>
    public string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <inheritdoc />
    public void Dispose() => held.Dispose();

    private static FileStream Take(string file)
    {
        try
        {
            // FileShare.None is an exclusive advisory lock on Linux; the kernel drops it with the process.
            var stream = new FileStream(
                file,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
            stream.SetLength(0);
            stream.Write(
                System.Text.Encoding.ASCII.GetBytes(
                    Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
                )
            );
            stream.Flush();
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
            throw new StorageException(
                $"Another silo{Holder(file)} holds the data directory {System.IO.Path.GetDirectoryName(file)}. Stop it ('orchestrator serve --stop'), or choose another directory with --data.",
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
