using System.Diagnostics;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>The sandbox of this host: which kind, whether it works, and the one of each run. Tried once, at start.</summary>
internal sealed class SandboxHost
{
    /// <summary>Kinds of <c>Runner:Sandbox</c>.</summary>
    public const string None = "none";

    /// <inheritdoc cref="None" />
    public const string Bubblewrap = "bubblewrap";

    /// <inheritdoc cref="None" />
    public const string Podman = "podman";

    /// <inheritdoc cref="None" />
    public const string WindowsRestricted = "windows-restricted";

    private const string DoorInside = "/run/orchestrator.sock";
    private const string ProxyInside = "http://127.0.0.1:3128";
    private const int SocketPathMax = 100;
    private static readonly TimeSpan ProbeMax = TimeSpan.FromSeconds(20);
    private static readonly string[] Proxies =
    [
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "https_proxy",
        "http_proxy",
    ];

    private static readonly string[] Programs = ["/usr/bin/", "/bin/", "/usr/local/bin/"];

    private readonly SandboxOptions options;
    private readonly SandboxTerms own;
    private readonly TimeProvider time;
    private readonly ILogger<SandboxHost> logger;
    private readonly string temporary;
    private readonly HostRoot? root;
    private readonly RunCgroups? groups;
    private readonly PodmanHost? podman;
    private readonly string whyNoGroups = "";
    private readonly string program = "";
    private readonly string limiter = File.Exists("/usr/bin/prlimit") ? "/usr/bin/prlimit" : "";

    /// <param name="options">The settings.</param>
    /// <param name="folders">Where its own files lie.</param>
    /// <param name="time">The clock of its limits.</param>
    /// <param name="logger">Told of hosts that are refused.</param>
    public SandboxHost(
        IOptions<RunnerOptions> options,
        RunFolders folders,
        TimeProvider time,
        ILogger<SandboxHost> logger
    )
    {
        Kind = options.Value.Sandbox;
        this.options = options.Value.Sandboxed;
        own = TermsOf(this.options);
        (this.time, this.logger) = (time, logger);
        temporary = Path.Combine(folders.Data, "tmp");
        switch (Kind)
        {
            case None:
                break;
            case WindowsRestricted:
                Problem = OperatingSystem.IsWindows()
                    ? WindowsTrial.Run(own, temporary)
                    : "it is there on Windows only";
                break;
            case var _ when !OperatingSystem.IsLinux():
                Problem = "it is there on Linux only";
                break;
            default:
                program = Find(Kind == Podman ? "podman" : "bwrap");
                root = Kind == Podman ? null : new HostRoot(Path.Combine(folders.Data, "sandbox"));
                if (Kind == Podman && program.Length > 0)
                {
                    podman = new PodmanHost(program, this.options.Image, temporary);
                    whyNoGroups = podman.Limits.WhyNot;
                }
                Problem = program.Length == 0 ? "its program is not installed" : Probe();
                if (Works && Kind == Bubblewrap)
                {
                    groups = RunCgroups.Take(
                        RunCgroups.Root,
                        RunCgroups.Membership(),
                        Environment.ProcessId,
                        out whyNoGroups
                    );
                }
                break;
        }
    }

    /// <summary>As <c>Runner:Sandbox</c> says.</summary>
    public string Kind { get; }

    /// <summary>Why the configured sandbox cannot be used; empty = it can, or none is configured.</summary>
    public string Problem { get; } = "";

    /// <summary>Tries it again now: why it cannot be used; empty = it can, or none is configured.</summary>
    public string TryNow() =>
        !Works ? Problem
        : OperatingSystem.IsWindows() ? WindowsTrial.Run(own, temporary)
        : File.Exists(program) ? Probe()
        : $"{program} is not there any more";

    /// <summary>True when runs are sandboxed here.</summary>
    public bool Works => Kind != None && Problem.Length == 0;

    /// <summary>What holds memory, processes and processor time of a run: <c>cgroups</c>, <c>rlimits</c> (with a watch that adds up the tree), <c>job</c> (Windows); empty = nothing.</summary>
    public string Limits =>
        !Works ? ""
        : Kind == WindowsRestricted ? "job"
        : podman?.Limits.Hold ?? groups is not null ? "cgroups"
        : "rlimits";

