using Orchestrator.GrainInterfaces;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Pages;

namespace Orchestrator.Silo.Api;

/// <summary>What needs no token: the root, health and the API's description.</summary>
internal static class RootEndpoints
{
    private static readonly string[] Look = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps them.</summary>
    public static void MapRoot(this WebApplication app)
    {
        app.MapGet("/", RootAsync)
            .Is("root", ScopeNeeded.Open, "What this server is and where its parts are.")
            .WithMetadata(new ShownToPeople(Redirects: true))
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

    // Programs are told where things are; a browser is shown the board, or the way to it.
    private static async Task<IResult> RootAsync(HttpContext context, Authentication authentication)
    {
        context.Response.Headers.Vary = "Accept";
        if (!PageDoor.WantsPage(context))
        {
            return Root();
        }
        var refusal = await authentication.EnterAsync(context, ScopeNeeded.Read);
        return refusal is null ? PageEndpoints.Shell()
            : await PageDoor.TellAsync(context, refusal) ? Results.Empty
            : ApiHosting.Problem(refusal);
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
