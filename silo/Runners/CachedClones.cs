using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// One bare clone per repository under the data directory, with the product's configuration alone. No agent works in it:
/// worktrees borrow its objects, so that nothing an agent writes is ever read as configuration by the product.
/// </summary>
internal sealed class CachedClones(GitCli git, string dataDirectory) : IDisposable
{
    private readonly string folder = Path.Combine(dataDirectory, "repos");
    private readonly ConcurrentDictionary<string, SemaphoreSlim> making = new(
        StringComparer.Ordinal
    );

    private readonly ConcurrentDictionary<string, string> formats = new(StringComparer.Ordinal);
    private string? emptyCommit;

    /// <summary>Folder of a repository's clone; the empty name stands for tasks without a repository.</summary>
    public string FolderOf(string repository) =>
        Path.Combine(
            folder,
            repository.Length == 0
                ? "none"
                : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository)))[
                    ..16
                ]
        );

    /// <summary>The objects that the worktrees of a repository borrow.</summary>
    /// <param name="repository">Full path of the user's clone, or empty.</param>
    public string ObjectsOf(string repository) =>
        Path.Combine(
            FolderOf(repository.Length > 0 ? RealPath.Of(repository) : repository),
            "objects"
        );

    /// <summary>True when the clone exists and has the commit.</summary>
    public async Task<bool> HasAsync(
        string repository,
        string commit,
        CancellationToken cancellationToken
    )
    {
        var clone = FolderOf(repository);
        if (commit.Length == 0 || !File.Exists(Path.Combine(clone, "HEAD")))
        {
            return false;
        }
        var found = await git.TryAsync(
            clone,
            ["cat-file", "-e", commit + "^{commit}"],
            cancellationToken
        );
        return found.ExitCode == 0;
    }

    /// <summary>The clone, with the commit in it; its folder.</summary>
    /// <exception cref="GitException">The user's repository cannot be read.</exception>
    public async Task<string> BringAsync(
        string repository,
        string commit,
        CancellationToken cancellationToken
    )
    {
        var clone = FolderOf(repository);
        // One at a time per repository; a slow fetch holds nobody else up.
        var turn = making.GetOrAdd(clone, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            await MakeAsync(repository, clone, cancellationToken);
            if (await HasAsync(repository, commit, cancellationToken))
            {
                return clone;
            }
            await git.RunAsync(
                clone,
                [
                    "fetch",
                    "-q",
                    "--no-tags",
                    "--force",
                    "--update-shallow",
                    "--no-recurse-submodules",
                    "--no-write-fetch-head",
                    repository,
                    "+refs/heads/*:refs/remotes/user/*",
                    "+HEAD:refs/remotes/user-head",
                ],
                cancellationToken
            );
            if (!await HasAsync(repository, commit, cancellationToken))
            {
                await git.RunAsync(
                    clone,
                    [
                        "fetch",
                        "-q",
                        "--force",
                        "--update-shallow",
                        "--no-recurse-submodules",
                        "--no-write-fetch-head",
                        repository,
                        "+refs/tags/*:refs/tags/*",
                    ],
                    cancellationToken
                );
            }
            return clone;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Takes commits from a bundle file that the user's clone may not have. What they build on is fetched from there first.</summary>
    /// <exception cref="GitException">The bundle does not fit, or lacks the commit.</exception>
    public async Task TakeInAsync(
        string repository,
        string bundle,
        string commit,
        CancellationToken cancellationToken
    )
    {
        var clone = await BringAsync(repository, commit, cancellationToken);
        var turn = making.GetOrAdd(clone, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (!await HasAsync(repository, commit, cancellationToken))
            {
                await git.RunAsync(clone, ["bundle", "unbundle", bundle], cancellationToken);
                // Named, so that no collection takes it.
                await git.RunAsync(
                    clone,
                    ["update-ref", "refs/orchestrator/base/" + commit, commit],
                    cancellationToken
                );
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>How the clone names its objects: <c>sha1</c> or <c>sha256</c>.</summary>
    public async Task<string> FormatAsync(string clone, CancellationToken cancellationToken)
    {
        if (!formats.TryGetValue(clone, out var format))
        {
            format = await git.TextAsync(
                clone,
                ["rev-parse", "--show-object-format"],
                cancellationToken
            );
            formats[clone] = format;
        }
        return format;
    }

    /// <summary>The commit that a task without a repository starts from: nothing.</summary>
    public async Task<string> EmptyCommitAsync(CancellationToken cancellationToken)
    {
        var clone = FolderOf("");
        var turn = making.GetOrAdd(clone, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (emptyCommit is not null && File.Exists(Path.Combine(clone, "HEAD")))
            {
                return emptyCommit;
            }
            await MakeAsync("", clone, cancellationToken);
            var tree = await git.TextAsync(clone, ["mktree"], cancellationToken);
            // Fixed dates: the same commit each time.
            return emptyCommit = await git.TextAsync(
                clone,
                ["commit-tree", "-m", "empty", tree],
                cancellationToken,
                new Dictionary<string, string>
                {
                    ["GIT_AUTHOR_DATE"] = "2000-01-01T00:00:00Z",
                    ["GIT_COMMITTER_DATE"] = "2000-01-01T00:00:00Z",
                }
            );
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Takes away what a killed git left: lock files, half-made clones, half-received packs. Only at start, when nothing runs.</summary>
    public void Mend()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        foreach (var clone in Directory.GetDirectories(folder))
        {
            if (clone.EndsWith(".new", StringComparison.Ordinal))
            {
                FolderRemoval.Once(clone);
                continue;
            }
            foreach (
                var left in Directory
                    .EnumerateFiles(clone, "*.lock", SearchOption.AllDirectories)
                    .Concat(Temporary(Path.Combine(clone, "objects")))
                    .ToList()
            )
            {
                File.SetAttributes(left, FileAttributes.Normal);
                File.Delete(left);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var turn in making.Values)
        {
            turn.Dispose();
        }
    }

    private static IEnumerable<string> Temporary(string objects) =>
        Directory.Exists(objects)
            ? Directory.EnumerateFiles(objects, "tmp_*", SearchOption.AllDirectories)
            : [];

    private async Task MakeAsync(
        string repository,
        string clone,
        CancellationToken cancellationToken
    )
    {
        if (File.Exists(Path.Combine(clone, "HEAD")))
        {
            return;
        }
        var made = clone + ".new";
        if (Directory.Exists(made))
        {
            FolderRemoval.Once(made);
        }
        Directory.CreateDirectory(folder);
        var format =
            repository.Length == 0
                ? "sha1"
                : await git.TextAsync(
                    repository,
                    ["rev-parse", "--show-object-format"],
                    cancellationToken
                );
        await git.RunAsync(
            folder,
            ["init", "-q", "--bare", "--template=", "--object-format=" + format, made],
            cancellationToken
        );
        Directory.Move(made, clone);
    }
}
