using System.Net;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Api;
using Xunit;

namespace Orchestrator.SystemTests.Api;

/// <summary>How much one caller gets: requests, streams, wrong tokens, headers, bodies, time.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private SiloProcess silo = null!;

    public async ValueTask InitializeAsync() =>
        silo = await SiloProcess.StartAsync(
            "--Api:RequestsPerMinute",
            "20",
            "--Api:StreamsMax",
            "2",
            "--Api:FailedLoginsPerMinute",
            "3"
        );

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task A_token_that_asks_too_often_waits_and_others_and_the_owner_do_not()
    {
        using var busy = await HttpAsync("busy", "read");
        using var other = await HttpAsync("other", "read");
        HttpResponseMessage? refused = null;
        for (var i = 0; i < 40 && refused is null; i++)
        {
            var response = await busy.GetAsync(Path("v1/status"));
            refused = response.StatusCode == HttpStatusCode.TooManyRequests ? response : null;
            Assert.True(refused is null || i >= 20, $"refused at request {i + 1}");
        }

        Assert.NotNull(refused);
        var problem = await ProblemAsync(refused);
        Assert.Equal((FailureCodes.Throttled, 8), (problem.Code, problem.ExitCode));
        Assert.InRange(problem.RetryAfter, 1, 3);
        Assert.Equal(
            problem.RetryAfter,
            (int)refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds
        );
        Assert.Contains("RequestsPerMinute", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(Path("v1/status"))).StatusCode);
        for (var i = 0; i < 60; i++)
        {
            await silo.Client.GetStatusAsync();
        }
    }

    [Fact]
    public async Task A_token_holds_so_many_streams_and_one_that_it_closes_makes_room()
    {
        using var http = await HttpAsync("watcher", "read");
        async Task<HttpResponseMessage> OpenAsync() =>
            await http.GetAsync(Path("v1/events"), HttpCompletionOption.ResponseHeadersRead);
        using var first = await OpenAsync();
        using var second = await OpenAsync();
        using var third = await OpenAsync();
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests),
            (first.StatusCode, second.StatusCode, third.StatusCode)
        );
        Assert.Contains("StreamsMax", (await ProblemAsync(third)).Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(Path("v1/status"))).StatusCode);

        // The server notices at its next write, which a new fact brings about.
        first.Dispose();
        using var limit = new CancellationTokenSource(Deadline);
        for (var room = false; !room; )
        {
            limit.Token.ThrowIfCancellationRequested();
            await silo.Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze"),
                cancellationToken: limit.Token
            );
            using var later = await OpenAsync();
            room = later.StatusCode == HttpStatusCode.OK;
        }
    }

    [Fact]
    public async Task Wrong_tokens_are_told_to_wait_and_a_right_one_of_the_same_address_passes()
    {
        using var right = await HttpAsync("right", "read");
        using var wrong = Http("orc_wrong");
        var seen = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            seen.Add((int)(await wrong.GetAsync(Path("v1/status"))).StatusCode);
        }
        var problem = await ProblemAsync(await wrong.GetAsync(Path("v1/status")));

        Assert.Equal([401, 401, 401, 429, 429, 429], seen);
        Assert.Equal(FailureCodes.Throttled, problem.Code);
        Assert.InRange(problem.RetryAfter, 1, 60);
        Assert.Equal(HttpStatusCode.OK, (await right.GetAsync(Path("v1/status"))).StatusCode);
        await silo.Client.GetStatusAsync();
        using var late = await HttpAsync("late", "read");
        Assert.Equal(HttpStatusCode.OK, (await late.GetAsync(Path("v1/status"))).StatusCode);
    }

    [Fact]
    public async Task A_token_ends_at_its_time_and_says_so()
    {
        var token = await silo.Client.CreateTokenAsync(
            new TokenRequest
            {
                Name = "brief",
                Scopes = ["read"],
                Seconds = 1,
            }
        );
        using var client = new OrchestratorClient(silo.Address, token.Secret!);
        Assert.InRange((token.ExpiresAt - token.CreatedAt)!.Value.TotalSeconds, 0.99, 1.01);

        OrchestratorException? ended = null;
        using var limit = new CancellationTokenSource(Deadline);
        while (ended is null)
        {
            limit.Token.ThrowIfCancellationRequested();
            try
            {
                await client.GetStatusAsync(limit.Token);
            }
            catch (OrchestratorException e) when (e.Failure?.Code != FailureCodes.Throttled)
            {
                ended = e;
            }
            catch (OrchestratorException)
            {
                // Asked too often meanwhile; the end comes first or the room does.
            }
        }

        Assert.Equal((FailureCodes.TokenExpired, 9), (ended.Failure!.Code, ended.ExitCode));
        Assert.Contains("'brief' ended at", ended.Message, StringComparison.Ordinal);
        var both = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.CreateTokenAsync(
                new TokenRequest
                {
                    Name = "x",
                    Scopes = ["read"],
                    Days = 1,
                    Seconds = 1,
                }
            )
        );
        Assert.Contains("not both", both.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_and_lines_beyond_their_limits_are_refused_before_anything_looks_at_them()
    {
        const string Ask = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n";
        string Many(int count) =>
            string.Concat(Enumerable.Range(0, count).Select(n => $"X-{n}: y\r\n"));

        var fits = await RawHttp.AskAsync(
            silo.Address,
            Ask + $"X-Long: {new string('y', ApiHosting.HeadersMax - 500)}\r\n"
        );
        var large = await RawHttp.AskAsync(
            silo.Address,
            Ask + $"X-Long: {new string('y', ApiHosting.HeadersMax + 1)}\r\n"
        );
        var some = await RawHttp.AskAsync(silo.Address, Ask + Many(ApiHosting.HeaderCountMax - 2));
        var many = await RawHttp.AskAsync(silo.Address, Ask + Many(ApiHosting.HeaderCountMax + 1));
        var line = await RawHttp.AskAsync(
            silo.Address,
            $"GET /{new string('y', 9_000)} HTTP/1.1\r\nHost: localhost\r\n"
        );

        Assert.Equal(
            (200, 431, 200, 431, 414),
            (
                RawHttp.Status(fits),
                RawHttp.Status(large),
                RawHttp.Status(some),
                RawHttp.Status(many),
                RawHttp.Status(line)
            )
        );
    }

    [Fact]
    public async Task A_huge_body_is_refused_and_one_that_two_lengths_describe_too()
    {
        var head =
            $"POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {Local()}\r\nContent-Type: application/json\r\n";

        var huge = await RawHttp.AskAsync(silo.Address, head + "Content-Length: 99999999999\r\n");
        var smuggled = await RawHttp.AskAsync(
            silo.Address,
            head + "Content-Length: 2\r\nContent-Length: 3\r\n",
            "{}x"
        );
        var chunked = await RawHttp.AskAsync(
            silo.Address,
            head + "Transfer-Encoding: chunked\r\n",
            string.Concat(Enumerable.Repeat("100000\r\n" + new string(' ', 0x100000) + "\r\n", 9))
                + "0\r\n\r\n"
        );

        Assert.Equal(413, RawHttp.Status(huge));
        Assert.Equal(400, RawHttp.Status(smuggled));
        // The server may cut the connection while it is still being sent to.
        Assert.Contains(RawHttp.Status(chunked), (int[])[413, 0]);
        await silo.Client.GetStatusAsync();
    }

    [Fact]
    public async Task A_body_that_drips_is_cut_off_and_creates_nothing()
    {
        using var raw = await RawHttp.ConnectAsync(silo.Address);
        await raw.SendAsync(
            $"POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {Local()}\r\nContent-Type: application/json\r\nContent-Length: 20000\r\n\r\n{{\"request\":"
        );

        var answer = await raw.ReadAsync(until: "\r\n\r\n");

        Assert.Contains(RawHttp.Status(answer), (int[])[408, 0]);
        Assert.Empty((await silo.Client.ListAsync()).Tasks);
    }

    [Fact]
    public async Task The_limits_are_settings_and_zero_is_told_by_the_doctor()
    {
        await using var open = await SiloProcess.StartAsync(
            "--Api:RequestsPerMinute",
            "0",
            "--Api:StreamsMax",
            "0",
            "--Api:FailedLoginsPerMinute",
            "0"
        );
        using var http = new HttpClient { BaseAddress = open.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                (await http.GetAsync(Path("v1/status"))).StatusCode
            );
        }
        var warned = (await open.Client.GetSecurityDoctorAsync())
            .Checks.Where(c => c.Message.Contains("= 0", StringComparison.Ordinal))
            .Select(c => c.Level);
        Assert.Equal(["warn", "warn", "warn"], warned);
    }

    private static Uri Path(string path) => new(path, UriKind.Relative);

    private string Local() =>
        JsonSerializer
            .Deserialize(
                File.ReadAllBytes(System.IO.Path.Combine(silo.Data, "silo.json")),
                OrchestratorJson.Default.SiloDiscovery
            )!
            .Token;

    private HttpClient Http(string token)
    {
        var http = new HttpClient { BaseAddress = silo.Address, Timeout = Deadline };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    private async Task<HttpClient> HttpAsync(string name, params string[] scopes) =>
        Http(
            (
                await silo.Client.CreateTokenAsync(
                    new TokenRequest { Name = name, Scopes = scopes }
                )
            ).Secret!
        );

    private static async Task<Problem> ProblemAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return JsonSerializer.Deserialize(text, OrchestratorJson.Default.Problem)
            ?? throw new InvalidOperationException(text);
    }
}
