using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Mediation;
using Orchestrator.Grains.Queueing;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Cluster.Tls;
using Orchestrator.Silo.Delivery;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.Silo.Mediation;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;
using Orchestrator.Silo.Settings;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Health;

/// <summary>Looks at everything the product needs, and says what is missing and what to do.</summary>
internal sealed class Doctor(IServiceProvider services)
{
    private const long FreeMiBMin = 1_024;
    private const int OutputMax = 64 * 1024;
    private static readonly TimeSpan VersionTimeMax = TimeSpan.FromSeconds(20);
    private static readonly string[] Folders =
    [
        "",
        "tasks",
        "results",
        "summaries",
        "logs",
        "worktrees",
        "repos",
        "remotes",
    ];

    /// <summary>Every check, and the settings in force without their secrets.</summary>
    public async Task<DoctorReport> CheckAsync(CancellationToken cancellationToken)
    {
        var data = services.GetRequiredService<SiloDiscoveryFile>().DataDirectory;
        List<DoctorCheck> checks =
        [
            Disk(data),
            .. Folders.Select(f => Folder(Path.Combine(data, f), f)),
            .. Roots(),
            .. Repositories(),
            Port(),
            .. Runners(),
        ];
        if (await AgentAsync(data, cancellationToken) is { } agent)
        {
            checks.Add(agent);
        }
        checks.Add(await GitAsync(data, cancellationToken));
        checks.Add(Containment());
        checks.Add(Sandbox());
        checks.AddRange(await DatabaseAsync(cancellationToken));
        if (services.GetService<SiloCertificates>() is { } certificates)
        {
            checks.Add(Certificate(certificates.Current().EndsAt));
        }
        checks.Add(await DeadLettersAsync(cancellationToken));
        checks.Add(await MediatorAsync(cancellationToken));
        checks.AddRange(await new GitHubDoctor(services).CheckAsync(cancellationToken));
        return new DoctorReport(checks) { Settings = Settings(data) };
    }

    private DoctorCheck Certificate(DateTimeOffset endsAt)
    {
        const int WarnDays = 30;
        var left = endsAt - services.GetRequiredService<TimeProvider>().GetUtcNow();
        var message = $"it ends at {endsAt:u}, in {left.TotalDays:0} days";
        const string Cure =
            "Put a renewed one in its place: it is taken for new connections without a restart.";
        return left <= TimeSpan.Zero
                ? new DoctorCheck("silo certificate", "fail", $"it ended at {endsAt:u}", Cure)
            : left < TimeSpan.FromDays(WarnDays)
                ? new DoctorCheck("silo certificate", "warn", message, Cure)
            : Ok("silo certificate", message);
    }

    private static DoctorCheck Ok(string name, string message) => new(name, "ok", message, "");

    private async Task<DoctorCheck> DeadLettersAsync(CancellationToken cancellationToken)
    {
        var waiting = await services
            .GetRequiredService<ICursorStore>()
            .CountBuriedAsync(cancellationToken);
        return waiting == 0
            ? Ok("dead letters", "none wait")
            : new DoctorCheck(
                "dead letters",
                "warn",
                $"{waiting} deliveries were given up",
                "'orchestrator dead-letters list' shows why; cure the cause, then 'orchestrator dead-letters replay --all'."
            );
    }

    private static DoctorCheck Disk(string data)
    {
        var free = FreeDisk.BytesAt(data) / (1024 * 1024);
        var message = $"{free} MiB free for {data}";
        return free >= FreeMiBMin
            ? Ok("disk", message)
            : new DoctorCheck("disk", "warn", message, "Free some disk space.");
    }

