using System.Text.Json.Nodes;
using Orchestrator.Decisions.Doors;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Pages;

/// <summary>The board in a real browser.</summary>
public sealed class BoardTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private string Url => shared.Discovery.Address.ToString().TrimEnd('/');

    [Fact]
    public async Task Nothing_on_any_page_keeps_people_from_using_it()
    {
        await BoardRoom.FillAsync(shared);
        var tasks = (await shared.Client.ListAsync()).Tasks;

        var seen = await BrowserRun.PlayAsync(
            "hearing",
            new JsonObject
            {
                ["url"] = Url,
                ["token"] = shared.Discovery.Token,
                ["paths"] = new JsonArray([
                    "/hosts",
                    "/figures",
                    .. tasks.DistinctBy(t => t.Phase).Select(t => "/tasks/" + t.TaskId),
                ]),
            }
        );

        Assert.Empty(seen.Texts("wrong"));
        Assert.True(seen.Number("pages") >= 4 * 9, $"only {seen.Number("pages")} were judged");
    }

    [Fact]
    public async Task What_strangers_write_is_shown_and_never_run()
    {
        var tasks = await BoardRoom.HostileAsync(shared);

        var seen = await BrowserRun.PlayAsync(
            "hostile",
            new JsonObject
            {
                ["url"] = Url,
                ["token"] = shared.Discovery.Token,
                ["tasks"] = new JsonArray([.. tasks]),
                ["rounds"] = 3,
            }
        );

        Assert.True(seen.Number("strings") >= 100, $"only {seen.Number("strings")} strings");
        Assert.Equal(0, seen.Number("hits"));
        Assert.Equal(0, seen.Number("foreign"));
        Assert.Equal(0, seen.Number("dialogs"));
        Assert.Empty(seen.Texts("violations"));
        Assert.Empty(seen.Texts("errors"));
        // They were there to be seen: what is shown nowhere proves nothing.
        Assert.True(seen.Number("real") >= 20, $"only {seen.Number("real")} were shown");
        Assert.True(seen.Number("shown") >= 500, $"only {seen.Number("shown")} were shown");
    }

    [Fact]
    public async Task A_stream_that_is_cut_again_and_again_loses_and_doubles_nothing()
    {
        var task = await shared.EndAsync(
            """{"do":"say","text":"one"},{"do":"say","text":"two"},{"do":"say","text":"three"}""",
            type: "analyze"
        );

        var seen = await BrowserRun.PlayAsync(
            "cuts",
            new JsonObject
            {
                ["url"] = Url,
                ["token"] = shared.Discovery.Token,
                ["task"] = task.TaskId,
                ["cuts"] = 20,
                ["replies"] = 4,
            }
        );

        Assert.True(seen.Number("cut") >= 10, $"it was cut only {seen.Number("cut")} times");
        Assert.Equal(seen.Number("wanted"), seen.Number("shown"));
        Assert.Equal("live", seen.Text("state"));
        Assert.Empty(seen.Texts("errors"));
    }

    [Fact]
    public async Task Nobody_gets_in_by_a_wrong_token_an_ended_cookie_or_a_forged_form()
    {
        var task = await shared.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"sleep","milliseconds":600000}""", type: "analyze")
        );
        await FactWait.SeenAsync(shared.Silo, task.TaskId, f => f is TaskFact.AgentStarted);
        var now = TimeProvider.System.GetUtcNow();

        var seen = await BrowserRun.PlayAsync(
            "doors",
            new JsonObject
            {
                ["url"] = Url,
                ["token"] = shared.Discovery.Token,
                ["task"] = task.TaskId,
                ["cookies"] = new JsonObject
                {
                    ["ended"] = PageSession.Write(shared.Discovery.Token, now.AddSeconds(-1)),
                    ["changed"] = PageSession.Write(shared.Discovery.Token, now.AddHours(1)) + "0",
                    ["foreign"] = PageSession.Write("orc_somebody", now.AddHours(1)),
                },
            }
        );
        await task.CancelAsync();

        Assert.Contains("unknown or revoked", seen.Text("wrong"), StringComparison.Ordinal);
        Assert.Equal("/login", seen.Text("wrongStays"));
        Assert.Equal(0, seen.Number("wrongCookies"));
        Assert.StartsWith(Url, seen.Text("elsewhere"), StringComparison.Ordinal);
        foreach (var cookie in (string[])["ended", "changed", "foreign"])
        {
            Assert.Equal(401, seen.Number(cookie + "Api"));
            Assert.Equal("/login", seen.Text(cookie + "Page"));
        }
        Assert.True(seen["cookie"]!["httpOnly"]!.GetValue<bool>());
        Assert.Equal("Strict", seen["cookie"]!.Text("sameSite"));
        Assert.Equal("", seen["cookie"]!.Text("seen"));
        Assert.Equal(403, seen.Number("form"));
        Assert.NotEmpty(seen.Texts("arrived"));
        Assert.DoesNotContain(
            seen.Texts("arrived"),
            a => a.EndsWith("200", StringComparison.Ordinal)
        );
        Assert.True(seen["unmoved"]!.GetValue<bool>());
        Assert.Equal(0, seen.Number("left"));
    }
}
