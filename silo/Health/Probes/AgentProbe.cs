using System.Globalization;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Settings;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>The agents of this host: program, version, how they sign in and, when asked, one real call.</summary>
internal sealed class AgentProbe(
    SettingsData data,
    IEnumerable<IAgentRunner> runners,
    ProcessGroupStarter starter,
    TimeProvider time
) : IDoctorProbe
{
    private const int OutputMax = 64 * 1024;
    private const string Install = "npm install -g @anthropic-ai/claude-code@";
    private static readonly TimeSpan VersionTimeMax = TimeSpan.FromSeconds(20);

    /// <inheritdoc />
    public string Name => "agent version";

    /// <inheritdoc />
    public TimeSpan TimeMax => ClaudeCodeRunner.TrialTimeMax + VersionTimeMax + VersionTimeMax;

    /// <inheritdoc />
    public async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        List<DoctorCheck> checks =
        [
            .. runners.Select(r =>
                r.Problem() is { Length: > 0 } problem
                    ? Warn("runner " + r.Kind, "cannot run", problem)
                    : Ok("runner " + r.Kind, "ready")
            ),
        ];
        // Where the program is missing the runner's own line says so.
        if (runners.OfType<ClaudeCodeRunner>().FirstOrDefault() is { Program: { } program } claude)
        {
            checks.Add(await VersionAsync(program, cancellationToken));
            checks.Add(
                visit.TryLogin ? await TrialAsync(claude, cancellationToken) : SignIn(claude)
            );
        }
        return checks;
    }

    private async Task<DoctorCheck> VersionAsync(
        string program,
        CancellationToken cancellationToken
    )
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = data.Directory,
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            ["DISABLE_AUTOUPDATER"] = "1",
        };
        var run = await starter.CaptureAsync(
            new ProcessOrder(
                program,
                ["--version"],
                data.Directory,
                environment,
                "doctor-" + Guid.NewGuid().ToString("N")
            ),
            VersionTimeMax,
            OutputMax,
            time,
            cancellationToken
        );
        // "2.1.330 (Claude Code)"
        var version = run.Text.Trim().Split(' ')[0];
        if (run.ExitCode != 0 || version.Length == 0)
        {
            return Warn(
                Name,
                $"{program} --version ended with {run.ExitCode}{(run.TimedOut ? " after its time limit" : "")}",
                $"Install it again: {Install}{ClaudeCodeRunner.TestedVersion}"
            );
        }
        return ClaudeCodeRunner.Drift(version) is { Length: > 0 } drift
            ? Warn(
                Name,
                $"{version} ({program})",
                $"{drift} It may work; to be sure: {Install}{ClaudeCodeRunner.TestedVersion}"
            )
            : Ok(Name, $"{version} ({program})");
    }

    private static DoctorCheck SignIn(ClaudeCodeRunner claude) =>
        claude.Login() is { Length: > 0 } login
            ? Ok(
                "agent login",
                $"{login} is set; not tried ('orchestrator doctor --login' makes one call, which costs a few tokens)"
            )
            : Warn(
                "agent login",
                "no key, token or login was found",
                "Set ANTHROPIC_API_KEY for the server (in the .env of the data directory) and restart it; 'orchestrator doctor --login' tries it."
            );

    private static async Task<DoctorCheck> TrialAsync(
        ClaudeCodeRunner claude,
        CancellationToken cancellationToken
    )
    {
        const string Line = "agent login";
        var trial = await claude.TryLoginAsync(cancellationToken);
        return trial.Error switch
        {
            ErrorClass.None => Ok(
                Line,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"one call was answered by {trial.Model}; it cost ${trial.CostUsd:0.0000}"
                )
            ),
            ErrorClass.Auth => Fail(
                Line,
                trial.Said,
                "Put a valid ANTHROPIC_API_KEY into the .env of the data directory and restart the server; see 'orchestrator explain-error agent_auth'."
            ),
            ErrorClass.UsageLimit => Warn(
                Line,
                trial.Said,
                "Wait for the reset; tasks wait by themselves ('orchestrator accounts')."
            ),
            ErrorClass.RateLimit or ErrorClass.UpstreamError or ErrorClass.Network => Warn(
                Line,
                trial.Said,
                "Look at the network and at the model's server (ANTHROPIC_BASE_URL), then ask again."
            ),
            _ => Fail(
                Line,
                $"{trial.Error}: {trial.Said}",
                "Run the agent's program by hand with the same key, and read what it says."
            ),
        };
    }
}
