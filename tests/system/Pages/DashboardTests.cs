using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo;
using Orchestrator.Silo.Pages;
using Orchestrator.SystemTests.StandIns;
using Orleans.Dashboard;
using Xunit;

namespace Orchestrator.SystemTests.Pages;

/// <summary>The Orleans dashboard behind the product's door.</summary>
public sealed class DashboardTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    [Fact]
    public async Task Every_route_of_it_answers_401_without_a_token_and_403_without_the_scope()
    {
        var reader = await shared.Client.CreateTokenAsync(
            new TokenRequest { Name = "reader", Scopes = ["read", "submit"] }
        );
        using var nobody = shared.Http(null);
        using var reading = shared.Http(reader.Secret);
        using var owner = shared.Http(shared.Discovery.Token);
        var paths = await PathsAsync();

        Assert.True(paths.Count > 15, string.Join(' ', paths));
        foreach (var path in paths)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(nobody, path));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(reading, path));
            Assert.NotEqual(HttpStatusCode.Unauthorized, await StatusAsync(owner, path));
        }
        foreach (
            var path in (string[])["dashboard/", "dashboard/ClusterStats", "dashboard/GrainTypes"]
        )
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(owner, path));
        }
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(owner, "dashboard/Trace"));
    }

    [Fact]
    public async Task It_shows_the_state_of_a_task_without_its_secrets()
    {
        // Made here, so that no scanner takes it for a real one.
        var secret = "ghp_" + new string('a', 18) + new string('B', 18);
        var task = await shared.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze") with
            {
                Title = "A task to look at",
                Request = "The key is " + secret,
            }
        );
        await task.WaitAsync(TestContext.Current.CancellationToken);

        var state = await StateAsync(typeof(TaskGrain), task.TaskId);
        var talk = await StateAsync(typeof(ConversationGrain), task.TaskId);
        var queue = await StateAsync(typeof(Grains.Queueing.QueueGrain), TaskEffects.Pool);
        var files = await StateAsync(typeof(Grains.Delivery.FilesGrain), "0");
        var host = await StateAsync(
            typeof(Grains.Runners.RunnerGrain),
            (await shared.Client.ListHostsAsync()).Hosts[0].Host
        );

        Assert.Contains("A task to look at", state, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, state + talk, StringComparison.Ordinal);
        Assert.Contains("slotsTotal", queue, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("waiting", files, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("slots", host, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("done", talk, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(TaskGrain), "task_nobody")]
    [InlineData(typeof(ConversationGrain), "task_nobody")]
    [InlineData(typeof(Grains.Queueing.QueueGrain), "another")]
    [InlineData(typeof(Grains.Queueing.AgentAccountGrain), "another")]
    [InlineData(typeof(ScannerGrain), "7")]
    [InlineData(typeof(Grains.Delivery.FilesGrain), "8")]
    [InlineData(typeof(Grains.Runners.RunnerGrain), "another")]
    [InlineData(typeof(string), "x")]
    public async Task Asking_for_what_is_not_there_activates_nothing(Type grain, string id)
    {
        using var owner = shared.Http(shared.Discovery.Token);
        using var answer = await owner.GetAsync(Address(grain, id));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var stats = await owner.GetStringAsync(new Uri("dashboard/Reminders", UriKind.Relative));
        Assert.DoesNotContain("another", stats, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_works_in_a_browser_and_shows_a_living_task()
    {
        var task = await shared.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"sleep","milliseconds":600000}""", type: "analyze") with
            {
                Title = "Look for a slow query",
                Request = "Find out why the list of orders is slow.",
            }
        );
        var seen = await BrowserRun.PlayAsync(
            "dashboard",
            new JsonObject
            {
                ["url"] = shared.Discovery.Address.ToString().TrimEnd('/'),
                ["token"] = shared.Discovery.Token,
                ["task"] = task.TaskId,
                ["grain"] = typeof(TaskGrain).FullName,
                ["images"] = BrowserRun.Images,
            }
        );
        await task.CancelAsync();

        Assert.Contains("Look for a slow query", seen.Text("text"), StringComparison.Ordinal);
        Assert.Empty(seen.Texts("violations"));
        Assert.Empty(seen.Texts("errors"));
        Assert.Empty(seen.Texts("failed"));
    }

    private static async Task<List<string>> PathsAsync()
    {
        await using var app = SiloHost.Describe();
        // Each of its own routes lies behind the door's one.
        app.MapOrleansDashboard("/dashboard");
        return
        [
            .. ((IEndpointRouteBuilder)app)
                .DataSources.SelectMany(d => d.Endpoints)
                .OfType<RouteEndpoint>()
                .Select(r => r.RoutePattern.RawText!.TrimStart('/'))
                .Where(p =>
                    p.StartsWith("dashboard", StringComparison.Ordinal)
                    && !p.EndsWith("{**page}", StringComparison.Ordinal)
                )
                .Select(p =>
                    p.Replace("{*grainName}", "x", StringComparison.Ordinal)
                        .Replace("{page:int}", "1", StringComparison.Ordinal)
                        .Replace("{**path}", "x", StringComparison.Ordinal)
                        .Replace("{*path}", "x", StringComparison.Ordinal)
                        .Replace("{*address}", "x", StringComparison.Ordinal)
                ),
        ];
    }

    private async Task<string> StateAsync(Type grain, string id)
    {
        using var owner = shared.Http(shared.Discovery.Token);
        var text = await owner.GetStringAsync(Address(grain, id));
        using var json = JsonDocument.Parse(text);
        return text;
    }

    private static Uri Address(Type grain, string id) =>
        new(
            $"dashboard/GrainState?grainId={Uri.EscapeDataString(id)}&grainType={grain.FullName}",
            UriKind.Relative
        );

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(
            new Uri(path, UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead
        );
        return answer.StatusCode;
    }
}
