using System.Text;
using Orchestrator.Decisions.Ci;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Runners;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Ci;

/// <summary>A range of commits of a checkout, as git tells it.</summary>
/// <param name="Base">Commit whose policy counts.</param>
/// <param name="BaseFrom">What named it.</param>
/// <param name="From">Where the change left the base.</param>
/// <param name="Head">The change.</param>
internal sealed record CheckoutChange(string Base, string BaseFrom, string From, string Head)
{
    private const string LinkMode = "120000";
    private const int LinkMax = 4_096;

    /// <summary>Finds the range.</summary>
    /// <param name="git">Of the checkout.</param>
    /// <param name="order">May name base and head.</param>
    /// <param name="known">What the CI system says.</param>
    /// <exception cref="GitException">There is none; with the way out.</exception>
    public static CheckoutChange Find(CheckoutGit git, CiOrder order, CiBase known)
    {
        var head = git.Commit(order.Head);
        if (head.Length == 0)
        {
            throw new GitException($"'{order.Head}' is no commit here. Name one: --head REF.");
        }
        IReadOnlyList<(string Ref, string From)> candidates =
            order.Base.Length > 0
                ? [(order.Base, "--base"), ("refs/remotes/origin/" + order.Base, "--base")]
                : known.Candidates;
        foreach (var (name, from) in candidates)
        {
            if (git.Commit(name) is not { Length: > 0 } commit)
            {
                continue;
            }
            var fork = git.Text("merge-base", commit, head);
            return fork.Length > 0
                ? new CheckoutChange(commit, $"{name}, {from}", fork, head)
                : throw new GitException(
                    $"'{name}' and the change have no commit in common here. Fetch the whole history (actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0; Azure: fetchDepth: 0)."
                );
        }
        throw new GitException(
            candidates.Count == 0
                ? "What the change is compared with is not known. Name it: --base REF, or ORCHESTRATOR_BASE."
                : $"None of {string.Join(", ", candidates.Select(c => $"'{c.Ref}' ({c.From})"))} is a commit here. Fetch it (actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0; Azure: fetchDepth: 0), or name another: --base REF."
        );
    }

    /// <summary>Every changed file, with where links lead.</summary>
    public DiffSummary Summary(CheckoutGit git)
    {
        var files = GitDiffReader.Files(
            git.Must(
                "diff-tree",
                "-r",
                "--raw",
                "--numstat",
                "--no-abbrev",
                "-M",
                "-z",
                "--no-ext-diff",
                "--no-textconv",
                From,
                Head
            )
        );
        return new DiffSummary
        {
            BaseCommit = From,
            Files = [.. files.Select(f => WithTarget(git, f))],
            FilesTotal = files.Count,
            AddedLines = files.Sum(f => Math.Max(0, f.AddedLines)),
            DeletedLines = files.Sum(f => Math.Max(0, f.DeletedLines)),
        };
    }

    /// <summary>The patch, whatever an attributes file calls binary.</summary>
    public byte[] Patch(CheckoutGit git) =>
        git.Must(
            "diff-tree",
            "-p",
            "--text",
            "-M",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            "-U3",
            From,
            Head
        );

    /// <summary>The blob of a regular file; empty when there is none.</summary>
    public static string Blob(CheckoutGit git, string commit, string path)
    {
        // "100644 blob HASH\tpath"
        var entry = git.Text("--literal-pathspecs", "ls-tree", "--full-tree", "-z", commit, path)
            .Split('\t', 2)[0]
            .Split(' ');
        return entry is ["100644" or "100755", "blob", var hash] ? hash : "";
    }

    /// <summary>A blob as text; null when it is none, or longer than a policy may be.</summary>
    public static string? BlobText(CheckoutGit git, string blob)
    {
        return
            int.TryParse(git.Text("cat-file", "-s", blob), out var size)
            && size <= 2 * PolicyReader.BytesMax
            ? TaskFileReader.Decode(git.Must("cat-file", "blob", blob))
            : null;
    }

    private FileChange WithTarget(CheckoutGit git, FileChange file)
    {
        if (file.NewMode != LinkMode)
        {
            return file;
        }
        var target = git.Try("cat-file", "blob", $"{Head}:{file.Path}");
        // What cannot be read might point anywhere.
        return file with
        {
            LinkTarget = target is { Length: > 0 and <= LinkMax }
                ? Encoding.UTF8.GetString(target)
                : "/",
        };
    }
}
