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

    private static string Since(DateTimeOffset? since) =>
        since is { } at
            ? "?since=" + Escape(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))
            : "";
}
