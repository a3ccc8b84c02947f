using Orchestrator.GrainInterfaces;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>What needs no token: the root, health and the API's description.</summary>
internal static class RootEndpoints
{
    private static readonly string[] Look = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps them.</summary>
    public static void MapRoot(this WebApplication app)
    {
        app.MapGet("/", Root)
            .Is("root", ScopeNeeded.Open, "What this server is and where its parts are.")
            .Answers<Dictionary<string, string>>();
        app.MapMethods("/health/live", Look, () => Results.Text("live"))
            .Is("live", ScopeNeeded.Open, "200 while the process answers.")
            .Produces<string>(200, "text/plain");
        app.MapMethods("/health/ready", Look, ReadyAsync)
            .Is(
                "ready",
                ScopeNeeded.Open,
                "200 while the store answers, 503 with its reason when it does not."
            )
            .Produces<string>(200, "text/plain")
            .Produces<GrainInterfaces.Api.Problem>(503, "application/problem+json");
        app.MapGet(
                "/v1/openapi.json",
                async (OpenApiText text, CancellationToken token) =>
                    Results.Bytes(await text.GetAsync(token), "application/json")
            )
            .Is("openapi", ScopeNeeded.Open, "This document.")
            .Answers<object>();
    }

    private static IResult Root() =>
        ApiHosting.Json(
            new Dictionary<string, string>
            {
                ["name"] = "orchestrator",
                ["version"] = SiloDiscoveryFile.Version,
                ["openapi"] = "/v1/openapi.json",
                ["live"] = "/health/live",
                ["ready"] = "/health/ready",
            },
            OrchestratorJson.Compact.DictionaryStringString
        );

    private static async Task<IResult> ReadyAsync(IJournal journal, CancellationToken token) =>
        Results.Text("ready " + await journal.GetEndAsync(token));
}
