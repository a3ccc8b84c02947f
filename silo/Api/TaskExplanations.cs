using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>Why a task is where it is, by all who know something of it.</summary>
internal static class TaskExplanations
{
    /// <summary>Asks the queue, the remote host's grain and the store.</summary>
    public static async Task<Explanation> OfAsync(
        IGrainFactory grains,
        StorePulse pulse,
        TaskSnapshot snapshot,
        CancellationToken token
    )
    {
        var id = snapshot.TaskId;
        var queue = await grains.GetGrain<IQueueGrain>(TaskEffects.Pool).ExplainAsync(id, token);
        var explained = TaskExplainer.Explain(snapshot, queue);
        if (
            snapshot is { Remote.Length: > 0 }
            && await grains.GetGrain<IPullRequestGrain>(id).GetState()
                is { Problem.Length: > 0 } remote
        )
        {
            explained = explained with
            {
                Reasons =
                [
                    .. explained.Reasons,
                    $"{snapshot.Remote} was not reached: {remote.Problem} Tried again at {remote.RetryAt:yyyy-MM-dd HH:mm:ss} UTC.",
                ],
            };
        }
        return pulse.Problem is { Length: > 0 } slow
            ? explained with
            {
                Reasons = [.. explained.Reasons, slow],
            }
            : explained;
    }
}
