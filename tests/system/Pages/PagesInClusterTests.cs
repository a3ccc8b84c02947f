using System.Net;
using System.Text;
using Orchestrator.Decisions.Doors;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Pages;

/// <summary>A browser behind whichever silo answers.</summary>
public sealed class PagesInClusterTests
{
    [Fact]
    public async Task A_cookie_of_one_silo_opens_every_silo_and_none_once_its_token_is_revoked()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var first = Silo(database, "first");
        await using var second = Silo(database, "second");
        await first.StartAsync();
        await second.StartAsync();
        var token = await first.Client.CreateTokenAsync(
            new TokenRequest { Name = "looker", Scopes = ["read"] }
        );
        using var handler = new SocketsHttpHandler { UseCookies = false };
        using var http = new HttpClient(handler);
        using var form = new StringContent(
            $$"""{"token":"{{token.Secret}}"}""",
            Encoding.UTF8,
            "application/json"
        );
        using var login = await http.PostAsync(new Uri(first.Address, "login"), form);
        var cookie = Assert.Single(login.Headers.GetValues("Set-Cookie")).Split(';')[0];

        Assert.StartsWith(PageSession.Cookie + "=", cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(http, first, cookie));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(http, second, cookie));

        await second.Client.RevokeTokenAsync(token.Id);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(http, first, cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(http, second, cookie));
    }

    private static async Task<HttpStatusCode> AskAsync(
        HttpClient http,
        SiloProcess silo,
        string cookie
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(silo.Address, "v1/status")
        );
        request.Headers.Add("Cookie", cookie);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static SiloProcess Silo(string database, string host) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Runner:Host=" + host
        );
}
