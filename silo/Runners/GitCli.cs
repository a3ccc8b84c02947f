using System.Text;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners;

/// <summary>A git command that failed, in words for a person.</summary>
#pragma warning disable CA1032, CA1064 // thrown and caught inside this room only
internal sealed class GitException(string message) : Exception(message);
#pragma warning restore CA1032, CA1064

/// <summary>Git by its own program: no prompts, no hooks of the repository, no configuration of the user that changes bytes.</summary>
internal sealed class GitCli
{
    private const int OutputMax = 256 * 1024 * 1024;
    private const string ConfigurationName = "config";
    private static readonly Lock Writing = new();

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
        "core.untrackedCache=false",
        "-c",
        "gc.auto=0",
        "-c",
        "maintenance.auto=false",
        "-c",
        "commit.gpgSign=false",
        // A repository that another user owns is the user's own choice; nothing of it is executed.
        "-c",
        "safe.directory=*",
    ];

    private readonly ProcessGroupStarter starter;
    private readonly TimeProvider time;
    private readonly TimeSpan timeMax;
    private readonly string home;
    private readonly string configuration;

    /// <param name="starter">Starts the program.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="dataDirectory">Gets a folder <c>git</c>: the home of every git process, with the product's own configuration.</param>
    /// <param name="timeMax">Longest time of one command.</param>
    public GitCli(
        ProcessGroupStarter starter,
        TimeProvider time,
        string dataDirectory,
        TimeSpan timeMax
    )
    {
        this.starter = starter;
        this.time = time;
        this.timeMax = timeMax;
        home = Path.Combine(dataDirectory, "git");
        configuration = Path.Combine(home, ConfigurationName);
    }

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
        ReadOnlyMemory<byte> input = default,
        int outputMax = OutputMax
    )
    {
        var run = await TryAsync(folder, arguments, cancellationToken, more, input, outputMax);
        if (run.ExitCode != 0 || run.Truncated)
        {
            var why =
                run.TimedOut ? $"it took longer than {timeMax} (Workspace:GitTimeMax)"
                : run.Truncated ? $"its output is over {outputMax / (1024 * 1024)} MiB"
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
        ReadOnlyMemory<byte> input = default,
        int outputMax = OutputMax
    )
    {
        WriteConfiguration(home);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            // Not the user's: an ignore or attributes file there would hide or change files.
            ["HOME"] = home,
            ["XDG_CONFIG_HOME"] = home,
            ["LC_ALL"] = "C",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_ASKPASS"] = "",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            // A file, because '-c' does not reach the process that serves a fetch from a folder.
            ["GIT_CONFIG_GLOBAL"] = configuration,
            ["GIT_ALLOW_PROTOCOL"] = "file",
            ["GIT_NO_LAZY_FETCH"] = "1",
            ["GIT_OPTIONAL_LOCKS"] = "0",
            ["GIT_AUTHOR_NAME"] = "orchestrator",
            ["GIT_AUTHOR_EMAIL"] = "orchestrator@localhost",
            ["GIT_COMMITTER_NAME"] = "orchestrator",
            ["GIT_COMMITTER_EMAIL"] = "orchestrator@localhost",
        };
        if (OperatingSystem.IsWindows())
        {
            environment["USERPROFILE"] = home;
            environment["TEMP"] = Path.GetTempPath();
            environment["TMP"] = Path.GetTempPath();
        }
        foreach (var (name, value) in more ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }
        var order = new ProcessOrder(
            Program,
            [.. Fixed, .. arguments],
            folder,
            environment,
            "git-" + Guid.NewGuid().ToString("N"),
            Trusted: true
        );
        return starter.CaptureAsync(order, timeMax, outputMax, time, cancellationToken, input);
    }

    /// <summary>Writes the configuration of every git process, whole, unless it is there. Any number at once.</summary>
    internal static void WriteConfiguration(string home)
    {
        var configuration = Path.Combine(home, ConfigurationName);
        // On Windows nobody may replace a file that a git reads, nor read one whose move has not quite ended.
        lock (Writing)
        {
            if (File.Exists(configuration))
            {
                return;
            }
            Directory.CreateDirectory(home);
            var making = configuration + "." + Guid.NewGuid().ToString("N");
            File.WriteAllText(making, "[safe]\n\tdirectory = *\n");
            File.Move(making, configuration);
        }
    }

    /// <summary>Full path of git on the PATH: the current folder, which may be anybody's, is not looked into.</summary>
    /// <exception cref="GitException">There is none.</exception>
    internal static string Find()
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
