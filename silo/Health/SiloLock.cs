namespace Orchestrator.Silo.Health;

/// <summary>Whether a silo holds a data directory, looked at as a client does: with a lock that many may have at once.</summary>
internal static class SiloLock
{
    /// <summary>Name of the file that a silo holds.</summary>
    public const string Name = "silo.lock";

    /// <summary>True while one does.</summary>
    public static bool IsHeld(string data)
    {
        try
        {
            var file = Path.Combine(data, Name);
            using var free = File.Exists(file)
                ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read)
                : null;
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false; // the line of the directory says that it may not be read
        }
    }
}
