using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Client;

/// <content>Calls that tidy the server's data directory.</content>
public sealed partial class OrchestratorClient
{
    /// <summary>Takes over a predecessor's working directory on the server's host; repeated, it takes nothing twice.</summary>
    /// <param name="request">The folder, full path; with a dry run nothing is written.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public Task<WorkReport> ImportAsync(
        ImportRequest request,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/import")
            {
                Content = Body(request, OrchestratorJson.Default.ImportRequest),
            },
            OrchestratorJson.Default.WorkReport,
            cancellationToken
        );

    /// <summary>Puts old task files away, or deletes old artifacts and summaries.</summary>
    /// <param name="request">What, and how many days old.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public Task<WorkReport> CleanAsync(
        CleanRequest request,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/clean")
            {
                Content = Body(request, OrchestratorJson.Default.CleanRequest),
            },
            OrchestratorJson.Default.WorkReport,
            cancellationToken
        );
}
