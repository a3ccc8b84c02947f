using System.Globalization;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// A worktree per attempt with a git folder of its own, which borrows the objects of a cached clone under the data
/// directory. The user's own checkout is only read: no lock, no index, no program that its configuration names.
/// </summary>
internal sealed class GitWorkspace(
    GitCli git,
    CachedClones clones,
    RepositoryDoor door,
    IBlobStore blobs,
    TimeProvider time,
    string dataDirectory
)
{
    private const int BranchesShown = 10;
    private readonly string worktrees = Path.Combine(dataDirectory, "worktrees");

    /// <summary>Folder of an attempt's worktree.</summary>
    public string FolderOf(string taskId, int attempt) =>
        Path.Combine(worktrees, $"{taskId}-{attempt.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>The product's own copy of the index that a worktree was checked out with; out of the agent's way, beside the worktree.</summary>
    public static string IndexOf(string worktree) => worktree + ".index";

    /// <summary>Makes the worktree at the base commit, with the work so far.</summary>
    /// <exception cref="GitException">The repository cannot be worked in; the message names what and the cure.</exception>
    public async Task<WorkspaceInfo> PrepareAsync(
        WorkspaceWish wish,
        CancellationToken cancellationToken
    )
    {
        var (repository, baseCommit) = (wish.Repository, wish.BaseCommit);
        var folder = FolderOf(wish.TaskId, wish.Attempt);
        await RemoveAsync(wish.TaskId, wish.Attempt, cancellationToken);
        Directory.CreateDirectory(worktrees);
        if (repository.Length == 0)
        {
            baseCommit = await clones.EmptyCommitAsync(cancellationToken);
            await CheckOutAsync(clones.FolderOf(""), folder, baseCommit, cancellationToken);
            await ApplyAsync(folder, wish, cancellationToken);
            return new WorkspaceInfo(folder, baseCommit, "", false);
        }
        var (real, problem) = await door.OpenAsync(repository, cancellationToken);
        if (problem is not null)
        {
            throw new GitException(problem.Message);
        }
        var branch = wish.BaseBranch;
        if (
            wish.BaseBundle.Length > 0
            && !await clones.HasAsync(real, baseCommit, cancellationToken)
        )
        {
            await UnbundleAsync(real, wish, cancellationToken);
        }
        // A later attempt stays on the commit that the task began with, even when the user's history has moved on.
        if (!await clones.HasAsync(real, baseCommit, cancellationToken))
        {
            (baseCommit, branch) = await ResolveAsync(
                real,
                baseCommit.Length > 0 ? baseCommit : wish.BaseBranch,
                cancellationToken
            );
        }
        var clone = await clones.BringAsync(real, baseCommit, cancellationToken);
        await CheckOutAsync(clone, folder, baseCommit, cancellationToken);
        await ApplyAsync(folder, wish, cancellationToken);
        return new WorkspaceInfo(
            folder,
            baseCommit,
            branch,
            await DirtyAsync(real, clone, cancellationToken)
        );
    }

    /// <summary>Removes an attempt's worktree, read-only files included. Harmless when there is none.</summary>
    public Task RemoveAsync(string taskId, int attempt, CancellationToken cancellationToken)
    {
        var folder = FolderOf(taskId, attempt);
        if (Directory.Exists(worktrees))
        {
            File.Delete(IndexOf(folder));
        }
        return FolderRemoval.RemoveAsync(folder, time, cancellationToken);
    }

    /// <summary>Removes what an earlier life of the silo left: worktrees, locks, half-made clones. What is still held stays for the next start.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        clones.Mend();
        if (!Directory.Exists(worktrees))
        {
            return;
        }
        foreach (var index in Directory.GetFiles(worktrees))
        {
            File.Delete(index);
        }
        foreach (var folder in Directory.GetDirectories(worktrees))
        {
            try
            {
                await FolderRemoval.RemoveAsync(folder, time, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // its attempt is over: nobody needs it, and the next start tries again
            }
        }
    }

    /// <summary>The full base commit and the branch it was asked by (empty when detached).</summary>
    /// <exception cref="GitException">There is none; the message names the branches there are.</exception>
    public async Task<(string Commit, string Branch)> ResolveAsync(
        string repository,
        string wanted,
        CancellationToken cancellationToken
    )
    {
        var name = wanted.Length > 0 ? wanted : "HEAD";
        var found = await git.TryAsync(
            repository,
            ["rev-parse", "--verify", "-q", "--end-of-options", name + "^{commit}"],
            cancellationToken
        );
        if (found.ExitCode == 0)
        {
            var head = await git.TryAsync(
                repository,
                ["symbolic-ref", "--short", "-q", "HEAD"],
                cancellationToken
            );
            // rev-parse answers "--end-of-options" too
            var commit = found.Text.Trim().Split('\n')[^1];
            return (commit, wanted.Length > 0 ? wanted : head.Text.Trim());
        }
        if (found.TimedOut)
        {
            throw new GitException(
                $"git did not answer in {repository} in time (Workspace:GitTimeMax)."
            );
        }
        if (wanted.Length == 0)
        {
            throw new GitException(
                $"{repository} has no commit yet. Commit something there first."
            );
        }
        var branches = await git.TextAsync(
            repository,
            ["for-each-ref", $"--count={BranchesShown}", "--format=%(refname:short)", "refs/heads"],
            cancellationToken
        );
        throw new GitException(
            $"{repository} has no branch or commit '{wanted}'. "
                + (
                    branches.Length > 0
                        ? $"Branches there: {branches.ReplaceLineEndings(", ")}."
                        : "It has no branch with a commit yet."
                )
        );
    }

    // By the clone's configuration, not the repository's: git compares the contents of a file that was touched in the very
    // second of its index, and would run the filters that are named there. A file that was only touched counts as changed.
    private async Task<bool> DirtyAsync(
        string repository,
        string clone,
        CancellationToken cancellationToken
    )
    {
        var places = await git.TryAsync(
            repository,
            [
                "rev-parse",
                "--path-format=absolute",
                "--git-path",
                "index",
                "--git-path",
                "objects",
                "HEAD",
            ],
            cancellationToken
        );
        if (places.Text.TrimEnd('\n').Split('\n') is not [var index, var objects, var head])
        {
            return false;
        }
        var apart = new Dictionary<string, string>
        {
            ["GIT_DIR"] = clone,
            ["GIT_WORK_TREE"] = repository,
            ["GIT_INDEX_FILE"] = index,
            ["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = objects,
        };
        var inFiles = await git.TryAsync(
            repository,
            ["diff-files", "--name-only", "-z", "--ignore-submodules=all"],
            cancellationToken,
            apart
        );
        var inIndex = await git.TryAsync(
            repository,
            ["diff-index", "--cached", "--name-only", "-z", "--ignore-submodules=all", head],
            cancellationToken,
            apart
        );
        return inFiles.Output.Length > 0 || inIndex.Output.Length > 0;
    }

    private async Task CheckOutAsync(
        string clone,
        string folder,
        string commit,
        CancellationToken cancellationToken
    )
    {
        var format = await clones.FormatAsync(clone, cancellationToken);
        await git.RunAsync(
            worktrees,
            ["init", "-q", "--template=", "--object-format=" + format, folder],
            cancellationToken
        );
        var own = Path.Combine(folder, ".git");
        Directory.CreateDirectory(Path.Combine(own, "objects", "info"));
        await File.WriteAllTextAsync(
            Path.Combine(own, "objects", "info", "alternates"),
            Path.Combine(clone, "objects").Replace('\\', '/') + "\n",
            cancellationToken
        );
        if (File.Exists(Path.Combine(clone, "shallow")))
        {
            File.Copy(Path.Combine(clone, "shallow"), Path.Combine(own, "shallow"));
        }
        // Detached: an agent's commit moves HEAD alone.
        await File.WriteAllTextAsync(Path.Combine(own, "HEAD"), commit + "\n", cancellationToken);
        await git.RunAsync(folder, ["read-tree", "--reset", "-u", commit], cancellationToken);
        // Before anybody else can change it.
        File.Copy(Path.Combine(own, "index"), IndexOf(folder));
    }

    // Commits of the base branch that the user's clone has not fetched: they came with the task.
    private async Task UnbundleAsync(
        string repository,
        WorkspaceWish wish,
        CancellationToken cancellationToken
    )
    {
        var bundle =
            await blobs.GetAsync(wish.BaseBundle, cancellationToken)
            ?? throw new GitException(
                $"The base commit {wish.BaseCommit} came with the task, and is not in the store any more."
            );
        var file = Path.Combine(worktrees, $"{wish.TaskId}-{wish.Attempt}.bundle");
        try
        {
            await File.WriteAllBytesAsync(file, bundle.ToArray(), cancellationToken);
            await clones.TakeInAsync(repository, file, wish.BaseCommit, cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task ApplyAsync(
        string folder,
        WorkspaceWish wish,
        CancellationToken cancellationToken
    )
    {
        if (wish.StartPatch.Length == 0)
        {
            return;
        }
        var patch =
            await blobs.GetAsync(wish.StartPatch, cancellationToken)
            ?? throw new GitException($"The captured work {wish.StartPatch} is not in the store.");
        if (!wish.Merge)
        {
            await git.RunAsync(
                folder,
                ["apply", "--whitespace=nowarn", "--binary", "-"],
                cancellationToken,
                null,
                patch
            );
            return;
        }
        var merged = await git.TryAsync(
            folder,
            ["apply", "--3way", "--whitespace=nowarn", "--binary", "-"],
            cancellationToken,
            null,
            patch
        );
        var marked =
            wish.KeepConflicts
            && merged.ExitCode == 1
            && merged.Tail.Contains(" with conflicts", StringComparison.Ordinal);
        if (merged.ExitCode != 0 && !marked)
        {
            throw new GitException(
                $"The diff does not fit onto the branch as it is now: {merged.Tail.Trim()} 'orchestrator retry' has an agent make it anew."
            );
        }
    }
}
