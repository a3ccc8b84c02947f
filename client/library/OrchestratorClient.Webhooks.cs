using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Client;

public sealed partial class OrchestratorClient
{
    /// <summary>Deliveries of webhooks that came, the newest first.</summary>
    /// <param name="source"><c>github</c>, <c>linear</c>, <c>jira</c>; null = all.</param>
    /// <param name="state"><c>waiting</c>, <c>processed</c>, <c>ignored</c>, <c>failed</c>; null = all.</param>
    /// <param name="since">Not older than this; null = all.</param>
    /// <param name="before">The page's start, from <see cref="WebhookPage.Next"/>; null = the newest.</param>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<WebhookPage> ListWebhooksAsync(
        string? source = null,
        string? state = null,
        DateTimeOffset? since = null,
        long? before = null,
        int max = 100,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/webhooks/inbox?max={max}&source={Escape(source ?? "")}&state={Escape(state ?? "")}&since={Escape(since?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) ?? "")}&before={before}",
            OrchestratorJson.Default.WebhookPage,
            cancellationToken
        );

    /// <summary>Has deliveries handled again. In the answer: <see cref="WorkReport.Done"/> the numbers, <see cref="WorkReport.Problems"/> those that are not there.</summary>
    public Task<WorkReport> ReplayWebhooksAsync(
        WebhookReplayRequest request,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/webhooks/inbox/replay")
            {
                Content = Body(request, OrchestratorJson.Default.WebhookReplayRequest),
            },
            OrchestratorJson.Default.WorkReport,
            cancellationToken
        );

    /// <summary>Messages to the server's endpoints, the newest first.</summary>
    /// <param name="endpoint">Only this one's; null = all.</param>
    /// <param name="state"><c>waiting</c>, <c>delivered</c>, <c>dead</c>; null = all.</param>
    /// <param name="before">The page's start, from <see cref="WebhookMessagePage.Next"/>; null = the newest.</param>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<WebhookMessagePage> ListWebhookDeliveriesAsync(
        string? endpoint = null,
        string? state = null,
        long? before = null,
        int max = 100,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/webhooks/deliveries?max={max}&endpoint={Escape(endpoint ?? "")}&state={Escape(state ?? "")}&before={before}",
            OrchestratorJson.Default.WebhookMessagePage,
            cancellationToken
        );

    /// <summary>Has messages sent again under the same ids; opens an endpoint that was closed by 410.</summary>
    public Task<WorkReport> ResendWebhooksAsync(
        WebhookResendRequest request,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/webhooks/deliveries/resend")
            {
                Content = Body(request, OrchestratorJson.Default.WebhookResendRequest),
            },
            OrchestratorJson.Default.WorkReport,
            cancellationToken
        );
}
