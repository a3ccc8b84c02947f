namespace Orchestrator.SystemTests.StandIns;

/// <summary>The real Claude Code CLI as the lock file of tests/tools pins it.</summary>
internal static class LockedClaude
{
    /// <summary>Its program: never one of the PATH, but the locked one or what a variable names.</summary>
    public static string Path()
    {
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_TEST_CLAUDE") is { Length: > 0 } named)
        {
            return named;
        }
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            var file = System.IO.Path.Combine(
                folder.FullName,
                "tests",
                "tools",
                "node_modules",
                "@anthropic-ai",
                "claude-code-linux-x64",
                "claude"
            );
            if (File.Exists(file))
            {
                return file;
            }
        }
        throw new FileNotFoundException(
            "The locked Claude Code CLI is not installed: run 'npm ci --ignore-scripts' in tests/tools, or name one in ORCHESTRATOR_TEST_CLAUDE."
        );
    }
}
