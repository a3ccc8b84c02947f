using System.Security.Cryptography;
using System.Text;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.Grains.Delivery;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Delivery.RemoteClones;

/// <summary>One clone, entered; what goes over the network goes through here.</summary>
internal sealed class RemoteClone(
    GitCli git,
    Redactor redactor,
    RemoteRepository repository,
    PushAccess access,
    string folder,
    TimeSpan timeMax,
    IDisposable turn
) : IDisposable
{
    private readonly RemoteCredential credential = new(access);

    /// <summary>Its folder.</summary>
    public string Folder => folder;

    /// <summary>Makes the empty clone when there is none.</summary>
    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(Path.Combine(folder, "HEAD")))
        {
            return;
        }
        FolderRemoval.Once(folder);
        var made = folder + ".new";
        FolderRemoval.Once(made);
        var parent = Path.GetDirectoryName(folder)!;
        Directory.CreateDirectory(parent);
        await git.RunAsync(
            parent,
            ["init", "-q", "--bare", "--template=", made],
            cancellationToken
        );
        Directory.Move(made, folder);
    }

    /// <summary>Throws it away and makes it anew, empty.</summary>
    public async Task RemakeAsync(CancellationToken cancellationToken)
    {
        FolderRemoval.Once(folder);
        await MakeAsync(cancellationToken);
    }

    /// <summary>True when git can work with it. Deep: every object that a ref leads to is there.</summary>
    public async Task<bool> IsWholeAsync(bool deep, CancellationToken cancellationToken)
    {
        var run = await git.TryAsync(
            folder,
            deep
                ? ["fsck", "--connectivity-only", "--no-dangling", "--no-progress"]
                // Reads the commit of each ref.
                : ["for-each-ref", "--format=%(objectname) %(tree)"],
            cancellationToken
        );
        return run.ExitCode == 0;
    }

    /// <summary>Fetches branches; the commits of those that are there.</summary>
    /// <exception cref="PullRequestHostException">The host gave no access.</exception>
    /// <exception cref="BranchPublishException">It is not reachable.</exception>
    public async Task<IReadOnlyDictionary<string, string>> FetchAsync(
        IReadOnlyList<string> branches,
        CancellationToken cancellationToken
    )
    {
        var wanted = branches.Distinct(StringComparer.Ordinal).ToList();
        var listed = await RunAsync(
            ["ls-remote", "--refs", Address, .. wanted.Select(b => "refs/heads/" + b)],
            cancellationToken
        );
        var there = listed
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Trim().Split('\t'))
            .Where(f => f.Length == 2)
            // The remote matches ends of names; only the whole name is meant.
            .Where(f => wanted.Contains(f[1]["refs/heads/".Length..], StringComparer.Ordinal))
            .ToDictionary(f => f[1]["refs/heads/".Length..], f => f[0], StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var (branch, hash) in there)
        {
            if (await FindAsync(RefOf(branch) + "^{commit}", cancellationToken) != hash)
            {
                missing.Add(branch);
            }
        }
        if (missing.Count > 0)
        {
            await RunAsync(
                [.. Fetching, Address, .. missing.Select(b => $"+refs/heads/{b}:{RefOf(b)}")],
                cancellationToken
            );
        }
        var fetched = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var branch in there.Keys)
        {
            // Newer than listed when it moved meanwhile.
            fetched[branch] =
                await FindAsync(RefOf(branch), cancellationToken)
                ?? throw new GitException($"the ref of {branch} is missing in {folder}");
        }
        return fetched;
    }

    /// <summary>True when the commit is in the clone, by a fetch of it alone if need be.</summary>
    public async Task<bool> BringAsync(string commit, CancellationToken cancellationToken)
    {
        if (await FindAsync(commit + "^{commit}", cancellationToken) is not null)
        {
            return true;
        }
        var run = await git.TryAsync(
            folder,
            [.. Fetching, Address, $"+{commit}:refs/remote/commit-{commit}"],
            cancellationToken,
            credential.Variables()
        );
        if (run.ExitCode == 0)
        {
            return true;
        }
        if (run.TimedOut)
        {
            throw Late();
        }
        if (await IsDamagedAsync(run.Tail, cancellationToken))
        {
            throw new GitException($"{folder} is damaged: {Clean(run.Tail).Trim()}");
        }
        // Refused, or the host has no such commit: which of them it is, hosts do not say.
        return false;
    }

    /// <summary>Pushes a commit as a fast-forward; null = done, else what the remote answered and its words.</summary>
    public async Task<(RemoteGitAnswer Answer, string Words)?> PushAsync(
        string commit,
        string branch,
        CancellationToken cancellationToken
    )
    {
        var run = await git.TryAsync(
            folder,
            ["push", "-q", "--no-verify", Address, $"{commit}:refs/heads/{branch}"],
            cancellationToken,
            credential.Variables()
        );
        if (run.ExitCode == 0)
        {
            // The next look needs no fetch. Without it it fetches.
            await git.TryAsync(folder, ["update-ref", RefOf(branch), commit], cancellationToken);
            return null;
        }
        return run.TimedOut
            ? throw Late()
            : (RemoteGitText.Read(run.Tail), RemoteGitText.Words(Clean(run.Tail)));
    }

    /// <summary>The full hash that a name stands for, or null.</summary>
    public async Task<string?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var run = await git.TryAsync(
            folder,
            ["rev-parse", "--verify", "-q", "--end-of-options", name],
            cancellationToken
        );
        return run.ExitCode == 0 ? run.Text.Trim() : null;
    }

    /// <summary>The tree of a commit.</summary>
    public Task<string> TreeAsync(string commit, CancellationToken cancellationToken) =>
        git.TextAsync(folder, ["rev-parse", "--verify", commit + "^{tree}"], cancellationToken);

    /// <summary>True when a commit is part of another's history.</summary>
    public async Task<bool> ContainsAsync(
        string commit,
        string part,
        CancellationToken cancellationToken
    ) =>
        (
            await git.TryAsync(
                folder,
                ["merge-base", "--is-ancestor", part, commit],
                cancellationToken
            )
        ).ExitCode == 0;

    /// <summary>The failure that a remote's answer is.</summary>
    public Exception Failed(RemoteGitAnswer answer, string words) =>
        answer switch
        {
            RemoteGitAnswer.Unauthorised => new PullRequestHostException(
                PullRequestHostError.Unauthorised,
                $"{access.Address.Authority} does not accept the credential for {repository}: {words} Check the credential of that host (docs/delivery.md)."
            ),
            RemoteGitAnswer.Forbidden => new PullRequestHostException(
                PullRequestHostError.Forbidden,
                $"The credential may not read or write {repository}: {words} Give it the right to contents (docs/delivery.md)."
            ),
            RemoteGitAnswer.NotFound => new PullRequestHostException(
                PullRequestHostError.NotFound,
                $"{access.Address.Authority} has no repository {repository} that the credential may see: {words}"
            ),
            RemoteGitAnswer.Refused or RemoteGitAnswer.Moved => new BranchPublishException(
                PublishError.Refused,
                $"{repository} does not take the push: {words}"
            ),
            _ => new BranchPublishException(
                PublishError.Unavailable,
                $"{access.Address.Authority} cannot be reached for {repository}: {words} It is tried again."
            ),
        };

    /// <summary>Text without the credential and other secrets.</summary>
    public string Clean(string text) => redactor.Redact(credential.Clean(text));

    /// <inheritdoc />
    public void Dispose() => turn.Dispose();

    private static string[] Fetching =>
        [
            "fetch",
            "-q",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
        ];

    private string Address => access.Address.AbsoluteUri;

    // By hash, so that 'a' and 'a/b' may follow each other.
    private static string RefOf(string branch) =>
        "refs/remote/"
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(branch)))[..32];

    private BranchPublishException Late() =>
        new(
            PublishError.Unavailable,
            $"{access.Address.Authority} took longer than {timeMax} for {repository} (Delivery:RemoteTimeMax). It is tried again; what was fetched whole is kept."
        );

    private async Task<bool> IsDamagedAsync(string said, CancellationToken cancellationToken) =>
        RemoteGitText.HintsAtDamage(said) && !await IsWholeAsync(deep: true, cancellationToken);

    private async Task<string> RunAsync(
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken
    )
    {
        var run = await git.TryAsync(folder, arguments, cancellationToken, credential.Variables());
        if (run.TimedOut)
        {
            throw Late();
        }
        if (run.ExitCode == 0)
        {
            return run.Text;
        }
        var answer = RemoteGitText.Read(run.Tail);
        // A clone that git itself cannot use is no matter of the host.
        if (
            answer == RemoteGitAnswer.Unavailable
            && await IsDamagedAsync(run.Tail, cancellationToken)
        )
        {
            throw new GitException($"{folder} is damaged: {Clean(run.Tail).Trim()}");
        }
        throw Failed(answer, RemoteGitText.Words(Clean(run.Tail)));
    }
}
