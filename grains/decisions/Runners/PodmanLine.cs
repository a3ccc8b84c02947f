namespace Orchestrator.Decisions.Runners;

/// <summary>What podman's cgroups hold for whoever runs it.</summary>
/// <param name="WhyNot">Why they hold neither memory nor processes, as half a sentence; empty = they do.</param>
public sealed record PodmanLimits(string WhyNot)
{
    /// <summary>The template of <c>podman info --format</c> whose answer <see cref="Read"/> takes.</summary>
    public const string Template =
        "{{.Host.Security.Rootless}} {{.Host.CgroupsVersion}} {{.Host.CgroupControllers}}";

    /// <summary>True when memory and processes are held.</summary>
    public bool Hold => WhyNot.Length == 0;

    /// <summary>
    /// Reads podman's answer, such as <c>true v2 [cpu memory pids]</c>. The superuser's podman has all controllers, whatever it
    /// names; an ordinary user's has those of version 2 that were handed to it, and of version 1 none
    /// (docs.podman.io, podman-run, <c>--memory</c>: not supported on cgroups V1 rootless systems).
    /// </summary>
    public static PodmanLimits Read(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var words = answer.Split(
            [' ', '[', ']', '\n', '\r'],
            StringSplitOptions.RemoveEmptyEntries
        );
        return words switch
        {
            ["false", "v1" or "v2", ..] => new PodmanLimits(""),
            ["true", "v1", ..] => new PodmanLimits(
                "podman is an ordinary user's, and cgroups of version 1 are the superuser's alone"
            ),
            ["true", "v2", .. var controllers]
                when controllers.Contains("memory") && controllers.Contains("pids") =>
                new PodmanLimits(""),
            ["true", "v2", ..] => new PodmanLimits(
                "the controllers memory and pids are not handed to the user (Delegate= of systemd)"
            ),
            _ => new PodmanLimits("podman did not say which cgroups it has"),
        };
    }
}

/// <summary>The command line that puts a program into a container of podman, and the one that ends it.</summary>
public static class PodmanLine
{
    private const long MiB = 1024 * 1024;

    /// <summary>Names that podman reads for itself: where its images, its configuration and its user's services are.</summary>
    public static IReadOnlyList<string> Own { get; } =
    [
        "CONTAINERS_CONF",
        "CONTAINERS_STORAGE_CONF",
        "DBUS_SESSION_BUS_ADDRESS",
        "HOME",
        "PATH",
        "TMPDIR",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
    ];

    /// <summary>Everything before the program.</summary>
    /// <param name="podman">Full path.</param>
    /// <param name="image">The image that holds what the work needs.</param>
    /// <param name="name">The container's name.</param>
    /// <param name="plan">What the run sees; of the host's own system it sees nothing.</param>
    /// <param name="environment">Names and values inside.</param>
    /// <param name="cgroups">True: podman's cgroups hold memory and processes; else only the kernel's limits of single processes are set.</param>
    /// <param name="markers">Names that mark the run's processes; podman's own environment has their values.</param>
    /// <param name="pidFile">Full path where it writes the number of the first process inside, for a watch; null = nowhere.</param>
    public static IReadOnlyList<string> Make(
        string podman,
        string image,
        string name,
        SandboxPlan plan,
        IReadOnlyDictionary<string, string> environment,
        bool cgroups,
        IReadOnlyList<string> markers,
        string? pidFile = null
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(markers);
        var terms = plan.Terms;
        List<string> line =
        [
            podman,
            // crun refuses hybrid cgroups; runc works with both limits named.
            "--runtime",
            "runc",
            "run",
            "--rm",
            "-i",
            "--pull=never",
            "--name",
            name,
            "--network",
            plan.SharesNetwork ? "host" : "none",
            "--read-only",
            "--tmpfs",
            $"/tmp:rw,nosuid,nodev,size={Text(terms.TemporaryMiB)}m",
            .. cgroups
                ? (string[])
                    [
                        "--memory",
                        Text(terms.MemoryMiB) + "m",
                        "--pids-limit",
                        Text(terms.ProcessesMax),
                    ]
                : ["--ulimit", $"data={Text(terms.MemoryMiB * MiB)}"],
            .. pidFile is null ? (string[])[] : ["--pidfile", pidFile],
            "--ulimit",
            "nofile=1024:1024",
            "--ulimit",
            $"nproc={Text(terms.ProcessesMax)}:{Text(terms.ProcessesMax)}",
            "--ulimit",
            $"fsize={Text(terms.FileMiBMax * MiB)}",
            "--ulimit",
            $"cpu={Text(terms.ProcessorSecondsMax)}:{Text(terms.ProcessorSecondsMax + SandboxTerms.ProcessorGraceSeconds)}",
            "--cap-drop",
            "all",
            "--security-opt",
            "no-new-privileges",
            "--workdir",
            plan.Folder,
        ];
        foreach (var (key, value) in environment.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            // A name without a value is taken from podman's own environment: no value shows in the list of processes. Those
            // that mean something to podman itself have another value there, and are places, no secrets.
            line.AddRange([
                "--env",
                value.Length > 0 && !Own.Contains(key) ? key : $"{key}={value}",
            ]);
        }
        foreach (var marker in markers)
        {
            line.AddRange(["--env", marker]);
        }
        // podman refuses a place that is named twice: the later one counts, as elsewhere it lies over the earlier one.
        foreach (var bind in plan.Binds.Reverse().DistinctBy(b => b.Target).Reverse())
        {
            line.AddRange([
                "--mount",
                $"type=bind,source={bind.Source},target={bind.Target}{(bind.Writable ? "" : ",ro")}",
            ]);
        }
        line.Add(image);
        line.AddRange(plan.Bridge);
        return line;
    }

    /// <summary>The environment of podman itself: what the run gets, and of the host what podman reads for itself.</summary>
    /// <param name="run">Names and values inside.</param>
    /// <param name="host">Value of a name of the host; null = not set.</param>
    public static IReadOnlyDictionary<string, string> Environment(
        IReadOnlyDictionary<string, string> run,
        Func<string, string?> host
    )
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(host);
        var own = run.Where(e => !Own.Contains(e.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var name in Own)
        {
            if (host(name) is { Length: > 0 } value)
            {
                own[name] = value;
            }
        }
        return own;
    }

    /// <summary>Ends a container, whatever runs in it.</summary>
    public static IReadOnlyList<string> End(string name) => ["kill", "--signal", "KILL", name];

    private static string Text(long number) =>
        number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
