using Microsoft.AspNetCore.Builder;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Api;
using Orleans.Dashboard;

namespace Orchestrator.Silo.Pages;

/// <summary>
/// The dashboard's own routes, made when somebody first asks for one: mapping them compresses all of its files, a fifth of
/// what a silo takes of the processor until it is ready, for a page that most silos never show.
/// </summary>
internal sealed class DashboardPages
{
    private readonly Lazy<RequestDelegate> pages;

    /// <param name="services">The silo's.</param>
    public DashboardPages(IServiceProvider services) => pages = new(() => Build(services));

    /// <summary>Answers a request under the dashboard's path that was let in already.</summary>
    public Task AnswerAsync(HttpContext context)
    {
        // What let it in was the door's one route; which of the pages is meant is found anew.
        context.SetEndpoint(null);
        context.Request.RouteValues = [];
        return pages.Value(context);
    }

    private static RequestDelegate Build(IServiceProvider services)
    {
        var inner = new ApplicationBuilder(services);
        inner.UseRouting();
        inner.UseEndpoints(e => e.MapOrleansDashboard(routePrefix: DashboardDoor.Path));
        inner.Run(context =>
            ApiHosting
                .Problem(new Failure(FailureCodes.NotFound, "The dashboard has no such page."))
                .ExecuteAsync(context)
        );
        return inner.Build();
    }
}
