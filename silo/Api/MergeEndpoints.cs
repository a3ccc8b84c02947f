using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints of merge queues.</summary>
internal static class MergeEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapMerges(this WebApplication app)
    {
        app.MapGet("/v1/merge-queue", GetAsync)
            .Is(
                "get_merge_queue",
                ScopeNeeded.Read,
                "Who merges into a repository's branches, who waits, and whether merging is stopped. 'repository' is github:owner/name.",
                FailureCodes.InvalidRequest
            )
            .Answers<MergeQueueState>();
        app.MapPost("/v1/merge-queue", StopAsync)
            .Is(
                "stop_merge_queue",
                ScopeNeeded.Operate,
                "Stop merging by itself in a repository, or let it go on. What is being merged is finished.",
                FailureCodes.InvalidRequest
            )
            .Takes<MergeStopRequest>()
            .Answers<MergeQueueState>();
    }

    private static async Task<IResult> GetAsync(IGrainFactory grains, string? repository) =>
        ApiHosting.Json(
            await QueueOf(grains, repository).GetState(),
            OrchestratorJson.Compact.MergeQueueState
        );

    private static async Task<IResult> StopAsync(
        HttpContext context,
        IGrainFactory grains,
        CancellationToken token
    )
    {
        var body = await Bodies.ReadAsync<MergeStopRequest>(context);
        if (body.Stopped is not { } stopped)
        {
            throw Bodies.Refuse("'stopped' is missing: true stops merging, false lets it go on.");
        }
        return ApiHosting.Json(
            await QueueOf(grains, body.Repository)
                .StopAsync(stopped, (string)context.Items[Authentication.Requester]!, token),
            OrchestratorJson.Compact.MergeQueueState
        );
    }

    private static IMergeQueueGrain QueueOf(IGrainFactory grains, string? repository) =>
        RemoteRepository.Parse(repository) is { } known
            ? grains.GetGrain<IMergeQueueGrain>(ForgeEvents.KeyOf(known))
            : throw Bodies.Refuse(
                $"'{repository}' is no repository on a remote host. Example: github:owner/name."
            );
}