    /// <summary>For people: the limits in force, with the reason where they are not those of cgroups.</summary>
    public string LimitsTold =>
        Limits switch
        {
            "rlimits" when Kind == Podman =>
                $"limits by podman's ulimits and a watch: {whyNoGroups}",
            "rlimits" =>
                $"limits by {(limiter.Length > 0 ? "rlimits and a watch" : "a watch alone, as prlimit is not installed")}: {whyNoGroups}",
            "cgroups" when Kind == Podman => "limits by podman's cgroups",
            "cgroups" => "limits by cgroups",
            "job" => "limits by a Job Object",
            _ => "",
        };

    /// <summary>What a lane can demand: <c>sandbox=KIND</c> and <c>sandboxed=yes</c>, only when it works.</summary>
    public IReadOnlyList<string> Labels => Works ? ["sandbox=" + Kind, "sandboxed=yes"] : [];

    /// <summary>Empty, or why a run with this demand is not begun here. A sandbox that is configured is never left out.</summary>
    public string Refusal(SandboxDemand? demand) =>
        Problem.Length > 0
            ? $"The sandbox '{Kind}' (Runner:Sandbox) does not work on this host: {Problem}. Nothing is run without it."
        : demand is { Required: true } && Kind == None
            ? "The task's lane demands a sandbox, and this host has none (Runner:Sandbox). Set one, or let the lane demand the label sandboxed=yes."
        : demand is { Required: true, Network: not SandboxNetwork.Open }
        && Kind == WindowsRestricted
            ? "The task's lane demands a limited network, which the sandbox 'windows-restricted' does not hold."
        : "";

