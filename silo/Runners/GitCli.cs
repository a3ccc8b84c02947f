using System.Text;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners;

/// <summary>A git command that failed, in words for a person.</summary>
#pragma warning disable CA1032, CA1064 // thrown and caught inside this room only
internal sealed class GitException(string message) : Exception(message);
#pragma warning restore CA1032, CA1064

/// <summary>Git by its own program: no prompts, no hooks of the repository, no configuration of the user that changes bytes.</summary>
internal sealed class GitCli(ProcessGroupStarter starter, TimeProvider time)
{
    private const int OutputMax = 256 * 1024 * 1024;
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(5);

    private static readonly string[] Fixed =
    [
        "-c",
        "core.hooksPath=" + (OperatingSystem.IsWindows() ? "NUL" : "/dev/null"),
        "-c",
        "core.longpaths=true",
        "-c",
        "core.autocrlf=false",
        "-c",
        "core.quotePath=false",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "safe.directory=*",
        "-c",
        "gc.auto=0",
        "-c",
        "commit.gpgSign=false",
        "-c",
        "protocol.ext.allow=never",
    ];

    private readonly Lazy<string> program = new(Find);

    /// <summary>Full path of the program in use.</summary>
    public string Program => program.Value;

    /// <summary>Runs git; its stdout.</summary>
    /// <exception cref="GitException">It failed, with the last line of what it said.</exception>
    public async Task<byte[]> RunAsync(
        string folder,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? more = null,
        ReadOnlyMemory<byte> input = default
    )
    {
        var run = await TryAsync(folder, arguments, cancellationToken, more, input);
        if (run.ExitCode != 0 || run.Truncated)
        {
            var why =
                run.TimedOut ? $"it took longer than {TimeMax}"
                : run.Truncated ? "its output is over 256 MiB"
                : run.Tail.Trim();
            throw new GitException($"git {arguments[0]} failed in {folder}: {why}");
        }
        return run.Output;
    }

    /// <summary>Runs git; its stdout as one trimmed text.</summary>
    public async Task<string> TextAsync(
        string folder,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? more = null
    ) => Encoding.UTF8.GetString(await RunAsync(folder, arguments, cancellationToken, more)).Trim();

    /// <summary>Runs git and tells how it ended.</summary>
    public Task<CapturedRun> TryAsync(
        string folder,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? more = null,
        ReadOnlyMemory<byte> input = default
    )
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            ["HOME"] = Environment.GetEnvironmentVariable("HOME") ?? folder,
            ["LC_ALL"] = "C",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = OperatingSystem.IsWindows() ? "NUL" : "/dev/null",
            ["GIT_AUTHOR_NAME"] = "orchestrator",
            ["GIT_AUTHOR_EMAIL"] = "orchestrator@localhost",
            ["GIT_COMMITTER_NAME"] = "orchestrator",
            ["GIT_COMMITTER_EMAIL"] = "orchestrator@localhost",
        };
        foreach (var (name, value) in more ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }
        var order = new ProcessOrder(
            Program,
            [.. Fixed, .. arguments],
            folder,
            environment,
            "git-" + Guid.NewGuid().ToString("N")
        );
        return starter.CaptureAsync(order, TimeMax, OutputMax, time, cancellationToken, input);
    }

    private static string Find()
    {
        var name = OperatingSystem.IsWindows() ? "git.exe" : "git";
        foreach (
            var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
                Path.PathSeparator,
                StringSplitOptions.RemoveEmptyEntries
            )
        )
        {
            var path = Path.Combine(folder, name);
            if (Path.IsPathFullyQualified(path) && File.Exists(path))
            {
                return path;
            }
        }
        throw new GitException(
            "git is not on the PATH of the silo. Install git, then restart the silo."
        );
    }
}
