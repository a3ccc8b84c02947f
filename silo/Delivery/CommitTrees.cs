using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Delivery;

/// <summary>Makes the trees of a commit inside the user's object store by plumbing: no checkout, index or HEAD is touched.</summary>
internal sealed class CommitTrees(GitCli git)
{
    /// <summary>The tree of the captured work: the patch on its base, without files that are never committed.</summary>
    public async Task<string> WorkAsync(
        string folder,
        string baseCommit,
        ReadOnlyMemory<byte> patch,
        List<string> leftOut,
        CancellationToken cancellationToken
    )
    {
        using var index = new TemporaryIndex();
        await git.RunAsync(folder, ["read-tree", baseCommit], cancellationToken, index.Variables);
        await git.RunAsync(
            folder,
            ["apply", "--cached", "--whitespace=nowarn", "--binary", "-"],
            cancellationToken,
            index.Variables,
            patch
        );
        return await WriteAsync(folder, index, baseCommit, leftOut, cancellationToken);
    }

    /// <summary>The tree of what the user has staged, without files that are never committed; HEAD's own tree when nothing is.</summary>
    public async Task<string> StagedAsync(
        string folder,
        List<string> leftOut,
        CancellationToken cancellationToken
    )
    {
        using var index = new TemporaryIndex();
        var own = await git.TextAsync(
            folder,
            ["rev-parse", "--git-path", "index"],
            cancellationToken
        );
        File.Copy(Path.GetFullPath(own, folder), index.Path, overwrite: true);
        var unmerged = await git.RunAsync(
            folder,
            ["ls-files", "--unmerged", "-z"],
            cancellationToken,
            index.Variables
        );
        if (unmerged.Length > 0)
        {
            throw UserRepository.Refuse(
                FailureCodes.NotPossibleNow,
                $"{folder} has files with unresolved conflicts. Resolve them and 'git add' them, then ask again."
            );
        }
        return await WriteAsync(folder, index, "HEAD", leftOut, cancellationToken);
    }

    /// <summary>The tree that holds <paramref name="ours"/> and what changed from <paramref name="from"/> to <paramref name="theirs"/>.</summary>
    /// <exception cref="DeliveryException">Both changed the same lines.</exception>
    public async Task<string> MergeAsync(
        string folder,
        string from,
        string ours,
        string theirs,
        string where,
        CancellationToken cancellationToken
    )
    {
        if (ours == from || ours == theirs)
        {
            return theirs;
        }
        if (theirs == from)
        {
            return ours;
        }
        // Commits that nothing refers to, so that git finds the common ancestor that is meant.
        var ancestor = await CommitAsync(folder, from, null, "from", null, cancellationToken);
        var left = await CommitAsync(folder, ours, ancestor, "ours", null, cancellationToken);
        var right = await CommitAsync(folder, theirs, ancestor, "theirs", null, cancellationToken);
        var merge = await TryMergeAsync(folder, left, right, cancellationToken);
        return merge.Conflicts.Count == 0
            ? merge.Tree
            : throw UserRepository.Refuse(
                FailureCodes.Conflict,
                $"The work does not fit onto {where}: both changed {string.Join(", ", merge.Conflicts.Take(10))}. Name another branch (--branch NAME), or merge the task's own branch by hand."
            );
    }

