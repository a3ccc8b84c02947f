using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Policy;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;

namespace Orchestrator.Grains.Delivery;

/// <summary>What an activation remembers between two looks, only to save calls; forgetting it costs nothing else.</summary>
public sealed class PullRequestMemory
{
    /// <summary>The head whose commit status was set.</summary>
    public string StatusOf { get; set; } = "";

    /// <summary>The comment that was written last.</summary>
    public string Sticky { get; set; } = "";

    /// <summary>The task's version that the comment was written for; -1 = unknown.</summary>
    public long StickyVersion { get; set; } = -1;

    /// <summary>It stands in the merge queue, as far as this activation knows.</summary>
    public bool InLine { get; set; } = true;
}

/// <summary>The steps of a pull request's life on the remote host. Each looks before it acts, and ends in what the task is told.</summary>
public sealed partial class PullRequestSteps(
    IGrainFactory grains,
    IPullRequestHosts hosts,
    IBranchPublisher publisher,
    IPolicySource policies,
    IJournal journal,
    PullRequestRules rules,
    Redactor redactor,
    TimeProvider time
)
{
    /// <summary>One step of handing a turn's work over: push it, or show it.</summary>
    public async Task<TaskReport> DeliverAsync(
        string taskId,
        TaskState state,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(state);
        var (repository, host) = HostOf(state);
        if (state.Delivery?.PushedTurn != state.Turn)
        {
            return await PushAsync(taskId, state, repository, host, cancellationToken);
        }
        var delivery = state.Delivery;
        var known = await host.FindAsync(
            repository.Name,
            delivery.Branch,
            PullRequestText.Marker(taskId),
            cancellationToken
        );
        var draft = await DraftAsync(
            taskId,
            state,
            delivery.Branch,
            await BaseOfAsync(state, repository, host, cancellationToken),
            cancellationToken
        );
        var number = known ?? await host.OpenAsync(repository.Name, draft, cancellationToken);
        await host.UpdateAsync(repository.Name, number, draft, cancellationToken);
        await Queue(repository).RegisterAsync(taskId, number, delivery.Branch, cancellationToken);
        var view = await host.ViewAsync(repository.Name, number, cancellationToken);
        return new TaskReport.PullRequestOpened(
            state.Turn,
            new PullRequestRef(
                repository.ToString(),
                number,
                view.WebAddress,
                delivery.Branch,
                view.Base
            )
        );
    }

    private async Task<TaskReport> PushAsync(
        string taskId,
        TaskState state,
        RemoteRepository repository,
        IPullRequestHost host,
        CancellationToken cancellationToken
    )
    {
        var diff = state.Result!.Diff;
        var branch = state.Delivery is { Branch.Length: > 0 } known
            ? known.Branch
            : CommitText.Branch(rules.Branch, taskId, redactor.Redact(state.Title));
        var pushed = await publisher.PublishAsync(
            new PublishOrder
            {
                TaskId = taskId,
                Turn = state.Turn,
                Repository = repository,
                Branch = branch,
                Base = await BaseOfAsync(state, repository, host, cancellationToken),
                BaseCommit = diff.BaseCommit.Length > 0 ? diff.BaseCommit : state.BaseCommit,
                PatchBlob = diff.PatchBlob,
                LastHead = state.Delivery?.Head ?? "",
                Title = redactor.Redact(PullRequestText.Title(state)),
                Kind = state.Kind,
                At = state.AcceptedAt,
            },
            cancellationToken
        );
        if (state.Delivery?.PullRequest is { } there)
        {
            await host.UpdateAsync(
                repository.Name,
                there.Number,
                await DraftAsync(taskId, state, branch, there.Base, cancellationToken),
                cancellationToken
            );
        }
        return new TaskReport.BranchPushed(
            state.Turn,
            branch,
            pushed.Head,
            diff.BaseCommit.Length > 0 ? diff.BaseCommit : state.BaseCommit
        );
    }

    private async Task<PullRequestDraft> DraftAsync(
        string taskId,
        TaskState state,
        string branch,
        string baseBranch,
        CancellationToken cancellationToken
    ) =>
        new()
        {
            Branch = branch,
            Base = baseBranch,
            Title = redactor.Redact(PullRequestText.Title(state)),
            Body = redactor.Redact(PullRequestText.Body(taskId, state, rules.Feedback.Mention)),
            IsDraft =
                (await policies.CurrentAsync(cancellationToken)).DraftOf(state.Lane?.Name ?? "")
                ?? rules.Draft,
            Labels = rules.Labels,
            Reviewers = rules.Reviewers,
        };

    private static async Task<string> BaseOfAsync(
        TaskState state,
        RemoteRepository repository,
        IPullRequestHost host,
        CancellationToken cancellationToken
    )
    {
        if (state.Delivery?.PullRequest is { } there)
        {
            return there.Base;
        }
        // A branch of that name on the host; a tag or a commit to start from is no base to merge into.
        var named = state.Spec!.BaseBranch;
        return
            named.Length > 0
            && await host.BranchAsync(repository.Name, named, cancellationToken) is not null
            ? named
            : (await host.RepositoryAsync(repository.Name, cancellationToken)).DefaultBranch;
    }

    private (RemoteRepository Repository, IPullRequestHost Host) HostOf(TaskState state)
    {
        var repository =
            RemoteRepository.Parse(state.Spec!.Remote)
            ?? throw new PullRequestHostException(
                PullRequestHostError.NotFound,
                $"'{state.Spec.Remote}' is no repository on a remote host. Example: github:owner/name."
            );
        return (
            repository,
            hosts.Find(repository.Kind)
                ?? throw new PullRequestHostException(
                    PullRequestHostError.Unauthorised,
                    $"No access to '{repository.Kind}' is configured. For GitHub set GitHub:Token, or GitHub:AppId and GitHub:AppKeyFile."
                )
        );
    }

    private IMergeQueueGrain Queue(RemoteRepository repository) =>
        grains.GetGrain<IMergeQueueGrain>(ForgeEvents.KeyOf(repository));
}
