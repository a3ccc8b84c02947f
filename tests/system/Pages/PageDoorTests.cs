using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Decisions.Doors;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Pages;
using Xunit;

namespace Orchestrator.SystemTests.Pages;

/// <summary>How browsers get in, and what a cookie opens.</summary>
public sealed class PageDoorTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly DateTimeOffset Later = TimeProvider.System.GetUtcNow().AddHours(1);

    private string Own => "http://" + shared.Discovery.Address.Authority;

    [Fact]
    public async Task A_token_becomes_a_cookie_that_no_script_reads_and_no_other_site_makes_a_browser_send()
    {
        using var answer = await LoginAsync(shared.Discovery.Token);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie")).ToLowerInvariant();
        Assert.StartsWith(PageSession.Cookie + "=orc_", cookie, StringComparison.Ordinal);
        Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("; samesite=strict", cookie, StringComparison.Ordinal);
        Assert.Contains("; path=/", cookie, StringComparison.Ordinal);
        Assert.Contains("; max-age=43200", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("; secure", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_TLS_proxy_the_cookie_is_sent_over_TLS_only()
    {
        using var http = shared.Http(null);
        using var request = LoginRequest(shared.Discovery.Token);
        request.Headers.Add("Origin", "https://" + shared.Discovery.Address.Authority);

        using var answer = await http.SendAsync(request);

        Assert.Contains(
            "; secure",
            Assert.Single(answer.Headers.GetValues("Set-Cookie")),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("{\"token\":\"orc_wrong\"}", 401)]
    [InlineData("{\"token\":\"\"}", 400)]
    [InlineData("{\"token\":\"a b\"}", 400)]
    [InlineData("{\"token\":7}", 400)]
    [InlineData("{}", 400)]
    [InlineData("[", 400)]
    [InlineData("", 400)]
    public async Task What_is_no_token_gets_no_cookie(string body, int status)
    {
        using var http = shared.Http(null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "login")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };

        using var answer = await http.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Wrong_tokens_at_the_door_count_as_wrong_tokens()
    {
        await using var silo = await SiloProcess.StartAsync("--Api:FailedLoginsPerMinute=3");
        using var http = new HttpClient { BaseAddress = silo.Address };
        var seen = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            using var request = LoginRequest("orc_wrong");
            using var answer = await http.SendAsync(request);
            seen.Add((int)answer.StatusCode);
        }

        Assert.Equal([401, 401, 401, 429, 429], seen);
    }

    [Fact]
    public async Task A_cookie_has_the_scopes_of_its_token_and_ends_with_it()
    {
        var token = await shared.Client.CreateTokenAsync(
            new TokenRequest { Name = "reader", Scopes = ["read"] }
        );
        var cookie = PageSession.Write(token.Secret!, Later);

        Assert.Equal(200, await AskAsync("GET", "v1/status", cookie));
        Assert.Equal(403, await AskAsync("GET", "v1/tokens", cookie));
        Assert.Equal(
            403,
            await AskAsync("POST", "v1/tasks", cookie, page: true, body: "{\"request\":\"x\"}")
        );

        await shared.Client.RevokeTokenAsync(token.Id);
        Assert.Equal(401, await AskAsync("GET", "v1/status", cookie));
    }

    [Fact]
    public async Task An_ended_a_changed_and_a_foreign_cookie_open_nothing_and_lead_to_the_door()
    {
        var local = shared.Discovery.Token;
        foreach (
            var cookie in (string[])
                [
                    PageSession.Write(local, TimeProvider.System.GetUtcNow().AddSeconds(-1)),
                    PageSession.Write(local, Later)[..^1] + "x",
                    PageSession.Write("orc_nobody", Later),
                    "nonsense",
                ]
        )
        {
            Assert.Equal(401, await AskAsync("GET", "v1/status", cookie));
            Assert.Equal(302, await AskAsync("GET", "", cookie, accept: "text/html"));
        }
    }

    [Theory]
    [InlineData(true, "own", "same-origin", 200)]
    [InlineData(true, "own", "", 200)]
    [InlineData(false, "own", "same-origin", 403)]
    [InlineData(true, "", "", 403)]
    [InlineData(true, "http://evil.example", "cross-site", 403)]
    [InlineData(true, "http://127.0.0.1:1", "same-site", 403)]
    [InlineData(true, "null", "", 403)]
    public async Task With_a_cookie_only_a_page_of_this_server_changes_anything(
        bool page,
        string origin,
        string site,
        int status
    ) =>
        Assert.Equal(
            status,
            await AskAsync(
                "PUT",
                "v1/stats/file",
                PageSession.Write(shared.Discovery.Token, Later),
                page,
                origin == "own" ? Own : origin,
                site
            )
        );

    [Fact]
    public async Task A_page_runs_nothing_inline_and_makes_no_text_into_markup()
    {
        using var http = Browser();
        foreach (var path in (string[])["login", "", "tasks/x", "hosts", "figures"])
        {
            using var request = Asking(
                "GET",
                path,
                PageSession.Write(shared.Discovery.Token, Later),
                "text/html"
            );
            using var answer = await http.SendAsync(request);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            var html = await answer.Content.ReadAsStringAsync();

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("trusted-types 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
            Assert.DoesNotMatch("<script(?![^>]*src=)", html);
            Assert.DoesNotContain(
                "http://",
                html.Replace("http://www.w3.org", "", StringComparison.Ordinal),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task What_is_shown_to_people_is_no_part_of_the_API_and_asks_for_a_scope_all_the_same()
    {
        await using var app = SiloHost.Describe();
        var routes = ((IEndpointRouteBuilder)app)
            .DataSources.SelectMany(d => d.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(r =>
                r.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription
                == true
            )
            .ToList();

        Assert.True(routes.Count > 7, $"only {routes.Count} routes");
        Assert.Contains(
            routes,
            r => r.RoutePattern.RawText!.StartsWith(DashboardDoor.Path, StringComparison.Ordinal)
        );
        foreach (var route in routes)
        {
            var path = route.RoutePattern.RawText!;
            var scope = route.Metadata.GetMetadata<ScopeNeeded>()?.Scope;
            Assert.Equal(
                path is "/login" or "/logout" or "/assets/{name}" ? ScopeNeeded.Open
                    : path.StartsWith(DashboardDoor.Path, StringComparison.Ordinal)
                        ? ScopeNeeded.Operate
                    : ScopeNeeded.Read,
                scope
            );
        }
    }

    private static HttpRequestMessage LoginRequest(string token) =>
        new(HttpMethod.Post, "login")
        {
            Content = new StringContent(
                $$"""{"token":"{{token}}"}""",
                Encoding.UTF8,
                "application/json"
            ),
        };

    private async Task<HttpResponseMessage> LoginAsync(string token)
    {
        using var http = shared.Http(null);
        using var request = LoginRequest(token);
        return await http.SendAsync(request);
    }

#pragma warning disable CA2000 // the client's
    private HttpClient Browser() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = shared.Discovery.Address,
        };
#pragma warning restore CA2000

    private static HttpRequestMessage Asking(
        string method,
        string path,
        string cookie,
        string accept
    )
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Cookie", $"{PageSession.Cookie}={cookie}");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return request;
    }

    private async Task<int> AskAsync(
        string method,
        string path,
        string cookie,
        bool page = false,
        string origin = "own",
        string site = "same-origin",
        string accept = "*/*",
        string? body = null
    )
    {
        using var http = Browser();
        using var request = Asking(method, path, cookie, accept);
        if (page)
        {
            request.Headers.Add(PageSession.Header, "1");
        }
        if (method != "GET" && origin.Length > 0)
        {
            request.Headers.Add("Origin", origin == "own" ? Own : origin);
        }
        if (site.Length > 0)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }
        using var answer = await http.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
