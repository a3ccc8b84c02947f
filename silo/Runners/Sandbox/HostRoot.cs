using Orchestrator.Decisions.Runners;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>What every sandboxed run sees of its Linux host, read only: programs and libraries, and of <c>/etc</c> what they need to run.</summary>
internal sealed class HostRoot
{
    private static readonly string[] Systems = ["/bin", "/sbin", "/lib", "/lib32", "/lib64"];

    // No keys, no accounts, no settings of services. 'ssl/private' and 'pki/tls/private' stay outside.
    private static readonly string[] Settings =
    [
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/etc/ld.so.conf.d",
        "/etc/alternatives",
        "/etc/localtime",
        "/etc/dotnet",
        "/etc/ssl/certs",
        "/etc/ssl/openssl.cnf",
        "/etc/pki/tls/certs",
        "/etc/pki/ca-trust/extracted",
        "/etc/ca-certificates",
        "/etc/mime.types",
        "/etc/protocols",
        "/etc/services",
    ];

    // Only where the host's network is shared is there anything to resolve.
    private static readonly string[] Names = ["/etc/resolv.conf", "/etc/hosts"];

    /// <summary>Looks at the host, and writes the accounts that stand in for the host's.</summary>
    /// <param name="folder">The product's own folder for them.</param>
    public HostRoot(string folder)
    {
        RunFolders.Private(folder);
        var (passwd, group, switches) = (
            Path.Combine(folder, "passwd"),
            Path.Combine(folder, "group"),
            Path.Combine(folder, "nsswitch.conf")
        );
        var user = BubblewrapLine.User;
        File.WriteAllText(
            passwd,
            $"agent:x:{user}:{user}:agent:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
        );
        File.WriteAllText(group, $"agent:x:{user}:\nnogroup:x:65534:\n");
        File.WriteAllText(switches, "passwd: files\ngroup: files\nhosts: files dns\n");
        Links =
        [
            .. Systems
                .Select(s => new SandboxLink(s, new DirectoryInfo(s).LinkTarget ?? ""))
                .Where(l => l.Points.Length > 0),
        ];
        Binds =
        [
            new SandboxBind("/usr", "/usr"),
            .. Systems
                .Where(s => Directory.Exists(s) && new DirectoryInfo(s).LinkTarget is null)
                .Select(s => new SandboxBind(s, s)),
            .. Settings.Where(Path.Exists).Select(s => new SandboxBind(s, s)),
            new SandboxBind(passwd, "/etc/passwd"),
            new SandboxBind(group, "/etc/group"),
            new SandboxBind(switches, "/etc/nsswitch.conf"),
            .. Runtime(),
        ];
    }

    /// <summary>Its links.</summary>
    public IReadOnlyList<SandboxLink> Links { get; }

    /// <summary>Its files and folders.</summary>
    public IReadOnlyList<SandboxBind> Binds { get; }

    /// <summary>What names are resolved with.</summary>
    public static IReadOnlyList<SandboxBind> Resolving() =>
        [.. Names.Where(File.Exists).Select(n => new SandboxBind(RealPath.Of(n), n))];

    // Where .NET lies, when it is not below /usr.
    private static IEnumerable<SandboxBind> Runtime()
    {
        var root = Path.GetFullPath(
            Path.Combine(
                System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(),
                "..",
                "..",
                ".."
            )
        );
        if (
            !root.StartsWith("/usr/", StringComparison.Ordinal)
            && File.Exists(Path.Combine(root, "dotnet"))
        )
        {
            yield return new SandboxBind(root, root);
        }
    }
}