    /// <summary>Merges two commits by git: the tree, and the paths that both changed; then the tree holds git's marks.</summary>
    public async Task<(string Tree, IReadOnlyList<string> Conflicts)> TryMergeAsync(
        string folder,
        string ours,
        string theirs,
        CancellationToken cancellationToken
    )
    {
        var run = await git.TryAsync(
            folder,
            ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs],
            cancellationToken
        );
        var fields = UserRepository.Split(run.Output);
        return run.ExitCode switch
        {
            0 when fields.Count > 0 => (fields[0], []),
            1 when fields.Count > 1 => (fields[0], [.. fields.Skip(1).Distinct()]),
            _ => throw new GitException(
                $"git merge-tree failed in {folder} (git 2.38 or newer is needed): {run.Tail.Trim()}"
            ),
        };
    }

    /// <summary>A commit object that nothing refers to yet.</summary>
    public Task<string> CommitAsync(
        string folder,
        string tree,
        string? parent,
        string message,
        IReadOnlyDictionary<string, string>? identity,
        CancellationToken cancellationToken
    ) =>
        TextAsync(
            folder,
            parent is null
                ? ["commit-tree", tree, "-F", "-"]
                : ["commit-tree", tree, "-p", parent, "-F", "-"],
            identity,
            message,
            cancellationToken
        );

    /// <summary>Names that differ between two commits or trees.</summary>
    public async Task<List<string>> NamesAsync(
        string folder,
        string from,
        string to,
        CancellationToken cancellationToken
    ) =>
        UserRepository.Split(
            await git.RunAsync(
                folder,
                ["diff-tree", "-r", "--name-only", "--no-renames", "-z", from, to],
                cancellationToken
            )
        );

    /// <summary>The full hash a name stands for, or null.</summary>
    public async Task<string?> FindAsync(
        string folder,
        string name,
        CancellationToken cancellationToken
    )
    {
        var run = await git.TryAsync(
            folder,
            ["rev-parse", "--verify", "-q", "--end-of-options", name],
            cancellationToken
        );
        return run.ExitCode == 0 ? run.Text.Trim() : null;
    }

    /// <summary>The last commit of a task in a history, with the tree of the work that it held.</summary>
    public async Task<(string Commit, string Work)?> EarlierAsync(
        string folder,
        string tip,
        string taskId,
        CancellationToken cancellationToken
    )
    {
        var text = await git.TextAsync(
            folder,
            [
                "log",
                "-1",
                $"--format=%H%x00%(trailers:key={CommitText.WorkTrailer},valueonly,separator=%x2C)",
                "--extended-regexp",
                $"--grep=^{CommitText.TaskTrailer}: {Regex.Escape(taskId)}$",
                tip,
            ],
            cancellationToken
        );
        return text.Split('\0') is [{ Length: > 0 } commit, var work]
            ? (commit, work.Split(',')[^1].Trim())
            : null;
    }

    private async Task<string> WriteAsync(
        string folder,
        TemporaryIndex index,
        string against,
        List<string> leftOut,
        CancellationToken cancellationToken
    )
    {
        var changed = UserRepository.Split(
            await git.RunAsync(
                folder,
                ["diff-index", "--cached", "--name-only", "--no-renames", "-z", against],
                cancellationToken,
                index.Variables
            )
        );
        foreach (var path in changed.Where(SensitiveFiles.Is))
        {
            // Back to what is committed already: neither added, changed nor deleted. By plumbing, which a bare clone has too.
            var row = await git.RunAsync(
                folder,
                ["--literal-pathspecs", "ls-tree", "--full-tree", "-z", against, "--", path],
                cancellationToken
            );
            await git.RunAsync(
                folder,
                ["update-index", "-z", "--index-info"],
                cancellationToken,
                index.Variables,
                row.Length > 0 ? row : await AbsentAsync(folder, against, path, cancellationToken)
            );
            leftOut.Add(path);
        }
        return await git.TextAsync(folder, ["write-tree"], cancellationToken, index.Variables);
    }

    private async Task<byte[]> AbsentAsync(
        string folder,
        string against,
        string path,
        CancellationToken cancellationToken
    )
    {
        var hash = await FindAsync(folder, against + "^{tree}", cancellationToken) ?? "";
        return Encoding.UTF8.GetBytes($"0 {new string('0', hash.Length)}\t{path}\0");
    }

    private async Task<string> TextAsync(
        string folder,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string>? more,
        string input,
        CancellationToken cancellationToken
    ) =>
        Encoding
            .UTF8.GetString(
                await git.RunAsync(
                    folder,
                    arguments,
                    cancellationToken,
                    more,
                    Encoding.UTF8.GetBytes(input)
                )
            )
            .Trim();

    private sealed class TemporaryIndex : IDisposable
    {
        public string Path { get; } =
            System.IO.Path.Combine(
                System.IO.Path.GetTempPath(),
                "orchestrator-index-" + Guid.NewGuid().ToString("N")
            );

        public IReadOnlyDictionary<string, string> Variables =>
            new Dictionary<string, string> { ["GIT_INDEX_FILE"] = Path };

        public void Dispose()
        {
            File.Delete(Path);
            File.Delete(Path + ".lock");
        }
    }
}
