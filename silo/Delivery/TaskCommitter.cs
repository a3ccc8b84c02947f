using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Delivery;

/// <summary>
/// Commits a task's work in the task's own repository. A branch that is not checked out is moved by its ref alone; one
/// that is checked out is only fast-forwarded, which git refuses when it would touch a file the user has changed.
/// </summary>
internal sealed class TaskCommitter(
    GitCli git,
    UserRepository door,
    CommitTrees trees,
    BranchMover mover,
    RepositoryGates gates,
    IBlobStore blobs,
    Redactor redactor,
    IOptions<DeliveryOptions> options
)
{
    /// <summary>Commits; asked again, it finds the commit that is there. One at a time per repository.</summary>
    /// <param name="task">Whose work.</param>
    /// <param name="request">Where to, and in which words.</param>
    /// <param name="staged">True: what the user has staged is part of it.</param>
    /// <param name="cancellationToken">Leaves before the branch moves, never between.</param>
    /// <exception cref="DeliveryException">It cannot be; nothing was moved, or the message says what was.</exception>
    /// <exception cref="GitException">Git failed.</exception>
    public async Task<CommitAnswer> CommitAsync(
        TaskSnapshot task,
        CommitRequest request,
        bool staged,
        CancellationToken cancellationToken
    )
    {
        if (CommitRules.Refusal(task, request) is { } refusal)
        {
            throw new DeliveryException(refusal);
        }
        var folder = await door.OpenAsync(task.Repository, cancellationToken);
        using var turn = await gates.EnterAsync(folder, cancellationToken);
        var answer = await MakeAsync(folder, task, request, staged, cancellationToken);
        return request.Push ? await PushAsync(folder, answer, cancellationToken) : answer;
    }

    private async Task<CommitAnswer> MakeAsync(
        string folder,
        TaskSnapshot task,
        CommitRequest request,
        bool staged,
        CancellationToken cancellationToken
    )
    {
        var leftOut = new List<string>(task.Result?.Diff.ExcludedFiles ?? []);
        var branch = await TargetAsync(folder, task, request, cancellationToken);
        await mover.RepairAsync(folder, branch, cancellationToken);
        var head = "refs/heads/" + branch;
        var tip = await trees.FindAsync(folder, head + "^{commit}", cancellationToken);
        var work = await WorkAsync(folder, task, staged, leftOut, cancellationToken);
        var parent = tip ?? (staged ? await HeadAsync(folder, cancellationToken) : work.Base);
        var earlier = await trees.EarlierAsync(folder, parent, task.TaskId, cancellationToken);
        var from =
            earlier is { Work.Length: > 0 } e
            && await trees.FindAsync(folder, e.Work + "^{tree}", cancellationToken) is { } known
                ? known
                : await TreeAsync(folder, work.Base, cancellationToken);
        var parentTree = await TreeAsync(folder, parent, cancellationToken);
        var tree = await trees.MergeAsync(
            folder,
            from,
            parentTree,
            work.Tree,
            branch,
            cancellationToken
        );
        if (staged)
        {
            tree = await trees.MergeAsync(
                folder,
                await TreeAsync(folder, "HEAD", cancellationToken),
                tree,
                await trees.StagedAsync(folder, leftOut, cancellationToken),
                branch,
                cancellationToken
            );
        }
        leftOut = [.. leftOut.Distinct(StringComparer.Ordinal)];
        if (tree == parentTree)
        {
            return tip is not null || earlier is not null
                ? new CommitAnswer(
                    earlier?.Commit ?? parent,
                    branch,
                    await CommittedAsync(folder, earlier?.Commit, cancellationToken),
                    leftOut,
                    false,
                    true
                )
                : throw UserRepository.Refuse(
                    FailureCodes.NotPossibleNow,
                    leftOut.Count > 0
                        ? $"There is nothing to commit: {string.Join(", ", leftOut)} are never committed."
                        : $"There is nothing to commit: task {task.TaskId} changed no file{(staged ? " and nothing is staged" : "")}."
                );
        }
        var files = await trees.NamesAsync(folder, parentTree, tree, cancellationToken);
        if (files.Find(SensitiveFiles.Is) is { } sensitive)
        {
            throw UserRepository.Refuse(
                FailureCodes.PolicyDenied,
                $"{sensitive} is never committed, and the work cannot be separated from it. Nothing was committed."
            );
        }
        var commit = await trees.CommitAsync(
            folder,
            tree,
            parent,
            CommitText.Message(
                request.Message is null ? null : redactor.Redact(request.Message),
                task.Kind,
                redactor.Redact(task.Title),
                task.TaskId,
                work.Tree
            ),
            await door.IdentityAsync(folder, cancellationToken),
            cancellationToken
        );
        // From here on a caller who leaves changes nothing: the branch moves whole.
        await mover.MoveAsync(folder, branch, tip, commit, task.TaskId, CancellationToken.None);
        return new CommitAnswer(commit, branch, files, leftOut, false, false);
    }

    private async Task<string> TargetAsync(
        string folder,
        TaskSnapshot task,
        CommitRequest request,
        CancellationToken cancellationToken
    )
    {
        if (!request.NoBranch)
        {
            var named = request.Branch is { Length: > 0 } own
                ? own
                : CommitText.Branch(options.Value.Branch, task.TaskId, task.Title);
            return CommitText.IsBranch(named)
                ? named
                : throw UserRepository.Refuse(
                    FailureCodes.InvalidConfiguration,
                    $"Delivery:Branch '{options.Value.Branch}' makes '{named}', which is no name that git allows for a branch. Name one with --branch."
                );
        }
        var current = await door.BranchAsync(folder, cancellationToken);
        return current.Length > 0
            ? current
            : throw UserRepository.Refuse(
                FailureCodes.NotPossibleNow,
                $"{folder} has no branch checked out (its HEAD is detached). Leave --no-branch out, or name a branch: --branch NAME."
            );
    }

    private async Task<(string Tree, string Base)> WorkAsync(
        string folder,
        TaskSnapshot task,
        bool staged,
        List<string> leftOut,
        CancellationToken cancellationToken
    )
    {
        var diff = task.Result?.Diff;
        var from = task.BaseCommit.Length > 0 ? task.BaseCommit : "HEAD";
        if (diff is not { PatchBlob.Length: > 0 })
        {
            return staged
                ? (await TreeAsync(folder, from, cancellationToken), from)
                : throw UserRepository.Refuse(
                    FailureCodes.NotPossibleNow,
                    leftOut.Count > 0
                        ? $"Task {task.TaskId} changed only files that are never committed ({string.Join(", ", leftOut)})."
                        : $"Task {task.TaskId} changed no file, so there is nothing to commit."
                );
        }
        if (await trees.FindAsync(folder, from + "^{commit}", cancellationToken) is null)
        {
            throw UserRepository.Refuse(
                FailureCodes.RepositoryUnusable,
                $"{folder} no longer has the commit {from} that the work started from. Fetch it, or start another turn: orchestrator retry {task.TaskId}."
            );
        }
        var patch =
            await blobs.GetAsync(diff.PatchBlob, cancellationToken)
            ?? throw UserRepository.Refuse(
                FailureCodes.NotFound,
                $"The captured work of task {task.TaskId} is no longer in the store."
            );
        return (await trees.WorkAsync(folder, from, patch, leftOut, cancellationToken), from);
    }

    private async Task<CommitAnswer> PushAsync(
        string folder,
        CommitAnswer answer,
        CancellationToken cancellationToken
    )
    {
        var remotes = (await git.TextAsync(folder, ["remote"], cancellationToken)).Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        var wanted = await door.SettingAsync(
            folder,
            $"branch.{answer.Branch}.remote",
            cancellationToken
        );
        var remote =
            remotes.Contains(wanted) ? wanted
            : remotes.Contains("origin") ? "origin"
            : remotes.Length == 1 ? remotes[0]
            : throw UserRepository.Refuse(
                FailureCodes.NotPossibleNow,
                $"Committed as {answer.Commit} on {answer.Branch}, not pushed: {folder} has {(remotes.Length == 0 ? "no remote" : "several remotes and none is named origin")}. Push by hand: git push REMOTE {answer.Branch}."
            );
        var pushed = await git.TryAsync(
            folder,
            [
                "push",
                "-q",
                "--end-of-options",
                remote,
                $"refs/heads/{answer.Branch}:refs/heads/{answer.Branch}",
            ],
            cancellationToken,
            UserRepository.UserConfiguration()
        );
        return pushed.ExitCode == 0
            ? answer with
            {
                Pushed = true,
            }
            : throw UserRepository.Refuse(
                FailureCodes.Conflict,
                redactor.Redact(
                    $"Committed as {answer.Commit} on {answer.Branch}, but the push to {remote} was refused: {pushed.Tail.Trim()} Fetch, look, and ask again; the commit stays."
                )
            );
    }

    private async Task<IReadOnlyList<string>> CommittedAsync(
        string folder,
        string? commit,
        CancellationToken cancellationToken
    ) =>
        commit is null
            ? []
            : await trees.NamesAsync(folder, commit + "^", commit, cancellationToken);

    private async Task<string> HeadAsync(string folder, CancellationToken cancellationToken) =>
        await trees.FindAsync(folder, "HEAD^{commit}", cancellationToken)
        ?? throw UserRepository.Refuse(
            FailureCodes.RepositoryUnusable,
            $"{folder} has no commit yet. Commit something there first."
        );

    private Task<string> TreeAsync(
        string folder,
        string commit,
        CancellationToken cancellationToken
    ) => git.TextAsync(folder, ["rev-parse", "--verify", commit + "^{tree}"], cancellationToken);
}
