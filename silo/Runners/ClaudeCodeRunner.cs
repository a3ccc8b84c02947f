using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Observability;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// The real Claude Code CLI, headless: native program, prompt on stdin, empty base environment, the product's own
/// configuration folder, mode <c>dontAsk</c> with rules for the worktree alone. Flags as measured with 2.1.330.
/// </summary>
internal sealed partial class ClaudeCodeRunner(
    IOptions<RunnerOptions> options,
    RunFolders folders,
    ProcessGroupStarter starter,
    TimeProvider time
) : IAgentRunner
{
    /// <summary>The version that was tested.</summary>
    public const string TestedVersion = "2.1.330";

    private const int StubBytesMax = 1024 * 1024;

    // Variables by which the agent signs in; of the silo's own environment only the first is passed on.
    private static readonly string[] SignIns =
    [
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "CLAUDE_CODE_OAUTH_TOKEN",
        "CLAUDE_CODE_USE_BEDROCK",
        "CLAUDE_CODE_USE_VERTEX",
    ];
    private const int VersionBytesMax = 4 * 1024;
    private static readonly TimeSpan VersionTimeMax = TimeSpan.FromSeconds(20);
    private readonly ClaudeCodeOptions settings = options.Value.ClaudeCode;
    private volatile Asked? asked;

    private sealed record Asked(string Executable, DateTime Written, string Version);

    /// <inheritdoc />
    public string Kind => "claude-code";

    /// <inheritdoc />
    public string Problem() => Find(out var problem) is null ? problem : "";

    /// <inheritdoc />
    public string Login() =>
        SignIns.FirstOrDefault(name =>
            settings.Environment.GetValueOrDefault(name) is { Length: > 0 }
            || (
                name == SignIns[0]
                && System.Environment.GetEnvironmentVariable(name) is { Length: > 0 }
            )
        ) ?? (File.Exists(Path.Combine(folders.Configuration, ".credentials.json")) ? "login" : "");

    /// <summary>Full path of the program in use, or null when there is none.</summary>
    public string? Program => Find(out _);

    /// <inheritdoc />
    public async Task<(string Version, string Drift)> VersionAsync(
        CancellationToken cancellationToken
    )
    {
        if (Find(out _) is not { } executable)
        {
            return ("", "");
        }
        var written = File.GetLastWriteTimeUtc(executable);
        if (asked is { } known && known.Executable == executable && known.Written == written)
        {
            return (known.Version, Drift(known.Version));
        }
        try
        {
            var run = await starter.CaptureAsync(
                new ProcessOrder(
                    executable,
                    ["--version"],
                    folders.Configuration,
                    BaseEnvironment(folders.Configuration),
                    "claude-version-" + Guid.NewGuid().ToString("N")
                ),
                VersionTimeMax,
                VersionBytesMax,
                time,
                cancellationToken
            );
            // "2.1.330 (Claude Code)"
            var version = run.ExitCode == 0 ? run.Text.Trim().Split(' ', '\n')[0] : "";
            if (version.Length > 0)
            {
                asked = new Asked(executable, written, version);
            }
            return (version, Drift(version));
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            return ("", ""); // the run itself tells what is wrong with the program
        }
    }

    /// <inheritdoc />
    public AgentStart Make(RunOrder order, WorkspaceInfo workspace, string runId)
    {
        var executable = Find(out var problem) ?? throw new InvalidOperationException(problem);
        var start = StartFolder.Of(workspace, order);
        var model =
            order.Lane is { Model.Length: > 0 } lane ? lane.Model
            : order.Spec.Model.Length > 0 ? order.Spec.Model
            : settings.Model;
        var guard = RunGuard.Write(order, workspace, folders, start, options.Value);
        var process = new ProcessOrder(
            executable,
            [.. Arguments(order, workspace, model, guard is not null), .. guard?.Arguments ?? []],
            start,
            EnvironmentOf(order),
            runId
        );
        return new AgentStart(
            process,
            Encoding.UTF8.GetBytes(order.Prompt),
            new AgentInfo(0, executable, "", model, "Claude Code", "")
        )
        {
            Needs = ClaudeCodeSandbox.Needs(
                folders,
                order,
                process,
                SessionFile(order.SessionId, start),
                guard?.Binds ?? []
            ),
            Guarded = guard is not null,
        };
    }

    /// <inheritdoc />
    public string SessionFile(string sessionId, string folder)
    {
        // CLAUDE_CONFIG_DIR/projects/FOLDER/SESSION.jsonl, found by its id from any folder (measured with 2.1.330).
        var name = Guid.Parse(sessionId).ToString("D") + ".jsonl";
        var projects = Path.Combine(folders.Configuration, "projects");
        var there = Directory.Exists(projects)
            ? Directory
                .EnumerateDirectories(projects)
                .Select(p => new FileInfo(Path.Combine(p, name)))
                .Where(f => f.Exists)
                .MaxBy(f => f.LastWriteTimeUtc)
            : null;
        var project = new string([.. folder.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        return there?.FullName ?? Path.Combine(projects, project, name);
    }

    /// <summary>Empty, or the sentence that says that a version was not tested.</summary>
    public static string Drift(string version) =>
        version.Length == 0
        || version == TestedVersion
        || version.StartsWith("scripted", StringComparison.Ordinal)
            ? ""
            : $"Claude Code {version} is in use; tested is {TestedVersion}.";

    private List<string> Arguments(
        RunOrder order,
        WorkspaceInfo workspace,
        string model,
        bool guarded
    )
    {
        var turns = order.Spec.MaxTurns > 0 ? order.Spec.MaxTurns : settings.MaxTurns;
        turns = order.Lane is { TurnsMax: > 0 } bound ? Math.Min(turns, bound.TurnsMax) : turns;
        List<string> arguments =
        [
            "-p",
            "--output-format",
            "stream-json",
            "--verbose",
            "--permission-mode",
            "dontAsk",
            "--permission-prompts",
            "none",
        ];
        arguments.AddRange([order.Resume ? "--resume" : "--session-id", order.SessionId]);
        if (model.Length > 0)
        {
            arguments.AddRange(["--model", model]);
        }
        arguments.AddRange(
            AgentRights.Of(
                order.Kind,
                order.ReadOnly,
                order.Lane,
                Rule(RealPath.Of(workspace.Worktree)),
                settings.AllowedCommands,
                order.Attachments.Count > 0
                    ? Rule(RealPath.Of(AttachedFiles.FolderOf(folders, order)))
                    : "",
                guarded
            )
        );
        arguments.AddRange([
            "--setting-sources",
            "",
            "--strict-mcp-config",
            "--disable-slash-commands",
            "--max-turns",
            turns.ToString(CultureInfo.InvariantCulture),
        ]);
        if (order.CostUsdMax > 0)
        {
            arguments.Add("--max-budget-usd");
            arguments.Add(order.CostUsdMax.ToString("0.####", CultureInfo.InvariantCulture));
        }
        return arguments;
    }

    // "/srv/wt" becomes "//srv/wt", "C:\wt" becomes "//C:/wt".
    private static string Rule(string path) => "//" + path.Replace('\\', '/').TrimStart('/');

    private Dictionary<string, string> EnvironmentOf(RunOrder order)
    {
        var environment = EnvironmentFor(folders.TemporaryOf(order.TaskId, order.Attempt));
        environment["TRACEPARENT"] = TraceIds.ParentOfRun(order.TaskId, order.Turn, order.Attempt);
        return environment;
    }

    private Dictionary<string, string> EnvironmentFor(string temporary)
    {
        var environment = BaseEnvironment(temporary);
        foreach (var name in (string[])["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"])
        {
            if (System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                environment[name] = value;
            }
        }
        foreach (var (name, value) in settings.Environment)
        {
            environment[name] = value;
        }
        return environment;
    }

    // Everything else of the silo's own environment stays outside.
    private Dictionary<string, string> BaseEnvironment(string temporary)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "",
            ["HOME"] = temporary,
            ["LANG"] = "C.UTF-8",
            ["TMPDIR"] = temporary,
            ["CLAUDE_CONFIG_DIR"] = folders.Configuration,
            ["DISABLE_AUTOUPDATER"] = "1",
            ["DISABLE_TELEMETRY"] = "1",
            ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
            ["CLAUDE_CODE_MAX_RETRIES"] = "2",
            ["API_TIMEOUT_MS"] = "120000",
        };
        if (OperatingSystem.IsWindows())
        {
            environment["USERPROFILE"] = temporary;
            environment["TEMP"] = temporary;
            environment["TMP"] = temporary;
        }
        return environment;
    }

    private string? Find(out string problem)
    {
        if (settings.Executable.Length > 0)
        {
            problem = Unfit(settings.Executable);
            return problem.Length == 0 ? settings.Executable : null;
        }
        problem =
            "Claude Code is not installed on this host (npm install -g @anthropic-ai/claude-code@"
            + TestedVersion
            + "), or name its program in Runner:ClaudeCode:Executable.";
        foreach (var candidate in Candidates().Where(File.Exists))
        {
            problem = Unfit(candidate);
            if (problem.Length == 0)
            {
                return candidate;
            }
        }
        return null;
    }

    private static IEnumerable<string> Candidates()
    {
        var windows = OperatingSystem.IsWindows();
        var platform =
            $"claude-code-{(windows ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";
        var name = windows ? "claude.exe" : "claude";
        foreach (
            var folder in (System.Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Where(Path.IsPathFullyQualified)
        )
        {
            // A global npm install: the shim's folder (Windows) or its sibling lib (elsewhere) holds the platform package.
            foreach (
                var modules in (string[])
                    [
                        Path.Combine(folder, "node_modules"),
                        Path.Combine(folder, "..", "lib", "node_modules"),
                    ]
            )
            {
                yield return Path.GetFullPath(
                    Path.Combine(modules, "@anthropic-ai", platform, name)
                );
                yield return Path.GetFullPath(
                    Path.Combine(
                        modules,
                        "@anthropic-ai",
                        "claude-code",
                        "node_modules",
                        "@anthropic-ai",
                        platform,
                        name
                    )
                );
            }
            yield return Path.Combine(folder, name);
        }
    }

    private static string Unfit(string path)
    {
        if (
            path.EndsWith(".cmd", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".bat", StringComparison.OrdinalIgnoreCase)
        )
        {
            return $"{path} is a batch shim: it would read the arguments again. Name the claude.exe behind it in Runner:ClaudeCode:Executable.";
        }
        if (!Path.IsPathFullyQualified(path) || !File.Exists(path))
        {
            return $"{path} (Runner:ClaudeCode:Executable) is not the full path of a program on this host.";
        }
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        return new FileInfo(target).Length < StubBytesMax
            ? $"{path} is the stub of an unfinished npm install, not the program. Install again without --ignore-scripts, or name the platform package's program in Runner:ClaudeCode:Executable."
            : "";
    }
}
