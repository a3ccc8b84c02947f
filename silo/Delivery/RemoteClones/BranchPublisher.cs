using System.Globalization;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Delivery.RemoteClones;

/// <summary>
/// Puts a task's work into its branch on the remote host. A commit is made in a bare clone by plumbing and pushed as a
/// fast-forward, never by force: what somebody else pushed meanwhile is kept, and the work goes on top where it fits.
/// </summary>
internal sealed partial class BranchPublisher(
    IPullRequestHosts hosts,
    RemoteCloneStore clones,
    GitCli git,
    CommitTrees trees,
    CommitSigning signing,
    IBlobStore blobs,
    Redactor redactor,
    IOptions<DeliveryOptions> options
) : IBranchPublisher
{
    private const int RoundsMax = 3;
    private const int ConflictsMax = 50;
    private const int HistoryMax = 1_000;

    /// <inheritdoc />
    public async Task<PublishedBranch> PublishAsync(
        PublishOrder order,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(order);
        var host = HostOf(order.Repository);
        RequireName(order.Branch);
        RequireHash(order.BaseCommit);
        var baseName =
            order.Base.Length > 0
                ? order.Base
                : (
                    await host.RepositoryAsync(order.Repository.Name, cancellationToken)
                ).DefaultBranch;
        RequireName(baseName);
        if (baseName == order.Branch)
        {
            throw new BranchPublishException(
                PublishError.Refused,
                $"{order.Branch} is the base branch of {order.Repository}: work goes to a branch of its own. Change Delivery:Branch."
            );
        }
        return await WithCloneAsync(
            host,
            order.Repository,
            clone => PublishAsync(order, baseName, clone, cancellationToken),
            cancellationToken
        );
    }

    /// <inheritdoc />
    public async Task<BaseCheck> CheckBaseAsync(
        RemoteRepository repository,
        string branch,
        string baseBranch,
        CancellationToken cancellationToken
    )
    {
        RequireName(branch);
        RequireName(baseBranch);
        return await WithCloneAsync(
            HostOf(repository),
            repository,
            async clone =>
            {
                var there = await clone.FetchAsync([baseBranch, branch], cancellationToken);
                var baseHead = BaseHead(there, repository, baseBranch);
                if (!there.TryGetValue(branch, out var head))
                {
                    throw Gone(repository, branch);
                }
                if (await clone.ContainsAsync(head, baseHead, cancellationToken))
                {
                    return new BaseCheck(baseHead, true, []);
                }
                var merge = await trees.TryMergeAsync(
                    clone.Folder,
                    head,
                    baseHead,
                    cancellationToken
                );
                return new BaseCheck(baseHead, false, [.. merge.Conflicts.Take(ConflictsMax)]);
            },
            cancellationToken
        );
    }

    private async Task<T> WithCloneAsync<T>(
        IPullRequestHost host,
        RemoteRepository repository,
        Func<RemoteClone, Task<T>> act,
        CancellationToken cancellationToken
    )
    {
        var access = await host.PushAccessAsync(repository.Name, cancellationToken);
        using var clone = await clones.EnterAsync(repository, access, cancellationToken);
        try
        {
            try
            {
                return await act(clone);
            }
            catch (GitException) when (cancellationToken.IsCancellationRequested is false)
            {
                if (await clone.IsWholeAsync(deep: true, cancellationToken))
                {
                    throw;
                }
                // Damaged by a crash of the machine or a full disk. It holds nothing that the host does not.
                await clone.RemakeAsync(cancellationToken);
                return await act(clone);
            }
        }
        catch (GitException e)
        {
            throw new BranchPublishException(PublishError.Refused, clone.Clean(e.Message));
        }
    }

    private async Task<PublishedBranch> PublishAsync(
        PublishOrder order,
        string baseName,
        RemoteClone clone,
        CancellationToken cancellationToken
    )
    {
        for (var round = 1; ; round++)
        {
            var there = await clone.FetchAsync([baseName, order.Branch], cancellationToken);
            var baseHead = BaseHead(there, order.Repository, baseName);
            var tip = there.GetValueOrDefault(order.Branch);
            if (tip is null && order.LastHead.Length > 0)
            {
                throw Gone(order.Repository, order.Branch);
            }
            if (!await clone.BringAsync(order.BaseCommit, cancellationToken))
            {
                throw new BranchPublishException(
                    PublishError.BaseUnknown,
                    $"{order.Repository} does not have the commit {order.BaseCommit} that the work was made on. Push it there first: git push origin {order.BaseCommit}:refs/heads/{baseName}, or the branch that holds it; then retry."
                );
            }
            var commit = await MakeAsync(order, tip, clone, cancellationToken);
            if (commit == tip)
            {
                return await ShownAsync(
                    commit,
                    baseName,
                    baseHead,
                    order,
                    clone,
                    cancellationToken
                );
            }
            // From here a caller who leaves may leave a pushed branch; asked again, it is found.
            var refusal = await clone.PushAsync(commit, order.Branch, cancellationToken);
            if (refusal is not { } said)
            {
                return await ShownAsync(
                    commit,
                    baseName,
                    baseHead,
                    order,
                    clone,
                    cancellationToken
                );
            }
            if (said.Answer == RemoteGitAnswer.Forbidden)
            {
                throw new BranchPublishException(
                    PublishError.Refused,
                    $"The credential may not push to {order.Repository}: {said.Words} Give it the right to write contents (docs/delivery.md)."
                );
            }
            if (said.Answer != RemoteGitAnswer.Moved || round == RoundsMax)
            {
                throw clone.Failed(said.Answer, said.Words);
            }
        }
    }

    private async Task<PublishedBranch> ShownAsync(
        string head,
        string baseName,
        string baseHead,
        PublishOrder order,
        RemoteClone clone,
        CancellationToken cancellationToken
    )
    {
        // What is in neither the base nor this task's own commits is somebody else's.
        var log = await git.TextAsync(
            clone.Folder,
            [
                "log",
                "-" + HistoryMax.ToString(CultureInfo.InvariantCulture),
                $"--format=%H %(trailers:key={CommitText.TaskTrailer},valueonly,separator=%x2C)",
                head,
                "--not",
                baseHead,
                order.BaseCommit,
            ],
            cancellationToken
        );
        var others = log.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Any(l => !l.Trim().EndsWith(" " + order.TaskId, StringComparison.Ordinal));
        return new PublishedBranch(head, baseName, baseHead, others);
    }

    private IPullRequestHost HostOf(RemoteRepository repository) =>
        hosts.Find(repository.Kind)
        ?? throw new PullRequestHostException(
            PullRequestHostError.Unauthorised,
            $"Nothing is configured for {repository}. Set a credential for its host (docs/delivery.md)."
        );

    private static string BaseHead(
        IReadOnlyDictionary<string, string> there,
        RemoteRepository repository,
        string baseName
    ) =>
        there.TryGetValue(baseName, out var head)
            ? head
            : throw new BranchPublishException(
                PublishError.BaseUnknown,
                $"{repository} has no branch {baseName}. Push it there first: git push origin {baseName}."
            );

    private static BranchPublishException Gone(RemoteRepository repository, string branch) =>
        new(
            PublishError.BranchGone,
            $"{repository} has no branch {branch} any more: somebody deleted it. It is not made again by itself."
        );

    private static void RequireName(string branch)
    {
        if (!CommitText.IsBranch(branch))
        {
            throw new BranchPublishException(
                PublishError.Refused,
                $"'{(branch.Length > 60 ? branch[..60] + "…" : branch)}' is no name that git allows for a branch."
            );
        }
    }

    private static void RequireHash(string commit)
    {
        if (commit.Length is not (40 or 64) || !commit.All(char.IsAsciiHexDigitLower))
        {
            throw new BranchPublishException(
                PublishError.BaseUnknown,
                "The work names no commit that it was made on, so that there is nothing to put it on."
            );
        }
    }
}
