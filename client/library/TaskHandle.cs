using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Client;

/// <summary>A submitted task. Cancelling a call's token leaves the call; the task goes on until <see cref="CancelAsync"/>.</summary>
public sealed partial class TaskHandle
{
    private readonly OrchestratorClient client;

    internal TaskHandle(OrchestratorClient client, string taskId, bool alreadyThere)
    {
        this.client = client;
        TaskId = taskId;
        AlreadyThere = alreadyThere;
    }

    /// <summary>The task's id.</summary>
    public string TaskId { get; }

    /// <summary>True when the submission met a task that was there before, or the handle was made from an id.</summary>
    public bool AlreadyThere { get; }

    /// <summary>Its facts after a number, then live.</summary>
    public IAsyncEnumerable<JournalEntry> WatchAsync(
        long after = 0,
        CancellationToken cancellationToken = default
    ) => client.WatchAsync(TaskId, after, cancellationToken);

    /// <summary>Waits until its turn has ended: done, failed or cancelled, or handed to people in a pull request.</summary>
    public async Task<TaskSnapshot> WaitAsync(CancellationToken cancellationToken = default)
    {
        await foreach (var entry in WatchAsync(0, cancellationToken).ConfigureAwait(false))
        {
            if (
                entry.Fact
                is TaskFact.Delivered
                    or TaskFact.Failed
                    or TaskFact.Cancelled
                    or TaskFact.PullRequestOpened
                    or TaskFact.BranchPushed
            )
            {
                var snapshot = await client
                    .GetAsync(TaskId, cancellationToken)
                    .ConfigureAwait(false);
                if (
                    snapshot.Phase
                    is TaskPhase.Done
                        or TaskPhase.Failed
                        or TaskPhase.Cancelled
                        or TaskPhase.InReview
                )
                {
                    return snapshot;
                }
            }
        }
        throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Asks for its stop; what it did so far is kept.</summary>
    public Task<TaskSnapshot> CancelAsync(
        string? reason = null,
        CancellationToken cancellationToken = default
    ) => client.ActAsync(TaskId, "cancel", reason, cancellationToken);

    /// <summary>Starts another turn.</summary>
    public Task<TaskSnapshot> RetryAsync(CancellationToken cancellationToken = default) =>
        client.ActAsync(TaskId, "retry", null, cancellationToken);

    /// <summary>Continues it: the reply becomes its next turn.</summary>
    public Task<ReplyAnswer> ReplyAsync(
        string text,
        CancellationToken cancellationToken = default
    ) =>
        client.ReplyAsync(
            TaskId,
            new ReplyRequest { Text = text },
            cancellationToken: cancellationToken
        );

    /// <summary>Submits a new task that begins from the end of its last turn.</summary>
    public Task<TaskHandle> ForkAsync(
        string request,
        CancellationToken cancellationToken = default
    ) =>
        client.ForkAsync(
            TaskId,
            new ForkRequest { Request = request },
            cancellationToken: cancellationToken
        );

    /// <summary>Where it is.</summary>
    public Task<TaskSnapshot> GetAsync(CancellationToken cancellationToken = default) =>
        client.GetAsync(TaskId, cancellationToken);

    /// <summary>Why it is where it is.</summary>
    public Task<Explanation> ExplainAsync(CancellationToken cancellationToken = default) =>
        client.ExplainAsync(TaskId, cancellationToken);

    /// <summary>The real diff of its work; empty when nothing changed.</summary>
    public Task<string> GetDiffAsync(CancellationToken cancellationToken = default) =>
        client.GetDiffAsync(TaskId, cancellationToken);

    /// <summary>Ends its pause.</summary>
    public Task<TaskSnapshot> ResumeAsync(CancellationToken cancellationToken = default) =>
        client.ActAsync(TaskId, "resume", null, cancellationToken);

    /// <summary>Says yes to what it asks.</summary>
    public Task<TaskSnapshot> ApproveAsync(
        string? note = null,
        CancellationToken cancellationToken = default
    ) => client.ActAsync(TaskId, "approve", note, cancellationToken);

    /// <summary>Says no to what it asks.</summary>
    public Task<TaskSnapshot> RejectAsync(
        string? note = null,
        CancellationToken cancellationToken = default
    ) => client.ActAsync(TaskId, "reject", note, cancellationToken);

    /// <summary>Commits its accepted work in its repository.</summary>
    public Task<CommitAnswer> CommitAsync(
        CommitRequest? request = null,
        CancellationToken cancellationToken = default
    ) => client.CommitAsync(TaskId, request, false, cancellationToken);
}
