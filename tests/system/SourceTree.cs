namespace Orchestrator.SystemTests;

/// <summary>The product's own sources, of which some are tried as they are.</summary>
internal static class SourceTree
{
    /// <summary>Full path of a file or folder.</summary>
    public static string File(params string[] parts)
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "Orchestrator.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }
        return Path.Combine([folder, .. parts]);
    }
}
