using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo;
using Orchestrator.Silo.Api;
using Xunit;

namespace Orchestrator.SystemTests.Api;

/// <summary>Who gets in: tokens, scopes, names, addresses.</summary>
public sealed class DoorTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly string[] Open =
    [
        "GET /",
        "GET /health/live",
        "HEAD /health/live",
        "GET /health/ready",
        "HEAD /health/ready",
        "GET /v1/openapi.json",
        "POST /webhooks/{source}", // its signature is judged instead: Webhooks/InboundTests
        "POST /telegram/updates", // its secret header is judged instead: Telegram/BadInputTests
    ];

    [Fact]
    public async Task Every_endpoint_refuses_nobody_and_a_token_without_its_scope()
    {
        var operations = await OperationsAsync();
        using var nobody = shared.Http(null);
        var lacking = new Dictionary<string, HttpClient>();
        string[] all = ["read", "submit", "operate", "audit"];
        foreach (var scope in (string[])[.. all, "admin"])
        {
            var token = await shared.Client.CreateTokenAsync(
                new TokenRequest
                {
                    Name = "all-but-" + scope,
                    Scopes = [.. all.Where(s => s != scope)],
                }
            );
            lacking[scope] = shared.Http(token.Secret);
        }

        var wrong = new List<string>();
        foreach (var (operation, scope) in operations)
        {
            var open = Open.Contains(operation);
            if (open != (scope is null))
            {
                wrong.Add($"{operation}: scope {scope ?? "none"}");
            }
            if (open)
            {
                continue;
            }
            if (await CodeAsync(nobody, operation) is not "unauthorized" and var code)
            {
                wrong.Add($"{operation} without a token: {code}");
            }
            if (await CodeAsync(lacking[scope!], operation) is not "forbidden" and var other)
            {
                wrong.Add($"{operation} without {scope}: {other}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(operations.Count > 20, $"only {operations.Count} operations are described");
        foreach (var http in lacking.Values)
        {
            http.Dispose();
        }
    }

    [Fact]
    public async Task Every_endpoint_declares_its_scope_and_is_described()
    {
        await using var app = SiloHost.Describe();
        var routes = ((IEndpointRouteBuilder)app)
            .DataSources.SelectMany(d => d.Endpoints)
            .OfType<RouteEndpoint>()
            .ToList();
        var described = (await OperationsAsync()).Select(o => o.Operation).ToHashSet();

        Assert.NotEmpty(routes);
        Assert.DoesNotContain(routes, r => r.Metadata.GetMetadata<ScopeNeeded>() is null);
        // What is shown to people is no part of the API: Pages/PageDoorTests walks over it.
        foreach (
            var route in routes.Where(r =>
                r.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null
            )
        )
        {
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                Assert.Contains($"{method} {route.RoutePattern.RawText}", described);
            }
        }
    }

    [Fact]
    public async Task A_token_is_nowhere_in_the_data_directory()
    {
        var token = await shared.Client.CreateTokenAsync(
            new TokenRequest { Name = "at-rest", Scopes = ["read"] }
        );
        using var http = shared.Http(token.Secret);
        Assert.Equal(
            HttpStatusCode.OK,
            (await SharedSilo.SendAsync(http, "GET", "v1/status")).StatusCode
        );

        var secret = System.Text.Encoding.UTF8.GetBytes(token.Secret!);
        var seen = 0;
        foreach (
            var file in Directory.EnumerateFiles(shared.Silo.Data, "*", SearchOption.AllDirectories)
        )
        {
            if (file.EndsWith("silo.lock", StringComparison.Ordinal))
            {
                continue; // held by the silo, and empty
            }
            await using var stream = new FileStream(
                file,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            seen++;
            Assert.False(
                copy.GetBuffer().AsSpan(0, (int)copy.Length).IndexOf(secret) >= 0,
                $"{file} holds the token"
            );
        }
        Assert.True(seen > 1);
    }

    [Fact]
    public async Task A_revoked_token_is_refused_at_once()
    {
        var token = await shared.Client.CreateTokenAsync(
            new TokenRequest { Name = "short", Scopes = ["read"] }
        );
        using var http = shared.Http(token.Secret);
        Assert.Equal(
            HttpStatusCode.OK,
            (await SharedSilo.SendAsync(http, "GET", "v1/status")).StatusCode
        );

        await shared.Client.RevokeTokenAsync(token.Id);

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await SharedSilo.SendAsync(http, "GET", "v1/status")).StatusCode
        );
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1.evil.example:80", HttpStatusCode.BadRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:1", HttpStatusCode.OK)]
    public async Task A_loopback_server_answers_to_its_own_names_only(
        string host,
        HttpStatusCode expected
    )
    {
        using var http = shared.Http(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "health/live");
        request.Headers.Host = host;

        using var response = await http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("--urls", "http://0.0.0.0:0", "TLS")]
    [InlineData("--urls", "http://127.0.0.1:0;http://[::]:0", "TLS")]
    [InlineData("--urls", "nonsense", "no address")]
    // The platform's own section takes the place of the addresses.
    [InlineData("--Kestrel:Endpoints:X:Url", "http://0.0.0.0:0", "TLS")]
    [InlineData("--Kestrel:Endpoints:X:Url", "http://*:5140", "no address")]
    public async Task An_address_that_would_show_tokens_to_the_network_is_refused(
        string key,
        string urls,
        string word
    )
    {
        using var silo = Process.Start(
            new ProcessStartInfo(
                SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo"),
                ["--data", Path.Combine(SiloProcess.NewFolder(), "data"), key, urls]
            )
            {
                RedirectStandardError = true,
            }
        )!;
        var error = await silo.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(2));
        await silo.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(2, silo.ExitCode);
        Assert.Contains(word, error, StringComparison.Ordinal);
    }

    private async Task<List<(string Operation, string? Scope)>> OperationsAsync()
    {
        using var http = shared.Http(null);
        using var document = JsonDocument.Parse(
            await http.GetStringAsync(new Uri("v1/openapi.json", UriKind.Relative))
        );
        return
        [
            .. from path in document.RootElement.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            select (
                $"{operation.Name.ToUpperInvariant()} {path.Name}",
                operation.Value.TryGetProperty("x-scope", out var scope) ? scope.GetString() : null
            ),
        ];
    }

    [Fact]
    public async Task What_nobody_foresaw_is_answered_too_and_its_words_stay_in_the_log()
    {
        await using var services = new ServiceCollection()
            .AddSingleton(new Redactor([]))
            .AddLogging()
            .BuildServiceProvider();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Response.Body = body;

        var answer = await ApiHosting.CallAsync(
            context,
            _ => throw new NotSupportedException("words of a driver")
        );
        await answer!.ExecuteAsync(context);

        using var problem = JsonDocument.Parse(body.ToArray());
        Assert.Equal(
            (500, FailureCodes.Internal),
            (context.Response.StatusCode, problem.RootElement.GetProperty("code").GetString())
        );
        Assert.DoesNotContain("driver", problem.RootElement.ToString(), StringComparison.Ordinal);
    }

    private static async Task<string> CodeAsync(HttpClient http, string operation)
    {
        var (method, path) = operation.Split(' ', 2) is [var m, var p] ? (m, p) : default;
        using var request = new HttpRequestMessage(
            new HttpMethod(method),
            path.Replace("{id}", "x", StringComparison.Ordinal)
        );
        using var response = await http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead
        );
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return $"{(int)response.StatusCode} without a problem";
        }
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return problem.RootElement.GetProperty("code").GetString()!;
    }
}
