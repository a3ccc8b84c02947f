namespace Orchestrator.Silo;

/// <summary>
/// Option <c>--log-file</c>: what the silo says on its output goes to the end of a file, for a silo that nobody's
/// terminal holds (on Windows a starter cannot hand a file over as output without holding it open itself).
/// </summary>
internal static class LogFile
{
    /// <summary>Points standard output and error to the file, for as long as the process lives; null or empty: leaves them.</summary>
    /// <exception cref="SiloStartException">The file cannot be written.</exception>
    public static void Use(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return;
        }
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
#pragma warning disable CA2000 // the process' output: open until its last word
            var writer = new StreamWriter(
                new FileStream(
                    path,
                    FileMode.Append,
                    FileAccess.Write,
                    FileShare.ReadWrite | FileShare.Delete
                )
            )
            {
                AutoFlush = true,
            };
#pragma warning restore CA2000
            var shared = TextWriter.Synchronized(writer);
            Console.SetOut(shared);
            Console.SetError(shared);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException(
                $"The log file '{path}' (--log-file) cannot be written: {e.Message} Name another one."
            );
        }
    }
}
