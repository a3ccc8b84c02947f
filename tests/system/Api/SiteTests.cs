using System.Net;
using System.Text;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Api;
using Xunit;

namespace Orchestrator.SystemTests.Api;

/// <summary>What a browser is told, and what a page of another site gets: nothing.</summary>
public sealed class SiteTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private string Authority => shared.Discovery.Address.Authority;

    [Theory]
    [InlineData("evil.example", 400)]
    [InlineData("evil.example:80", 400)]
    [InlineData("localhost.evil.example", 400)]
    [InlineData("127.0.0.1.nip.io", 400)]
    [InlineData("0.0.0.0", 400)]
    [InlineData("169.254.169.254", 400)]
    [InlineData("[::2]", 400)]
    [InlineData("localhost:1", 200)]
    [InlineData("LOCALHOST", 200)]
    [InlineData("[::1]:5140", 200)]
    [InlineData("127.0.0.1", 200)]
    public async Task A_name_that_only_resolves_to_this_machine_is_not_answered_to(
        string host,
        int status
    ) =>
        Assert.Equal(
            status,
            RawHttp.Status(
                await RawHttp.AskAsync(
                    shared.Discovery.Address,
                    $"GET /health/live HTTP/1.1\r\nHost: {host}\r\n"
                )
            )
        );

    [Fact]
    public async Task Without_a_host_or_with_two_of_them_a_request_is_refused()
    {
        foreach (
            var head in (string[])
                [
                    "GET / HTTP/1.1\r\n",
                    "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n",
                    "GET / HTTP/1.0\r\n",
                    "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n",
                ]
        )
        {
            Assert.Equal(
                400,
                RawHttp.Status(await RawHttp.AskAsync(shared.Discovery.Address, head))
            );
        }
    }

    [Theory]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Origin", "http://localhost:3000", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("Sec-Fetch-Site", "none", 200)]
    [InlineData("Origin", "", 200)]
    public async Task A_request_that_another_sites_page_sent_is_refused_even_with_a_right_token(
        string header,
        string value,
        int status
    )
    {
        using var http = shared.Http(shared.Discovery.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/status");
        // Empty stands for this server's own.
        request.Headers.Add(header, value.Length > 0 ? value : "http://" + Authority);

        using var response = await http.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        if (status == 403)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.Contains(FailureCodes.Forbidden, text, StringComparison.Ordinal);
            Assert.Contains("another site", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_preflight_of_another_site_is_refused_and_a_link_to_the_root_is_not()
    {
        using var http = shared.Http(null);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "v1/tasks");
        preflight.Headers.Add("Origin", "http://evil.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        using var link = new HttpRequestMessage(HttpMethod.Get, "");
        link.Headers.Add("Sec-Fetch-Site", "cross-site");

        using var refused = await http.SendAsync(preflight);
        using var followed = await http.SendAsync(link);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, followed.StatusCode);
    }

    [Theory]
    [InlineData("POST", "v1/tasks", "text/plain")]
    [InlineData("POST", "v1/tasks", "application/x-www-form-urlencoded")]
    [InlineData("POST", "v1/tasks", "multipart/form-data; boundary=x")]
    [InlineData("POST", "v1/stop", "text/plain")]
    [InlineData("PUT", "v1/estop", "text/plain")]
    [InlineData("POST", "v1/tasks/nobody/cancel", "application/x-www-form-urlencoded")]
    [InlineData("POST", "v1/stop", "")]
    public async Task A_body_that_a_form_can_send_is_taken_by_no_endpoint(
        string method,
        string path,
        string type
    )
    {
        using var http = shared.Http(shared.Discovery.Token);
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes("{\"request\":\"x\"}")),
        };
        if (type.Length > 0)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal(
            HttpStatusCode.OK,
            (await SharedSilo.SendAsync(http, "GET", "v1/status")).StatusCode
        );
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "health/live")]
    [InlineData("GET", "v1/openapi.json")]
    [InlineData("GET", "v1/status")]
    [InlineData("GET", "v1/tasks/nobody")]
    [InlineData("GET", "v1/nothing")]
    [InlineData("PUT", "v1/tasks")]
    [InlineData("POST", "v1/tasks")]
    [InlineData("GET", "v1/tasks?max=x")]
    [InlineData("GET", "v1/audit/export")]
    public async Task Every_answer_tells_a_browser_to_guess_frame_and_run_nothing(
        string method,
        string path
    )
    {
        using var nobody = shared.Http(null);
        using var owner = shared.Http(shared.Discovery.Token);
        foreach (var http in (HttpClient[])[nobody, owner])
        {
            using var response = await SharedSilo.SendAsync(http, method, path);
            string Of(string name) =>
                response.Headers.TryGetValues(name, out var values)
                    ? string.Join(", ", values)
                    : "none";

            Assert.Equal("nosniff", Of("X-Content-Type-Options"));
            Assert.Equal("DENY", Of("X-Frame-Options"));
            Assert.Equal("no-referrer", Of("Referrer-Policy"));
            Assert.Equal(SecurityHeaders.DataPolicy, Of("Content-Security-Policy"));
            Assert.Equal("none", Of("Server"));
            Assert.Equal("none", Of("Strict-Transport-Security"));
            Assert.Equal(
                path.StartsWith("v1", StringComparison.Ordinal) ? "no-store" : "none",
                Of("Cache-Control")
            );
        }
    }
}
