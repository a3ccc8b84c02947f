using System.Globalization;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Client;

public sealed partial class OrchestratorClient
{
    /// <summary>Counts by day, since an instant's day (UTC).</summary>
    /// <param name="by"><c>type lane host requester day</c>.</param>
    /// <param name="since">Null = 28 days, today included.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<StatsBreakdown> GetStatsByAsync(
        string by,
        DateTimeOffset? since = null,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/stats/by/{Escape(by)}{Since(since)}",
            OrchestratorJson.Default.StatsBreakdown,
            cancellationToken
        );

    /// <summary>Whether the server does what it is for: goals, stuck tasks, dead letters, the hash chain.</summary>
    public Task<GateReport> GetGateAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/health/gate", OrchestratorJson.Default.GateReport, cancellationToken);

    /// <summary>What happened, by task.</summary>
    /// <param name="since">Null = one day.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ProgressReport> GetProgressAsync(
        DateTimeOffset? since = null,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            "v1/progress" + Since(since),
            OrchestratorJson.Default.ProgressReport,
            cancellationToken
        );

    /// <summary>Has the server make a support bundle, a zip without secrets, and writes it to a stream. Asks for the scope <c>admin</c>.</summary>
    /// <param name="destination">Gets it; incomplete when this throws.</param>
    /// <param name="request">Which tasks' facts go in; null = none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task DownloadSupportBundleAsync(
        Stream destination,
        SupportRequest? request = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(destination);
        using var message = new HttpRequestMessage(HttpMethod.Post, "v1/support-bundle")
        {
            Content = Body(
                request ?? new SupportRequest(),
                OrchestratorJson.Default.SupportRequest
            ),
        };
        using var response = await SendAsync(
                message,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            )
            .ConfigureAwait(false);
        try
        {
            await response
                .Content.CopyToAsync(destination, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new OrchestratorException(
                $"The server ended the bundle before its end ({e.Message}). Ask again.",
                e
            );
        }
    }

    private static string Since(DateTimeOffset? since) =>
        since is { } at
            ? "?since=" + Escape(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))
            : "";
}
