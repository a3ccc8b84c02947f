namespace Orchestrator.Silo.Runners;

/// <summary>Free space where a folder lies.</summary>
internal static class FreeDisk
{
    /// <summary>Bytes that this process may still fill there, or -1 when the system does not say.</summary>
    public static long BytesAt(string folder)
    {
        try
        {
            // Linux tells the file system that holds a path; Windows wants the volume's root.
            return new DriveInfo(
                OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder
            ).AvailableFreeSpace;
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return -1;
        }
    }
}
