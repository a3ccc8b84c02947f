namespace Orchestrator.Decisions.Runners;

/// <summary>A file or folder of the host inside a sandbox.</summary>
/// <param name="Source">Full path on the host.</param>
/// <param name="Target">Full path inside.</param>
/// <param name="Writable">True: what is written there is written on the host.</param>
public sealed record SandboxBind(string Source, string Target, bool Writable = false);

/// <summary>A link of the sandbox's own root.</summary>
/// <param name="Path">Full path inside.</param>
/// <param name="Points">What it points to.</param>
public sealed record SandboxLink(string Path, string Points);

/// <summary>All that one run sees of its host.</summary>
public sealed record SandboxPlan
{
    /// <summary>In order: a later one lies over an earlier one.</summary>
    public IReadOnlyList<SandboxBind> Binds { get; init; } = [];

    /// <summary>Links of the root, such as <c>/bin</c>.</summary>
    public IReadOnlyList<SandboxLink> Links { get; init; } = [];

    /// <summary>The working directory, inside.</summary>
    public required string Folder { get; init; }

    /// <summary>True: the host's network as it is.</summary>
    public bool SharesNetwork { get; init; }

    /// <summary>Program and arguments that start the run inside and bridge its proxy; empty = none.</summary>
    public IReadOnlyList<string> Bridge { get; init; } = [];

    /// <summary>Limits.</summary>
    public required SandboxTerms Terms { get; init; }
}

/// <summary>The command line that puts a program into bubblewrap.</summary>
public static class BubblewrapLine
{
    private const long MiB = 1024 * 1024;
    private const int SharedMemoryMiB = 256;

    /// <summary>The number of the only user inside; on the host it is the silo's.</summary>
    public const int User = 1000;

    /// <summary>Everything before the program.</summary>
    /// <param name="bubblewrap">Full path.</param>
    /// <param name="limiter">Full path of prlimit inside; empty = limits by the watch alone.</param>
    /// <param name="plan">What the run sees.</param>
    public static IReadOnlyList<string> Make(string bubblewrap, string limiter, SandboxPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var terms = plan.Terms;
        List<string> line =
        [
            bubblewrap,
            "--unshare-all",
            // By name, so that a host without user namespaces fails and does not go on without one.
            "--unshare-user",
            "--disable-userns",
            .. plan.SharesNetwork ? (string[])["--share-net"] : [],
            "--uid",
            Text(User),
            "--gid",
            Text(User),
            "--hostname",
            "sandbox",
            "--cap-drop",
            "ALL",
            "--new-session",
            "--die-with-parent",
            "--size",
            Text(terms.TemporaryMiB * MiB),
            "--tmpfs",
            "/tmp",
            "--proc",
            "/proc",
            // Where the silo is the superuser, its number alone opens the kernel's settings, core_pattern among them.
            "--remount-ro",
            "/proc",
            "--dev",
            "/dev",
            "--size",
            Text(SharedMemoryMiB * MiB),
            "--tmpfs",
            "/dev/shm",
            "--remount-ro",
            "/dev",
        ];
        foreach (var link in plan.Links)
        {
            line.AddRange(["--symlink", link.Points, link.Path]);
        }
        foreach (var bind in plan.Binds)
        {
            line.AddRange([bind.Writable ? "--bind" : "--ro-bind", bind.Source, bind.Target]);
        }
        // The root itself lies in memory: nothing may be put there.
        line.AddRange(["--remount-ro", "/", "--chdir", plan.Folder, "--"]);
        if (limiter.Length > 0)
        {
            line.AddRange([
                limiter,
                "--core=0:0",
                $"--fsize={Text(terms.FileMiBMax * MiB)}",
                $"--nproc={Text(terms.ProcessesMax)}",
                $"--data={Text(terms.MemoryMiB * MiB)}",
                // The first asks, the second ends: of one process, where the watch adds up the tree.
                $"--cpu={Text(terms.ProcessorSecondsMax)}:{Text(terms.ProcessorSecondsMax + SandboxTerms.ProcessorGraceSeconds)}",
            ]);
        }
        line.AddRange(plan.Bridge);
        return line;
    }

    private static string Text(long number) =>
        number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
