using Xunit;

namespace Orchestrator.UnitTests.House;

/// <summary>The tree that the tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] NotSources =
    [
        "artifacts",
        "node_modules",
        ".git",
        "bin",
        "obj",
        "StrykerOutput",
    ];

    /// <summary>Full path of the tree's root.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file's text, line ends as LF.</summary>
    public static string Read(string path) =>
        File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>Paths of the sources below the root, '/' separated, of one extension (<c>.cs</c>).</summary>
    public static IReadOnlyList<string> Files(string extension) =>
        [.. Below(Root).Where(f => f.EndsWith(extension, StringComparison.Ordinal)).Order()];

    /// <summary>A generated file is what its generator writes now; with ORCHESTRATOR_WRITE_DOCS=1 it is written.</summary>
    public static void AssertCurrent(string path, string text)
    {
        var file = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_WRITE_DOCS") == "1")
        {
            File.WriteAllText(file, text);
        }
        Assert.True(
            File.Exists(file) && Read(path) == text,
            $"{path} is not current. Write it: ORCHESTRATOR_WRITE_DOCS=1 dotnet test --project tests/unit"
        );
    }

    private static IEnumerable<string> Below(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            yield return Path.GetRelativePath(Root, file).Replace('\\', '/');
        }
        foreach (
            var inner in Directory
                .EnumerateDirectories(folder)
                .Where(d => !NotSources.Contains(Path.GetFileName(d)))
                .SelectMany(Below)
        )
        {
            yield return inner;
        }
    }

    private static string Find()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
            {
                return folder.FullName;
            }
        }
        throw new DirectoryNotFoundException(
            $"No folder above {AppContext.BaseDirectory} holds Orchestrator.sln."
        );
    }
}
