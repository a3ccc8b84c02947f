using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// A worktree per attempt, from a cached bare clone under the data directory. The user's own checkout is only read. What
/// the agent did is taken with git from the real files, whatever the agent says or committed.
/// </summary>
internal sealed class GitWorkspace(
    GitCli git,
    IBlobStore blobs,
    Redactor redactor,
    string dataDirectory
) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => cloning.Dispose();

    private const int FilesMax = 2_000;
    private const int SecretsMax = 100;
    private readonly SemaphoreSlim cloning = new(1, 1);
    private readonly string worktrees = Path.Combine(dataDirectory, "worktrees");
    private readonly string clones = Path.Combine(dataDirectory, "repos");

    /// <summary>Folder of an attempt's worktree.</summary>
    public string FolderOf(string taskId, int attempt) =>
        Path.Combine(worktrees, $"{taskId}-{attempt.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Makes the worktree at the base commit, with the work so far.</summary>
    /// <exception cref="GitException">The repository cannot be worked in; the message names what and the cure.</exception>
    public async Task<WorkspaceInfo> PrepareAsync(
        string taskId,
        int attempt,
        string repository,
        string baseBranch,
        string baseCommit,
        string startPatch,
        CancellationToken cancellationToken
    )
    {
        var folder = FolderOf(taskId, attempt);
        await RemoveAsync(taskId, attempt, cancellationToken);
        Directory.CreateDirectory(worktrees);
        var dirty = false;
        var branch = "";
        if (repository.Length == 0)
        {
            Directory.CreateDirectory(folder);
            await git.RunAsync(folder, ["init", "-q", "-b", "work"], cancellationToken);
            await git.RunAsync(
                folder,
                ["commit", "-q", "--allow-empty", "-m", "empty"],
                cancellationToken
            );
            baseCommit = await git.TextAsync(folder, ["rev-parse", "HEAD"], cancellationToken);
        }
        else
        {
            (baseCommit, branch) = await ResolveAsync(
                repository,
                baseBranch,
                baseCommit,
                cancellationToken
            );
            dirty =
                (
                    await git.TextAsync(
                        repository,
                        ["status", "--porcelain", "--untracked-files=no"],
                        cancellationToken
                    )
                ).Length > 0;
            var clone = await CloneAsync(repository, baseCommit, cancellationToken);
            await git.RunAsync(
                clone,
                ["worktree", "add", "--detach", "-q", "--force", folder, baseCommit],
                cancellationToken
            );
        }
        await ApplyAsync(folder, startPatch, cancellationToken);
        return new WorkspaceInfo(folder, baseCommit, branch, dirty);
    }

    /// <summary>The real difference between base and worktree; the patch goes to the blob store.</summary>
    public async Task<DiffSummary> CaptureAsync(
        string folder,
        string baseCommit,
        CancellationToken cancellationToken
    )
    {
        var index = Path.Combine(
            Path.GetTempPath(),
            "orchestrator-index-" + Guid.NewGuid().ToString("N")
        );
        var apart = new Dictionary<string, string> { ["GIT_INDEX_FILE"] = index };
        try
        {
            await git.RunAsync(folder, ["read-tree", baseCommit], cancellationToken, apart);
            await git.RunAsync(folder, ["add", "-A", "--", "."], cancellationToken, apart);
            var excluded = await ExcludeAsync(folder, baseCommit, apart, cancellationToken);
            var tree = await git.TextAsync(folder, ["write-tree"], cancellationToken, apart);
            var files = await FilesAsync(folder, baseCommit, tree, cancellationToken);
            var patch =
                files.Count == 0
                    ? []
                    : await git.RunAsync(
                        folder,
                        ["diff-tree", "-p", "--binary", "-M", "--full-index", baseCommit, tree],
                        cancellationToken
                    );
            var commits = await git.TextAsync(
                folder,
                ["rev-list", "--count", $"{baseCommit}..HEAD"],
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
                ExcludedFiles = excluded,
                Secrets = Secrets(patch),
                AgentCommits = int.TryParse(
                    commits,
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var n
                )
                    ? n
                    : 0,
                Tree = files.Count == 0 ? "" : tree,
            };
        }
        finally
        {
            File.Delete(index);
        }
    }

    /// <summary>Removes an attempt's worktree, read-only files included. Harmless when there is none.</summary>
    public async Task RemoveAsync(string taskId, int attempt, CancellationToken cancellationToken)
    {
        var folder = FolderOf(taskId, attempt);
        if (!Directory.Exists(folder))
        {
            return;
        }
        for (var round = 1; ; round++)
        {
            try
            {
                foreach (
                    var file in Directory.EnumerateFiles(
                        folder,
                        "*",
                        new EnumerationOptions
                        {
                            RecurseSubdirectories = true,
                            AttributesToSkip = FileAttributes.ReparsePoint,
                        }
                    )
                )
                {
                    if ((File.GetAttributes(file) & FileAttributes.ReadOnly) != 0)
                    {
                        File.SetAttributes(file, FileAttributes.Normal);
                    }
                }
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (Exception e) when (round < 5 && e is IOException or UnauthorizedAccessException)
            {
                // A virus scanner or a dying process holds a file: again in a moment.
                await Task.Delay(
                    TimeSpan.FromMilliseconds(100 * round),
                    TimeProvider.System,
                    cancellationToken
                );
            }
        }
    }

    /// <summary>Removes worktrees that no live attempt owns: what an earlier life of the silo left.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(worktrees))
        {
            foreach (var folder in Directory.EnumerateDirectories(worktrees))
            {
                var name = Path.GetFileName(folder);
                var dash = name.LastIndexOf('-');
                if (
                    dash > 0
                    && int.TryParse(
                        name.AsSpan(dash + 1),
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var attempt
                    )
                )
                {
                    await RemoveAsync(name[..dash], attempt, cancellationToken);
                }
            }
        }
        if (Directory.Exists(clones))
        {
            foreach (var clone in Directory.EnumerateDirectories(clones))
            {
                await git.TryAsync(clone, ["worktree", "prune"], cancellationToken);
            }
        }
    }

    /// <summary>The full base commit and the branch it was asked by.</summary>
    public async Task<(string Commit, string Branch)> ResolveAsync(
        string repository,
        string baseBranch,
        string baseCommit,
        CancellationToken cancellationToken
    )
    {
        var bare = await git.TryAsync(
            repository,
            ["rev-parse", "--is-bare-repository"],
            cancellationToken
        );
        if (bare.ExitCode != 0)
        {
            throw new GitException(
                $"{repository} is not a git repository. Name the folder of a clone, or run 'git init' and commit there first."
            );
        }
        if (bare.Text.Trim() == "true")
        {
            throw new GitException(
                $"{repository} is a bare repository. Name a clone with a working tree."
            );
        }
        var head = (
            await git.TryAsync(
                repository,
                ["symbolic-ref", "--short", "-q", "HEAD"],
                cancellationToken
            )
        ).Text.Trim();
        var wanted =
            baseCommit.Length > 0 ? baseCommit
            : baseBranch.Length > 0 ? baseBranch
            : "HEAD";
        var found = await git.TryAsync(
            repository,
            ["rev-parse", "--verify", "-q", "--end-of-options", wanted + "^{commit}"],
            cancellationToken
        );
        if (found.ExitCode == 0)
        {
            return (found.Text.Trim(), baseBranch.Length > 0 ? baseBranch : head);
        }
        if (wanted == "HEAD")
        {
            throw new GitException(
                $"{repository} has no commit yet. Commit something there first."
            );
        }
        var branches = await git.TextAsync(
            repository,
            ["for-each-ref", "--count=10", "--format=%(refname:short)", "refs/heads"],
            cancellationToken
        );
        throw new GitException(
            $"{repository} has no branch or commit '{wanted}'. Branches there: {branches.ReplaceLineEndings(", ")}."
        );
    }

    private async Task<string> CloneAsync(
        string repository,
        string commit,
        CancellationToken cancellationToken
    )
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository)))[
            ..16
        ];
        var clone = Path.Combine(clones, key);
        await cloning.WaitAsync(cancellationToken);
        try
        {
            if (!File.Exists(Path.Combine(clone, "HEAD")))
            {
                var making = clone + ".new";
                if (Directory.Exists(making))
                {
                    Directory.Delete(making, recursive: true);
                }
                Directory.CreateDirectory(clones);
                await git.RunAsync(clones, ["init", "-q", "--bare", making], cancellationToken);
                Directory.Move(making, clone);
            }
            if (
                (
                    await git.TryAsync(
                        clone,
                        ["cat-file", "-e", commit + "^{commit}"],
                        cancellationToken
                    )
                ).ExitCode != 0
            )
            {
                await git.RunAsync(
                    clone,
                    [
                        "fetch",
                        "-q",
                        "--no-tags",
                        "--force",
                        repository,
                        "+refs/heads/*:refs/remotes/user/*",
                        "+HEAD:refs/remotes/user-head",
                    ],
                    cancellationToken
                );
            }
            if (
                (
                    await git.TryAsync(
                        clone,
                        ["cat-file", "-e", commit + "^{commit}"],
                        cancellationToken
                    )
                ).ExitCode != 0
            )
            {
                await git.RunAsync(
                    clone,
                    ["fetch", "-q", "--force", repository, "+refs/tags/*:refs/tags/*"],
                    cancellationToken
                );
            }
            return clone;
        }
        finally
        {
            cloning.Release();
        }
    }

    private async Task ApplyAsync(
        string folder,
        string patchBlob,
        CancellationToken cancellationToken
    )
    {
        if (patchBlob.Length == 0)
        {
            return;
        }
        var patch =
            await blobs.GetAsync(patchBlob, cancellationToken)
            ?? throw new GitException($"The captured work {patchBlob} is not in the store.");
        await git.RunAsync(
            folder,
            ["apply", "--whitespace=nowarn", "--binary", "-"],
            cancellationToken,
            null,
            patch
        );
    }

    private async Task<IReadOnlyList<string>> ExcludeAsync(
        string folder,
        string baseCommit,
        Dictionary<string, string> apart,
        CancellationToken cancellationToken
    )
    {
        var changed = Split(
            await git.RunAsync(
                folder,
                ["diff-index", "--cached", "--name-only", "--no-renames", "-z", baseCommit],
                cancellationToken,
                apart
            )
        );
        var sensitive = changed.Where(SensitiveFiles.Is).ToList();
        foreach (var path in sensitive)
        {
            // Back to what the base had: neither added, changed nor deleted.
            await git.RunAsync(
                folder,
                ["reset", "-q", baseCommit, "--", ":(literal)" + path],
                cancellationToken,
                apart
            );
        }
        return [.. sensitive.Take(SecretsMax)];
    }

    private async Task<List<FileChange>> FilesAsync(
        string folder,
        string baseCommit,
        string tree,
        CancellationToken cancellationToken
    )
    {
        var raw = Split(
            await git.RunAsync(
                folder,
                ["diff-tree", "-r", "--raw", "--no-abbrev", "-M", "-z", baseCommit, tree],
                cancellationToken
            )
        );
        var numbers = Numbers(
            Split(
                await git.RunAsync(
                    folder,
                    ["diff-tree", "-r", "--numstat", "-M", "-z", baseCommit, tree],
                    cancellationToken
                )
            )
        );
        var files = new List<FileChange>();
        for (var i = 0; i < raw.Count; i++)
        {
            // ":100644 100755 <old> <new> R100" then one path, or two after a rename or copy
            var parts = raw[i].Split(' ');
            if (parts.Length < 5)
            {
                continue;
            }
            var status = parts[4][..1];
            var old = status is "R" or "C" ? raw[++i] : "";
            var path = raw[++i];
            var (added, deleted) = numbers.GetValueOrDefault(path);
            files.Add(
                new FileChange(
                    path,
                    old,
                    status,
                    added,
                    deleted,
                    Mode(parts[0][1..]),
                    Mode(parts[1])
                )
            );
        }
        return files;
    }

    private static string Mode(string mode) => mode == "000000" ? "" : mode;

    private static Dictionary<string, (int, int)> Numbers(List<string> fields)
    {
        var numbers = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        for (var i = 0; i < fields.Count; i++)
        {
            var parts = fields[i].Split('\t');
            if (parts.Length < 3)
            {
                continue;
            }
            // An empty path announces a rename: old and new name follow as fields of their own.
            var path = parts[2];
            if (path.Length == 0 && i + 2 < fields.Count)
            {
                path = fields[i + 2];
                i += 2;
            }
            numbers[path] = (Count(parts[0]), Count(parts[1]));
        }
        return numbers;
    }

    private static int Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;

    private static List<string> Split(byte[] output) =>
        [.. Encoding.UTF8.GetString(output).Split('\0', StringSplitOptions.RemoveEmptyEntries)];

    private List<SecretFinding> Secrets(byte[] patch)
    {
        var findings = new List<SecretFinding>();
        var path = "";
        var line = 0;
        foreach (var text in Encoding.UTF8.GetString(patch).Split('\n'))
        {
            if (text.StartsWith("+++ b/", StringComparison.Ordinal))
            {
                path = text[6..];
            }
            else if (text.StartsWith("@@ ", StringComparison.Ordinal))
            {
                line = HunkStart(text) - 1;
            }
            else if (text.StartsWith('+'))
            {
                line++;
                foreach (var finding in redactor.Find(text[1..], 1))
                {
                    if (findings.Count < SecretsMax)
                    {
                        findings.Add(new SecretFinding(path, line, finding.Rule));
                    }
                }
            }
            else if (text.StartsWith(' '))
            {
                line++;
            }
        }
        return findings;
    }

    private static int HunkStart(string header)
    {
        var plus = header.IndexOf('+', StringComparison.Ordinal);
        var end = plus < 0 ? -1 : header.IndexOfAny([',', ' '], plus);
        return
            end > plus
            && int.TryParse(
                header.AsSpan(plus + 1, end - plus - 1),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var n
            )
            ? n
            : 1;
    }
}