    private static DoctorCheck Folder(string folder, string part)
    {
        var name = "directory " + (part.Length > 0 ? part : "data");
        if (!Directory.Exists(folder))
        {
            return Ok(name, $"{folder} exists=False (made when it is needed)");
        }
        var probe = Path.Combine(folder, ".doctor-" + Guid.NewGuid().ToString("N"));
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return Ok(name, $"{folder} exists=True writable=True");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DoctorCheck(
                name,
                "fail",
                $"{folder} exists=True writable=False: {e.Message}",
                "Give the server's user the right to write there, or choose another folder with --data."
            );
        }
    }

    private IEnumerable<DoctorCheck> Roots()
    {
        foreach (
            var root in services.GetRequiredService<IOptions<WorkspaceOptions>>().Value.AllowedRoots
        )
        {
            yield return Directory.Exists(root)
                ? Ok("allowed root", $"{root} exists=True")
                : new DoctorCheck(
                    "allowed root",
                    "warn",
                    $"{root} exists=False",
                    "Correct Workspace:AllowedRoots; no repository can lie there."
                );
        }
    }

    private IEnumerable<DoctorCheck> Repositories()
    {
        foreach (
            var (name, path) in services
                .GetRequiredService<IOptions<RunnerOptions>>()
                .Value.Repositories.OrderBy(r => r.Key, StringComparer.Ordinal)
        )
        {
            yield return Directory.Exists(path)
                ? Ok("repository " + name, $"{path} exists=True")
                : new DoctorCheck(
                    "repository " + name,
                    "warn",
                    $"{path} exists=False",
                    $"Clone it there, or correct Runner:Repositories:{name}; no task that names it runs on this host."
                );
        }
    }

    private DoctorCheck Port() => Ok("address", string.Join(", ", Addresses()));

    private IEnumerable<string> Addresses() =>
        services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses
        ?? [];

    private IEnumerable<DoctorCheck> Runners() =>
        services
            .GetServices<IAgentRunner>()
            .Select(r =>
                r.Problem() is { Length: > 0 } problem
                    ? new DoctorCheck("runner " + r.Kind, "warn", "cannot run", problem)
                    : Ok("runner " + r.Kind, "ready")
            );

    private async Task<DoctorCheck?> AgentAsync(string data, CancellationToken cancellationToken)
    {
        const string Name = "agent version";
        var program = services
            .GetServices<IAgentRunner>()
            .OfType<ClaudeCodeRunner>()
            .FirstOrDefault()
            ?.Program;
        if (program is null)
        {
            return null; // the runner's own line says that it is missing
        }
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = data,
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            ["DISABLE_AUTOUPDATER"] = "1",
        };
        var run = await services
            .GetRequiredService<ProcessGroupStarter>()
            .CaptureAsync(
                new ProcessOrder(
                    program,
                    ["--version"],
                    data,
                    environment,
                    "doctor-" + Guid.NewGuid().ToString("N")
                ),
                VersionTimeMax,
                OutputMax,
                services.GetRequiredService<TimeProvider>(),
                cancellationToken
            );
        // "2.1.330 (Claude Code)"
        var version = run.Text.Trim().Split(' ')[0];
        if (run.ExitCode != 0 || version.Length == 0)
        {
            return new DoctorCheck(
                Name,
                "warn",
                $"{program} --version ended with {run.ExitCode}{(run.TimedOut ? " after its time limit" : "")}",
                "Install it again: npm install -g @anthropic-ai/claude-code@"
                    + ClaudeCodeRunner.TestedVersion
            );
        }
        return ClaudeCodeRunner.Drift(version) is { Length: > 0 } drift
            ? new DoctorCheck(
                Name,
                "warn",
                $"{version} ({program})",
                drift
                    + " It may work; to be sure: npm install -g @anthropic-ai/claude-code@"
                    + ClaudeCodeRunner.TestedVersion
            )
            : Ok(Name, $"{version} ({program})");
    }

    private async Task<DoctorCheck> GitAsync(string data, CancellationToken cancellationToken)
    {
        try
        {
            var git = services.GetRequiredService<GitCli>();
            return Ok("git", await git.TextAsync(data, ["--version"], cancellationToken));
        }
        catch (GitException e)
        {
            return new DoctorCheck("git", "fail", e.Message, "Install git and restart the silo.");
        }
    }

    private DoctorCheck Containment()
    {
        const string Name = "process containment";
        return
            OperatingSystem.IsLinux()
            && !services.GetRequiredService<ProcessGroupStarter>().Contains
            ? new DoctorCheck(
                Name,
                "warn",
                "bubblewrap is not usable: process trees are found by their marker",
                "Install bubblewrap."
            )
            : Ok(Name, OperatingSystem.IsLinux() ? "bubblewrap" : "by the operating system");
    }

    private DoctorCheck Sandbox()
    {
        const string Name = "sandbox";
        var sandbox = services.GetRequiredService<SandboxHost>();
        return sandbox.Problem.Length > 0
                ? new DoctorCheck(
                    Name,
                    "fail",
                    $"{sandbox.Kind} does not work: {sandbox.Problem}; every run is refused",
                    "Install and allow it (docs/sandbox.md), or set Runner:Sandbox to another kind; then restart the silo."
                )
            : sandbox.Works ? Ok(Name, $"{sandbox.Kind}; {sandbox.LimitsTold}")
            : Ok(Name, "none: lanes that demand one are refused here");
    }

    private async Task<List<DoctorCheck>> DatabaseAsync(CancellationToken cancellationToken)
    {
        const string Cure = "Stop the silo, keep the damaged database, restore a backup.";
        var checks = await services
            .GetRequiredService<IStoreChecks>()
            .CheckAsync(cancellationToken);
        var breaks = await services
            .GetRequiredService<IJournal>()
            .VerifyChainAsync(null, cancellationToken);
        return
        [
            .. checks,
            .. services.GetRequiredService<StoreWatch>().Checks(),
            breaks.Count == 0
                ? Ok("journal", "hash chain verifies")
                : new DoctorCheck("journal", "fail", breaks[0], Cure),
        ];
    }

    private async Task<DoctorCheck> MediatorAsync(CancellationToken cancellationToken)
    {
        var mediator = await services
            .GetRequiredService<IMediatorModel>()
            .ProbeAsync(cancellationToken);
        return !mediator.ClientInitialized ? Ok("mediator", $"{mediator.Mode}: {mediator.Reason}")
            : mediator.Mode == "LLAMA" ? Ok("mediator", $"LLAMA, model {mediator.Model}")
            : new DoctorCheck(
                "mediator",
                "warn",
                $"{mediator.Mode}, model {mediator.Model}",
                mediator.Reason
            );
    }

    private Dictionary<string, string> Settings(string data)
    {
        T Of<T>()
            where T : class => services.GetRequiredService<IOptions<T>>().Value;
        var (runner, task, verify) = (Of<RunnerOptions>(), Of<TaskOptions>(), Of<VerifyOptions>());
        var (mediator, delivery) = (Of<MediatorOptions>(), Of<DeliveryOptions>());
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ORCHESTRATOR_DATA"] = data,
            ["urls"] = string.Join(";", Addresses()),
            ["Runner:Host"] = runner.Host,
            ["Runner:Slots"] = Text(runner.Slots),
            ["Runner:Default"] = runner.Default,
            ["Runner:StopGrace"] = Text(runner.StopGrace),
            ["Runner:OutputBytesMax"] = Text(runner.OutputBytesMax),
            ["Runner:Contain"] = Text(runner.Contain),
            ["Runner:Sandbox"] = runner.Sandbox,
            ["Runner:ClaudeCode:Executable"] = runner.ClaudeCode.Executable,
            ["Runner:ClaudeCode:Model"] = runner.ClaudeCode.Model,
            ["Runner:ClaudeCode:MaxTurns"] = Text(runner.ClaudeCode.MaxTurns),
            // Names only: the values may be keys.
            ["Runner:ClaudeCode:Environment"] = string.Join(
                ", ",
                runner.ClaudeCode.Environment.Keys
            ),
            ["Workspace:AllowedRoots"] = string.Join(", ", Of<WorkspaceOptions>().AllowedRoots),
            ["Verify:Commands"] = string.Join(" && ", verify.Commands),
            ["Verify:TimeMax"] = Text(verify.TimeMax),
            ["Task:RunTimeMax"] = Text(task.RunTimeMax),
            ["Task:SilenceMax"] = Text(task.SilenceMax),
            ["Task:TriesMax"] = Text(task.TriesMax),
            ["Queue:SizeMax"] = Text(services.GetRequiredService<QueueLimits>().Slots.SizeMax),
            ["Mediator:Endpoint"] = mediator.Endpoint,
            ["Mediator:Model"] = mediator.Model,
            ["Mediator:TimeMax"] = Text(mediator.TimeMax),
            ["Delivery:Branch"] = delivery.Branch,
            ["GitHub:Address"] = Of<GitHubOptions>().Address,
        };
    }

    private static string Text(object value) =>
        Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