    /// <summary>Puts a child into the host's sandbox; as it is when there is none.</summary>
    /// <param name="order">The child.</param>
    /// <param name="demand">What its lane asks for.</param>
    /// <param name="needs">What its program needs.</param>
    /// <param name="worktree">Full path.</param>
    /// <param name="objects">Full path of the objects that the worktree borrows.</param>
    /// <exception cref="InvalidOperationException">It cannot be; the message says why.</exception>
    public SandboxedChild Enclose(
        ProcessOrder order,
        SandboxDemand? demand,
        SandboxNeeds needs,
        string worktree,
        string objects
    )
    {
        if (Refusal(demand) is { Length: > 0 } refusal)
        {
            throw new InvalidOperationException(refusal);
        }
        if (Kind == None)
        {
            return new SandboxedChild(order, null);
        }
        var terms = own.Narrowed(demand);
        string[] folders =
        [
            worktree,
            .. needs
                .Binds.Where(b => b.Writable && Directory.Exists(b.Source))
                .Select(b => b.Source),
        ];
        if (Kind == WindowsRestricted)
        {
            return new SandboxedChild(
                order with
                {
                    Enclosure = new Enclosure([], terms, folders, []),
                },
                null
            );
        }
        var door = Door(order.RunId, terms, needs);
        RunCgroup? group = null;
        try
        {
            group = groups?.Make(terms);
            var (line, environment, end, pidFile) = Enclosed(
                order,
                terms,
                needs,
                [.. SandboxWorktree.Binds(worktree, objects)],
                door
            );
            return new SandboxedChild(
                order with
                {
                    Environment = environment,
                    Enclosure = new Enclosure(
                        [.. group?.Line ?? [], .. line],
                        terms,
                        folders,
                        end,
                        group,
                        pidFile
                    ),
                },
                door
            );
        }
        catch
        {
            group?.Remove();
            door?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    private (
        IReadOnlyList<string> Line,
        IReadOnlyDictionary<string, string> Environment,
        IReadOnlyList<string> End,
        string? PidFile
    ) Enclosed(
        ProcessOrder order,
        SandboxTerms terms,
        SandboxNeeds needs,
        IReadOnlyList<SandboxBind> worktree,
        NetworkDoor? door
    )
    {
        var environment = new Dictionary<string, string>(order.Environment, StringComparer.Ordinal);
        List<SandboxBind> binds =
        [
            .. root?.Binds ?? [],
            .. options.ReadOnlyPaths.Where(Path.Exists).Select(p => new SandboxBind(p, p)),
            .. root is not null && terms.Network == SandboxNetwork.Open ? HostRoot.Resolving() : [],
            .. needs.Binds,
            .. worktree,
        ];
        string[] bridge = [];
        if (door is not null)
        {
            var bridging =
                ScriptedRunner.Program
                ?? throw new InvalidOperationException(
                    "orchestrator-scripted-agent, which bridges the sandbox's network, is not beside the silo. Install the whole release."
                );
            binds.AddRange(SandboxNeeds.Programs(Path.GetDirectoryName(bridging)!));
            binds.Add(new SandboxBind(door.Path, DoorInside));
            bridge = [bridging, "--bridge", DoorInside, "--"];
            foreach (var name in Proxies)
            {
                environment[name] = ProxyInside;
            }
        }
        var plan = new SandboxPlan
        {
            Binds = binds,
            Links = root?.Links ?? [],
            Folder = order.WorkingDirectory,
            SharesNetwork = terms.Network == SandboxNetwork.Open,
            Bridge = bridge,
            Terms = terms,
        };
        return podman?.Enclosed(order.RunId, plan, environment)
            ?? (BubblewrapLine.Make(program, limiter, plan), environment, [], null);
    }

    private NetworkDoor? Door(string runId, SandboxTerms terms, SandboxNeeds needs)
    {
        IReadOnlyList<string> hosts =
        [
            .. needs.ApiHosts,
            .. terms.Network == SandboxNetwork.Allowlist ? terms.Hosts : [],
        ];
        if (
            terms.Network == SandboxNetwork.Open
            || (terms.Network == SandboxNetwork.Off && hosts.Count == 0)
        )
        {
            return null;
        }
        RunFolders.Private(temporary);
        var name = Guid.NewGuid().ToString("N")[..12] + ".sock";
        var path = Path.Combine(temporary, name);
        if (path.Length > SocketPathMax)
        {
            path = Path.Combine(Path.GetTempPath(), "orchestrator-" + name);
        }
        return new NetworkDoor(path, runId, hosts, time, logger);
    }

    private string Probe()
    {
        if (Kind == Podman && options.Image.Length == 0)
        {
            return "no image is named (Runner:Sandboxed:Image)";
        }
        var plan = new SandboxPlan
        {
            Binds = root?.Binds ?? [],
            Links = root?.Links ?? [],
            Folder = "/",
            Terms = own,
        };
        var line = podman?.Trial(plan) ?? BubblewrapLine.Make(program, limiter, plan);
        var info = new ProcessStartInfo(line[0], [.. line.Skip(1), "/bin/true"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        try
        {
            using var process = Process.Start(info)!;
            process.StandardInput.Close();
            if (!process.WaitForExit(ProbeMax))
            {
                process.Kill(entireProcessTree: true);
                return "its trial did not end in 20 seconds";
            }
            var said = process.StandardError.ReadToEnd().Trim().Split('\n')[0];
            return process.ExitCode == 0 ? ""
                : said.Length > 0 ? said.TrimEnd('.')
                : $"its trial ended with {process.ExitCode}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }

    private static SandboxTerms TermsOf(SandboxOptions options) =>
        new()
        {
            Network = options.Network,
            Hosts = options.AllowedHosts,
            MemoryMiB = options.MemoryMiB,
            ProcessesMax = options.ProcessesMax,
            FileMiBMax = options.FileMiBMax,
            DiskMiBMax = options.DiskMiBMax,
            TemporaryMiB = options.TemporaryMiB,
            ProcessorSecondsMax = options.ProcessorSecondsMax,
        };

    private static string Find(string name) =>
        Programs.Select(f => f + name).FirstOrDefault(File.Exists) ?? "";
}

/// <summary>A child made ready, with its way to the network. Disposing it after the child's end closes that way.</summary>
internal sealed class SandboxedChild(ProcessOrder process, NetworkDoor? door) : IAsyncDisposable
{
    /// <summary>What to start.</summary>
    public ProcessOrder Process => process;

    /// <summary>Hosts that were refused, as the agent's denials are told: <c>Network host:port</c>.</summary>
    public IReadOnlyList<string> Refused => [.. (door?.Refused ?? []).Select(h => "Network " + h)];

    /// <inheritdoc />
    public ValueTask DisposeAsync() => door?.DisposeAsync() ?? ValueTask.CompletedTask;
}
