using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Delivery;

/// <summary>Commits a task's work and records it in its journal, once.</summary>
internal sealed class RecordedCommits(
    TaskCommitter committer,
    IGrainFactory grains,
    IJournal journal
)
{
    private const int FactsBack = 200;

    /// <summary>Commits; asked again, it finds the commit that is there.</summary>
    /// <param name="task">Whose work.</param>
    /// <param name="request">Where to, and in which words.</param>
    /// <param name="staged">True: what the user has staged is part of it.</param>
    /// <param name="by">Who wants it.</param>
    /// <param name="cancellationToken">Leaves before the branch moves, never between.</param>
    /// <exception cref="DeliveryException">It cannot be; nothing was moved, or the message says what was.</exception>
    /// <exception cref="Runners.GitException">Git failed.</exception>
    public async Task<CommitAnswer> CommitAsync(
        TaskSnapshot task,
        CommitRequest request,
        bool staged,
        string by,
        CancellationToken cancellationToken
    )
    {
        var answer = await committer.CommitAsync(task, request, staged, cancellationToken);
        if (!await RecordedAsync(task, answer))
        {
            // The commit stands: it is recorded even when the caller has left.
            await grains
                .GetGrain<ITaskGrain>(task.TaskId)
                .CommitMadeAsync(
                    new TaskFact.CommitMade(answer.Branch, answer.Commit, by, answer.Pushed),
                    CancellationToken.None
                );
        }
        return answer;
    }

    private async Task<bool> RecordedAsync(TaskSnapshot task, CommitAnswer answer)
    {
        var facts = await journal.ReadTaskAsync(
            task.TaskId,
            Math.Max(0, task.Version - FactsBack),
            2 * FactsBack,
            CancellationToken.None
        );
        return facts.Any(f =>
            f.Fact is TaskFact.CommitMade made
            && made.Commit == answer.Commit
            && made.Branch == answer.Branch
            && (made.Pushed || !answer.Pushed)
        );
    }
}
