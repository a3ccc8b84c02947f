using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Client;

/// <content>Calls about merge queues.</content>
public sealed partial class OrchestratorClient
{
    /// <summary>Who merges into a repository's branches, who waits, and whether merging is stopped.</summary>
    /// <param name="repository"><c>github:owner/name</c>.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public Task<MergeQueueState> GetMergeQueueAsync(
        string repository,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(
                HttpMethod.Get,
                $"v1/merge-queue?repository={Escape(repository)}"
            ),
            OrchestratorJson.Default.MergeQueueState,
            cancellationToken
        );

    /// <summary>Stops merging by itself in a repository, or lets it go on.</summary>
    /// <param name="repository"><c>github:owner/name</c>.</param>
    /// <param name="stopped">True: stop.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public Task<MergeQueueState> StopMergesAsync(
        string repository,
        bool stopped,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/merge-queue")
            {
                Content = Body(
                    new MergeStopRequest { Repository = repository, Stopped = stopped },
                    OrchestratorJson.Default.MergeStopRequest
                ),
            },
            OrchestratorJson.Default.MergeQueueState,
            cancellationToken
        );
}
