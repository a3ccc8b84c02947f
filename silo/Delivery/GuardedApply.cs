using System.Collections.Concurrent;
using System.Globalization;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Delivery;

/// <summary>
/// Brings approved diffs into repositories of this host: the patch is the one that was approved, the branch stands where
/// it was made from (or is merged with, when told), and the branch moves whole or not at all.
/// </summary>
internal sealed partial class GuardedApply(
    GitCli git,
    UserRepository door,
    CommitTrees trees,
    BranchMover mover,
    RepositoryGates gates,
    IBlobStore blobs,
    Redactor redactor,
    IRunReports reports,
    ILogger<GuardedApply> logger
)
{
    private readonly ConcurrentDictionary<(string Task, string Hash), Task> running = new();

    /// <summary>Begins in the background; asked again while it is under way, nothing more begins.</summary>
    public RunAnswer Begin(ApplyOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var key = (order.TaskId, order.Diff.Hash);
        running.GetOrAdd(
            key,
            k =>
                Task.Run(async () =>
                {
                    try
                    {
                        await ApplyAndTellAsync(order);
                    }
                    finally
                    {
                        running.TryRemove(k, out _);
                    }
                })
        );
        return new RunAnswer(true, "", false);
    }

    private async Task ApplyAndTellAsync(ApplyOrder order)
    {
        TaskReport report;
        try
        {
            var (branch, commit) = await ApplyAsync(order, CancellationToken.None);
            report = new TaskReport.Applied(order.Diff.Hash, branch, commit);
        }
        catch (DeliveryException e)
        {
            report = new TaskReport.ApplyRefused(order.Diff.Hash, e.Failure);
        }
        catch (Exception e) when (e is GitException or IOException or UnauthorizedAccessException)
        {
            report = new TaskReport.ApplyRefused(
                order.Diff.Hash,
                new Failure(FailureCodes.RepositoryUnusable, redactor.Redact(e.Message))
            );
        }
        catch (Exception e) when (e is StorageException or TimeoutException)
        {
            // Nothing is said: the apply stays owed, and the scanner has it asked for again.
            LogLater(logger, order.TaskId, e);
            return;
        }
        await reports.TellAsync(order.TaskId, report, CancellationToken.None);
    }

    /// <summary>Applies it; asked again, it finds what is there.</summary>
    /// <returns>The branch, and the commit that holds the diff.</returns>
    /// <exception cref="DeliveryException">It cannot be applied; the repository is as it was.</exception>
    public async Task<(string Branch, string Commit)> ApplyAsync(
        ApplyOrder order,
        CancellationToken cancellationToken
    )
    {
        var folder = await door.OpenAsync(order.Repository, cancellationToken);
        using var turn = await gates.EnterAsync(folder, cancellationToken);
        var branch =
            order.Diff.Branch.Length > 0
                ? order.Diff.Branch
                : await door.BranchAsync(folder, cancellationToken);
        var tip =
            branch.Length == 0
                ? null
                : await trees.FindAsync(
                    folder,
                    "refs/heads/" + branch + "^{commit}",
                    cancellationToken
                );
        if (tip is null)
        {
            throw UserRepository.Refuse(
                FailureCodes.RepositoryUnusable,
                branch.Length == 0
                    ? $"{folder} has no branch checked out (its HEAD is detached), and the task names none. Check one out, then apply again."
                    : $"{folder} has no branch {branch} any more. Make it again, or 'orchestrator git-commit {order.TaskId}' for a branch of its own."
            );
        }
        if (await mover.RepairAsync(folder, branch, cancellationToken))
        {
            LogRepaired(logger, folder, branch);
            tip = await trees.FindAsync(
                folder,
                "refs/heads/" + branch + "^{commit}",
                cancellationToken
            );
        }
        var work = await WorkAsync(folder, order, cancellationToken);
        if (
            await trees.EarlierAsync(folder, tip!, order.TaskId, cancellationToken) is { } earlier
            && earlier.Work == work
        )
        {
            return (branch, earlier.Commit);
        }
        var tree = await TreeAsync(folder, order, branch, tip!, work, cancellationToken);
        var identity = await door.IdentityAsync(folder, cancellationToken);
        var at = order.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) + " +0000";
        identity["GIT_AUTHOR_DATE"] = identity["GIT_COMMITTER_DATE"] = at;
        var commit = await trees.CommitAsync(
            folder,
            tree,
            tip,
            CommitText.Message(null, order.Kind, redactor.Redact(order.Title), order.TaskId, work),
            identity,
            cancellationToken
        );
        await mover.MoveAsync(folder, branch, tip, commit, order.TaskId, CancellationToken.None);
        return (branch, commit);
    }

    private async Task<string> WorkAsync(
        string folder,
        ApplyOrder order,
        CancellationToken cancellationToken
    )
    {
        var patch = await blobs.GetAsync(order.PatchBlob, cancellationToken);
        if (patch is not { } approved || BlobContent.IdOf(approved) != order.Diff.Hash)
        {
            throw UserRepository.Refuse(
                FailureCodes.Conflict,
                "The kept diff is gone or is not the one that was approved. 'orchestrator retry' makes it again."
            );
        }
        var from = order.Diff.BaseCommit;
        if (await trees.FindAsync(folder, from + "^{commit}", cancellationToken) is null)
        {
            throw UserRepository.Refuse(
                FailureCodes.RepositoryUnusable,
                $"{folder} no longer has the commit {from} that the diff was made from. Fetch it, or stage the diff again: orchestrator restage {order.TaskId}."
            );
        }
        return await trees.WorkAsync(folder, from, approved, [], cancellationToken);
    }

    private async Task<string> TreeAsync(
        string folder,
        ApplyOrder order,
        string branch,
        string tip,
        string work,
        CancellationToken cancellationToken
    )
    {
        if (tip == order.Diff.BaseCommit)
        {
            return work;
        }
        if (!order.ThreeWay)
        {
            throw UserRepository.Refuse(
                FailureCodes.Conflict,
                $"{branch} stands at {tip[..12]} and not at {order.Diff.BaseCommit[..Math.Min(12, order.Diff.BaseCommit.Length)]}, which the approved diff was made from. Nothing was changed. 'orchestrator restage {order.TaskId}' checks the diff on the new state and asks for approval again; 'orchestrator apply-guarded {order.TaskId} --three-way' merges it as it is."
            );
        }
        return await trees.MergeAsync(
            folder,
            await git.TextAsync(
                folder,
                ["rev-parse", "--verify", order.Diff.BaseCommit + "^{tree}"],
                cancellationToken
            ),
            await git.TextAsync(
                folder,
                ["rev-parse", "--verify", tip + "^{tree}"],
                cancellationToken
            ),
            work,
            branch,
            cancellationToken
        );
    }

    [LoggerMessage(
        EventId = 2501,
        Level = LogLevel.Warning,
        Message = "The guarded diff of task {TaskId} cannot be applied now; asked again later"
    )]
    private static partial void LogLater(ILogger logger, string taskId, Exception exception);

    [LoggerMessage(
        EventId = 2502,
        Level = LogLevel.Warning,
        Message = "A move of {Branch} in {Folder} was cut off by a crash; its files were put back"
    )]
    private static partial void LogRepaired(ILogger logger, string folder, string branch);
}
