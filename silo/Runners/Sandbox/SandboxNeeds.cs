using Orchestrator.Decisions.Runners;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>What a kind of agent needs inside a sandbox besides the worktree and the system.</summary>
/// <param name="Binds">Its program, its configuration, its temporary folder.</param>
/// <param name="ApiHosts">Its own API, <c>host:port</c>; reached whatever the network.</param>
internal sealed record SandboxNeeds(
    IReadOnlyList<SandboxBind> Binds,
    IReadOnlyList<string> ApiHosts
)
{
    /// <summary>Nothing.</summary>
    public static SandboxNeeds None { get; } = new([], []);

    /// <summary>A folder of programs, read only, without the settings that lie beside them.</summary>
    public static IEnumerable<SandboxBind> Programs(string folder) =>
        [
            new SandboxBind(folder, folder),
            .. Directory
                .EnumerateFiles(folder, "appsettings*.json")
                .Select(f => new SandboxBind("/dev/null", f)),
        ];
}

/// <summary>A worktree inside a sandbox.</summary>
internal static class SandboxWorktree
{
    // git reads them and runs what they name; they are the product's, also where the agent commits.
    private static readonly string[] Held = ["config", "hooks", Path.Combine("objects", "info")];

    /// <summary>The worktree writable, its git folder fixed in its place with hooks, configuration and borrowed objects read only.</summary>
    /// <param name="worktree">Full path.</param>
    /// <param name="objects">Full path of the cached clone's objects.</param>
    public static IEnumerable<SandboxBind> Binds(string worktree, string objects)
    {
        foreach (var path in new[] { worktree, RealPath.Of(worktree) }.Distinct())
        {
            yield return new SandboxBind(worktree, path, Writable: true);
        }
        if (Directory.Exists(objects))
        {
            yield return new SandboxBind(objects, objects);
        }
        var git = new DirectoryInfo(Path.Combine(worktree, ".git"));
        if (!git.Exists || git.LinkTarget is not null)
        {
            yield break;
        }
        var own = Path.Combine(RealPath.Of(worktree), ".git");
        // A mount cannot be renamed or removed: the agent cannot put a git folder of its own there.
        yield return new SandboxBind(own, own, Writable: true);
        foreach (var part in Held)
        {
            var path = Path.Combine(own, part);
            if (part == "hooks" && !Path.Exists(path))
            {
                Directory.CreateDirectory(path);
            }
            if (IsPlain(path))
            {
                yield return new SandboxBind(path, path);
            }
        }
    }

    private static bool IsPlain(string path) =>
        Path.Exists(path) && new FileInfo(path).LinkTarget is null;
}
