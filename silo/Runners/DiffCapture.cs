using System.Globalization;
using System.Text;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// Takes what an agent did from the real files of its worktree, whatever it says or committed. Git works from the cached
/// clone with an index of its own: nothing in the worktree's own git folder is obeyed.
/// </summary>
internal sealed partial class DiffCapture(
    GitCli git,
    CachedClones clones,
    IBlobStore blobs,
    Redactor redactor
)
{
    private const int FilesMax = 2_000;
    private const int PatchBytesMax = 64 * 1024 * 1024;
    private const int FindingsMax = 100;
    private const int LinkMax = 4_096;
    private const string LinkMode = "120000";

    /// <summary>The difference between base and worktree; the patch goes to the blob store.</summary>
    /// <param name="repository">Full path of the user's clone, or empty.</param>
    /// <param name="folder">The worktree.</param>
    /// <param name="baseCommit">What it was made from.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="patchBytesMax">A larger patch is refused. Default 64 MiB.</param>
    /// <exception cref="GitException">It cannot be taken; the message says why.</exception>
    public async Task<DiffSummary> TakeAsync(
        string repository,
        string folder,
        string baseCommit,
        CancellationToken cancellationToken,
        int patchBytesMax = PatchBytesMax
    )
    {
        if (!Directory.Exists(folder) || new DirectoryInfo(folder).LinkTarget is not null)
        {
            throw new GitException(
                $"The agent removed or replaced its worktree {folder}: its work is lost."
            );
        }
        var (index, apart) = Apart(repository, folder);
        try
        {
            await BeginIndexAsync(folder, baseCommit, index, apart, cancellationToken);
            var unread = await AddAsync(folder, apart, cancellationToken);
            var (tree, files) = await FilesAsync(folder, baseCommit, apart, cancellationToken);
            var excluded = await ExcludeAsync(folder, baseCommit, files, apart, cancellationToken);
            if (excluded.Count > 0)
            {
                (tree, files) = await FilesAsync(folder, baseCommit, apart, cancellationToken);
            }
            files = await WithLinksAsync(folder, tree, files, apart, cancellationToken);
            var patch =
                files.Count == 0
                    ? []
                    : await PatchAsync(
                        folder,
                        baseCommit,
                        tree,
                        files.Count,
                        patchBytesMax,
                        apart,
                        cancellationToken
                    );
            return new DiffSummary
            {
                BaseCommit = baseCommit,
                Files = [.. files.Take(FilesMax)],
                FilesTotal = files.Count,
                AddedLines = files.Sum(f => Math.Max(0, f.AddedLines)),
                DeletedLines = files.Sum(f => Math.Max(0, f.DeletedLines)),
                PatchBlob = patch.Length == 0 ? "" : await blobs.PutAsync(patch, cancellationToken),
                PatchBytes = patch.Length,
                ExcludedFiles = [.. excluded.Concat(unread).Take(FindingsMax)],
                Secrets = Secrets(
                    await LegibleAsync(patch, folder, baseCommit, tree, apart, cancellationToken)
                ),
                AgentCommits = await CommitsAsync(folder, baseCommit, apart, cancellationToken),
                Tree = files.Count == 0 ? "" : tree,
            };
        }
        finally
        {
            File.Delete(index);
            File.Delete(index + ".lock");
        }
    }

    /// <summary>Paths that differ between base and worktree now, old and new names; nothing is kept.</summary>
    /// <exception cref="GitException">It cannot be told; the message says why.</exception>
    public async Task<IReadOnlyList<string>> ChangedAsync(
        string repository,
        string folder,
        string baseCommit,
        CancellationToken cancellationToken
    )
    {
        var (index, apart) = Apart(repository, folder);
        try
        {
            await BeginIndexAsync(folder, baseCommit, index, apart, cancellationToken);
            await AddAsync(folder, apart, cancellationToken);
            var (_, files) = await FilesAsync(folder, baseCommit, apart, cancellationToken);
            return
            [
                .. files.SelectMany(f => (string[])[f.Path, f.OldPath]).Where(p => p.Length > 0),
            ];
        }
        finally
        {
            File.Delete(index);
            File.Delete(index + ".lock");
        }
    }

    private (string Index, Dictionary<string, string> Variables) Apart(
        string repository,
        string folder
    )
    {
        var index = Path.Combine(
            Path.GetTempPath(),
            "orchestrator-index-" + Guid.NewGuid().ToString("N")
        );
        return (
            index,
            new Dictionary<string, string>
            {
                ["GIT_DIR"] = clones.FolderOf(
                    repository.Length > 0 ? RealPath.Of(repository) : repository
                ),
                ["GIT_WORK_TREE"] = folder,
                ["GIT_INDEX_FILE"] = index,
                // The agent's own commits and what it staged lie there.
                ["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = Path.Combine(folder, ".git", "objects"),
            }
        );
    }

    // Where links point to is judged too: of a new or changed one, what the tree has.
    private async Task<IReadOnlyList<FileChange>> WithLinksAsync(
        string folder,
        string tree,
        IReadOnlyList<FileChange> files,
        Dictionary<string, string> apart,
        CancellationToken cancellationToken
    )
    {
        var read = new List<FileChange>(files.Count);
        foreach (var file in files)
        {
            if (file.NewMode != LinkMode)
            {
                read.Add(file);
                continue;
            }
            if (read.Count >= FilesMax)
            {
                // It is not listed, so the whole is denied; no git is started for it.
                read.Add(file with { LinkTarget = "/" });
                continue;
            }
            var target = await git.TryAsync(
                folder,
                ["cat-file", "blob", $"{tree}:{file.Path}"],
                cancellationToken,
                apart
            );
            var text = target.ExitCode == 0 ? Encoding.UTF8.GetString(target.Output) : "";
            read.Add(
                file with
                {
                    // What cannot be read might point anywhere.
                    LinkTarget = text.Length is > 0 and <= LinkMax ? text : "/",
                }
            );
        }
        return read;
    }

    // The index of the checkout knows what every file looked like: only what was touched since is read again. On Windows
    // a file's times can be set back without a trace, so there every file is read.
    private async Task BeginIndexAsync(
        string folder,
        string baseCommit,
        string index,
        Dictionary<string, string> apart,
        CancellationToken cancellationToken
    )
    {
        var checkedOut = GitWorkspace.IndexOf(folder);
        if (!OperatingSystem.IsWindows() && File.Exists(checkedOut))
        {
            File.Copy(checkedOut, index);
            return;
        }
        await git.RunAsync(folder, ["read-tree", baseCommit], cancellationToken, apart);
    }

    // What git cannot take (an unreadable file, a nested repository without a commit) must not cost the rest.
    private async Task<IReadOnlyList<string>> AddAsync(
        string folder,
        Dictionary<string, string> apart,
        CancellationToken cancellationToken
    )
    {
        var all = await git.TryAsync(folder, ["add", "-A", "--", "."], cancellationToken, apart);
        if (all.ExitCode == 0)
        {
            return [];
        }
        var most = await git.TryAsync(
            folder,
            ["add", "-A", "--ignore-errors", "--", "."],
            cancellationToken,
            apart
        );
        if (most.TimedOut)
        {
            throw new GitException(
                $"git add did not end in {folder} in time (Workspace:GitTimeMax)."
            );
        }
        var said = most
            .Tail.Split('\n')
            .Where(l => l.StartsWith("error: ", StringComparison.Ordinal))
            .Select(l => redactor.Redact(l[7..].Trim()))
            .Distinct()
            .ToList();
        return said.Count > 0
            ? said
            : throw new GitException($"git add failed in {folder}: {most.Tail.Trim()}");
    }

    private async Task<IReadOnlyList<string>> ExcludeAsync(
        string folder,
        string baseCommit,
        IReadOnlyList<FileChange> files,
        Dictionary<string, string> apart,
        CancellationToken cancellationToken
    )
    {
        var sensitive = files
            .SelectMany(f => (string[])[f.Path, f.OldPath])
            .Where(p => p.Length > 0 && SensitiveFiles.Is(p))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (sensitive.Count > 0)
        {
            // Back to what the base had: neither added, changed nor deleted.
            await git.RunAsync(
                folder,
                [
                    "--literal-pathspecs",
                    "reset",
                    "-q",
                    "--pathspec-from-file=-",
                    "--pathspec-file-nul",
                    baseCommit,
                ],
                cancellationToken,
                apart,
                Encoding.UTF8.GetBytes(string.Join('\0', sensitive))
            );
        }
        return sensitive;
    }

    private async Task<(string Tree, IReadOnlyList<FileChange> Files)> FilesAsync(
        string folder,
        string baseCommit,
        Dictionary<string, string> apart,
        CancellationToken cancellationToken
    )
    {
        var tree = await git.TextAsync(folder, ["write-tree"], cancellationToken, apart);
        var changes = await git.RunAsync(
            folder,
            [
                "diff-tree",
                "-r",
                "--raw",
                "--numstat",
                "--no-abbrev",
                "-M",
                "-z",
                "--no-ext-diff",
                "--no-textconv",
                baseCommit,
                tree,
            ],
            cancellationToken,
            apart
        );
        return (tree, GitDiffReader.Files(changes));
    }

    private async Task<int> CommitsAsync(
        string folder,
        string baseCommit,
        Dictionary<string, string> apart,
        CancellationToken cancellationToken
    )
    {
        // Only a name is asked of the worktree's own git folder, which is the agent's to break. As it was checked out, it
        // holds the base commit itself.
        var own = new FileInfo(Path.Combine(folder, ".git", "HEAD"));
        if (
            own is { Exists: true, LinkTarget: null, Length: < 100 }
            && (await File.ReadAllTextAsync(own.FullName, cancellationToken)).Trim() == baseCommit
        )
        {
            return 0;
        }
        var head = await git.TryAsync(folder, ["rev-parse", "HEAD"], cancellationToken);
        if (head.ExitCode != 0)
        {
            return 0;
        }
        var count = await git.TryAsync(
            folder,
            ["rev-list", "--count", $"{baseCommit}..{head.Text.Trim()}"],
            cancellationToken,
            apart
        );
        return int.TryParse(
            count.Text.Trim(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var n
        )
            ? n
            : 0;
    }
}
