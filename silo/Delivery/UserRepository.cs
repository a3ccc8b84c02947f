using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Delivery;

/// <summary>A refusal on the way to a commit.</summary>
#pragma warning disable CA1032, CA1064 // thrown and caught inside this room only
internal sealed class DeliveryException(Failure failure) : Exception(failure.Message)
{
    /// <summary>What to tell.</summary>
    public Failure Failure => failure;
}
#pragma warning restore CA1032, CA1064

/// <summary>A user's own repository as the product finds it: read here, never changed.</summary>
internal sealed class UserRepository(
    GitCli git,
    IOptions<WorkspaceOptions> workspace,
    NamedRepositories named,
    IOptions<DeliveryOptions> delivery
)
{
    private const int ChangesMax = 2_000;

    /// <summary>The real top folder of the working tree, by full path or name.</summary>
    /// <exception cref="DeliveryException">It is outside the roots, no repository, or bare.</exception>
    public async Task<string> OpenAsync(string path, CancellationToken cancellationToken)
    {
        path =
            named.PathOf(path)
            ?? throw Refuse(FailureCodes.RepositoryUnusable, named.Unknown(path));
        if (!Path.IsPathFullyQualified(path) || !Directory.Exists(path))
        {
            throw Refuse(
                FailureCodes.RepositoryUnusable,
                $"{path} is no folder on this host. Name the full path of a clone."
            );
        }
        var real = RealPath.Of(path);
        var roots = workspace.Value.AllowedRoots;
        if (
            roots.Count > 0
            && !roots.Exists(r => RepositoryDoor.IsWithin(RealPath.Of(Path.GetFullPath(r)), real))
        )
        {
            throw Refuse(
                FailureCodes.PathOutsideRoot,
                $"{path} lies outside the allowed roots ({string.Join(", ", roots)})."
            );
        }
        var top = await git.TryAsync(real, ["rev-parse", "--show-toplevel"], cancellationToken);
        return top.ExitCode == 0 && top.Text.Trim().Length > 0
            ? Path.GetFullPath(top.Text.Trim())
            : throw Refuse(
                FailureCodes.RepositoryUnusable,
                $"{path} is no git repository with a working tree."
            );
    }

    /// <summary>The branch that is checked out, or empty when HEAD is detached.</summary>
    public async Task<string> BranchAsync(string folder, CancellationToken cancellationToken) =>
        (
            await git.TryAsync(folder, ["symbolic-ref", "--short", "-q", "HEAD"], cancellationToken)
        ).Text.Trim();

    /// <summary>The folder of the worktree in which a branch is checked out, or null.</summary>
    public async Task<string?> CheckoutOfAsync(
        string folder,
        string branch,
        CancellationToken cancellationToken
    )
    {
        var list = await git.TextAsync(
            folder,
            ["worktree", "list", "--porcelain"],
            cancellationToken
        );
        var current = "";
        foreach (var line in list.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith("worktree ", StringComparison.Ordinal))
            {
                current = line[9..];
            }
            else if (line == "branch refs/heads/" + branch)
            {
                return Directory.Exists(current) ? current : null;
            }
        }
        return null;
    }

    /// <summary>Author and committer: the repository's own, else the user's, else the configured one.</summary>
    public async Task<Dictionary<string, string>> IdentityAsync(
        string folder,
        CancellationToken cancellationToken
    )
    {
        var name = await SettingAsync(folder, "user.name", cancellationToken);
        var email = await SettingAsync(folder, "user.email", cancellationToken);
        name = name.Length > 0 ? name : delivery.Value.AuthorName;
        email = email.Length > 0 ? email : delivery.Value.AuthorEmail;
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["GIT_AUTHOR_NAME"] = name,
            ["GIT_AUTHOR_EMAIL"] = email,
            ["GIT_COMMITTER_NAME"] = name,
            ["GIT_COMMITTER_EMAIL"] = email,
        };
    }

    /// <summary>A setting as the user's own git sees it: repository, user, system; empty when none has it.</summary>
    public async Task<string> SettingAsync(
        string folder,
        string name,
        CancellationToken cancellationToken
    )
    {
        foreach (var scope in (string[])["--local", "--global", "--system"])
        {
            var found = await git.TryAsync(
                folder,
                ["config", scope, "--get", name],
                cancellationToken,
                UserConfiguration()
            );
            if (found.ExitCode == 0 && found.Text.Trim() is { Length: > 0 } value)
            {
                return value;
            }
        }
        return "";
    }

    /// <summary>Environment with which git reads the user's configuration again: credentials for a push, line ends of a checkout.</summary>
    public static Dictionary<string, string> UserConfiguration()
    {
        var more = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["GIT_CONFIG_NOSYSTEM"] = "0",
            ["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes",
            ["GIT_ALLOW_PROTOCOL"] = "file:git:http:https:ssh",
        };
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        more["HOME"] = home;
        more["XDG_CONFIG_HOME"] = Path.Combine(home, ".config");
        string[] places =
        [
            Path.Combine(home, ".gitconfig"),
            Path.Combine(home, ".config", "git", "config"),
        ];
        if (places.FirstOrDefault(File.Exists) is { } file)
        {
            more["GIT_CONFIG_GLOBAL"] = file;
        }
        foreach (
            var name in (string[])
                ["SSH_AUTH_SOCK", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "SystemRoot"]
        )
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                more[name] = value;
            }
        }
        return more;
    }

    /// <summary>Branch, clean or dirty, changes, files that are never committed. Takes no lock and refreshes no index.</summary>
    public async Task<RepositoryStatus> StatusAsync(
        string path,
        CancellationToken cancellationToken
    )
    {
        var folder = await OpenAsync(path, cancellationToken);
        var branch = await BranchAsync(folder, cancellationToken);
        var fields = Split(
            await git.RunAsync(
                folder,
                ["--no-optional-locks", "status", "--porcelain=v1", "-z", "--untracked-files=all"],
                cancellationToken
            )
        );
        var lines = await LinesAsync(folder, cancellationToken);
        var changes = new List<FileChange>();
        for (var i = 0; i < fields.Count; i++)
        {
            // "XY path", and after a rename or copy the old path as a field of its own
            var (x, y, name) = (fields[i][0], fields[i][1], fields[i][3..]);
            var old = x is 'R' or 'C' || y is 'R' or 'C' ? fields[++i] : "";
            var (added, deleted) = lines.GetValueOrDefault(name);
            var status = x is not (' ' or '?') ? x : y;
            changes.Add(new FileChange(name, old, status.ToString(), added, deleted, "", ""));
        }
        return new RepositoryStatus(
            folder,
            branch,
            changes.Count == 0,
            [.. changes.Take(ChangesMax)],
            [.. changes.Select(c => c.Path).Where(SensitiveFiles.Is).Take(ChangesMax)]
        );
    }

    /// <summary>Fields of a <c>-z</c> output.</summary>
    public static List<string> Split(byte[] output) =>
        [.. Encoding.UTF8.GetString(output).Split('\0', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>A refusal.</summary>
    public static DeliveryException Refuse(string code, string message) =>
        new(new Failure(code, message));

    private async Task<Dictionary<string, (int, int)>> LinesAsync(
        string folder,
        CancellationToken cancellationToken
    )
    {
        var lines = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        var run = await git.TryAsync(
            folder,
            ["--no-optional-locks", "diff", "--numstat", "--no-renames", "-z", "HEAD"],
            cancellationToken
        );
        foreach (var field in run.ExitCode == 0 ? Split(run.Output) : [])
        {
            if (field.Split('\t', 3) is [var added, var deleted, var path])
            {
                lines[path] = (Count(added), Count(deleted));
            }
        }
        return lines;
    }

    private static int Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;
}
