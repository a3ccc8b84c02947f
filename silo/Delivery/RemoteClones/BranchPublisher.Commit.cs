using System.Globalization;
using System.Text;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.RemoteClones;

/// <content>Makes the commit: the same work on the same branch is the same commit.</content>
internal sealed partial class BranchPublisher
{
    /// <summary>The commit with the work on top of the branch; the branch's own when it is in there already.</summary>
    private async Task<string> MakeAsync(
        PublishOrder order,
        string? tip,
        RemoteClone clone,
        CancellationToken cancellationToken
    )
    {
        var baseTree = await clone.TreeAsync(order.BaseCommit, cancellationToken);
        var leftOut = new List<string>();
        var work = await WorkAsync(order, baseTree, leftOut, clone, cancellationToken);
        if (work == baseTree)
        {
            throw new BranchPublishException(
                PublishError.Empty,
                leftOut.Count > 0
                    ? $"There is nothing to push: {string.Join(", ", leftOut)} are never committed."
                    : $"There is nothing to push: task {order.TaskId} changed no file."
            );
        }
        if (tip is null)
        {
            return await CommitAsync(
                order,
                work,
                work,
                [order.BaseCommit],
                clone,
                cancellationToken
            );
        }
        var earlier = await trees.EarlierAsync(clone.Folder, tip, order.TaskId, cancellationToken);
        var contained = await clone.ContainsAsync(tip, order.BaseCommit, cancellationToken);
        if (earlier?.Work == work && contained)
        {
            return tip;
        }
        var tipTree = await clone.TreeAsync(tip, cancellationToken);
        var from = await CommonAsync(order, tip, earlier?.Work, baseTree, clone, cancellationToken);
        var tree = await OnTopAsync(order, from, tipTree, work, clone, cancellationToken);
        return tree == tipTree && contained
            ? tip
            : await CommitAsync(
                order,
                tree,
                work,
                contained ? [tip] : [tip, order.BaseCommit],
                clone,
                cancellationToken
            );
    }

    private async Task<string> WorkAsync(
        PublishOrder order,
        string baseTree,
        List<string> leftOut,
        RemoteClone clone,
        CancellationToken cancellationToken
    )
    {
        if (order.PatchBlob.Length == 0)
        {
            return baseTree;
        }
        var patch =
            await blobs.GetAsync(order.PatchBlob, cancellationToken)
            ?? throw new BranchPublishException(
                PublishError.Refused,
                $"The captured work of task {order.TaskId} is no longer in the store. Start another turn: orchestrator retry {order.TaskId}."
            );
        return await trees.WorkAsync(
            clone.Folder,
            order.BaseCommit,
            patch,
            leftOut,
            cancellationToken
        );
    }

    // What work and branch have in common: the work of an earlier turn, where the clone has it (somebody's rewriting of the
    // branch, or another silo's clone, may have lost it), else the newest commit of the base that is in both.
    private async Task<string> CommonAsync(
        PublishOrder order,
        string tip,
        string? earlier,
        string baseTree,
        RemoteClone clone,
        CancellationToken cancellationToken
    )
    {
        if (
            earlier is { Length: > 0 }
            && await clone.FindAsync(earlier + "^{tree}", cancellationToken) is { } known
        )
        {
            return known;
        }
        var found = await git.TryAsync(
            clone.Folder,
            ["merge-base", tip, order.BaseCommit],
            cancellationToken
        );
        return found.ExitCode == 0
            ? await clone.TreeAsync(found.Text.Trim(), cancellationToken)
            : baseTree;
    }

    private async Task<string> OnTopAsync(
        PublishOrder order,
        string from,
        string ours,
        string theirs,
        RemoteClone clone,
        CancellationToken cancellationToken
    )
    {
        if (ours == from || ours == theirs)
        {
            return theirs;
        }
        // Commits that nothing refers to, so that git finds the common ancestor that is meant.
        Task<string> Loose(string tree, string? parent) =>
            trees.CommitAsync(clone.Folder, tree, parent, "loose", null, cancellationToken);
        var ancestor = await Loose(from, null);
        var merge = await trees.TryMergeAsync(
            clone.Folder,
            await Loose(ours, ancestor),
            await Loose(theirs, ancestor),
            cancellationToken
        );
        return merge.Conflicts.Count == 0
            ? merge.Tree
            : throw new BranchPublishException(
                PublishError.Conflict,
                $"Somebody changed {order.Branch} in {order.Repository} so that the work of task {order.TaskId} does not fit any more: {string.Join(", ", merge.Conflicts.Take(10))}. The branch is as it was. Merge by hand, or start another turn from that branch: orchestrator retry {order.TaskId}."
            );
    }

    private async Task<string> CommitAsync(
        PublishOrder order,
        string tree,
        string work,
        IReadOnlyList<string> parents,
        RemoteClone clone,
        CancellationToken cancellationToken
    )
    {
        var at = Math.Max(0, order.At.ToUnixTimeSeconds());
        var date = string.Create(CultureInfo.InvariantCulture, $"@{at} +0000");
        var identity = new Dictionary<string, string>(signing.Variables(), StringComparer.Ordinal)
        {
            ["GIT_AUTHOR_NAME"] = options.Value.AuthorName,
            ["GIT_AUTHOR_EMAIL"] = options.Value.AuthorEmail,
            ["GIT_AUTHOR_DATE"] = date,
            ["GIT_COMMITTER_NAME"] = options.Value.AuthorName,
            ["GIT_COMMITTER_EMAIL"] = options.Value.AuthorEmail,
            ["GIT_COMMITTER_DATE"] = date,
        };
        var message = CommitText.Message(
            null,
            order.Kind,
            redactor.Redact(order.Title),
            order.TaskId,
            work,
            order.Turn
        );
        var made = await git.RunAsync(
            clone.Folder,
            [
                .. signing.Configuration(),
                "commit-tree",
                tree,
                .. parents.SelectMany(p => (string[])["-p", p]),
                .. signing.Arguments(),
                "-F",
                "-",
            ],
            cancellationToken,
            identity,
            Encoding.UTF8.GetBytes(message)
        );
        return Encoding.UTF8.GetString(made).Trim();
    }
}
