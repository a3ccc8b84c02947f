using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests;

/// <summary>One silo for all tests of a class that do not disturb each other.</summary>
public sealed class SharedSilo : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    public SiloProcess Silo { get; private set; } = null!;

    public OrchestratorClient Client => Silo.Client;

    public async ValueTask InitializeAsync() => Silo = await SiloProcess.StartAsync();

    public ValueTask DisposeAsync() => Silo.DisposeAsync();

    /// <summary>What silo.json says.</summary>
    public SiloDiscovery Discovery =>
        JsonSerializer.Deserialize(
            File.ReadAllBytes(Path.Combine(Silo.Data, "silo.json")),
            OrchestratorJson.Default.SiloDiscovery
        )!;

    /// <summary>Raw HTTP with a token (null: none).</summary>
    public HttpClient Http(string? token)
    {
        var http = new HttpClient { BaseAddress = Discovery.Address, Timeout = Deadline };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }
        return http;
    }

    /// <summary>One call; the body, if any, is sent as it is.</summary>
    internal static async Task<HttpResponseMessage> SendAsync(
        HttpClient http,
        string method,
        string path,
        byte[]? body = null,
        string type = "application/json",
        string? key = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new(type);
        }
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        return await http.SendAsync(request);
    }

    /// <summary>A scripted task, run to its end.</summary>
    internal async Task<TaskSnapshot> EndAsync(
        string steps,
        string? repository = null,
        string type = "fix",
        string? title = null
    )
    {
        var task = await Client.SubmitAsync(
            SiloProcess.Scripted(steps, repository, type) with
            {
                Title = title,
            }
        );
        using var limit = new CancellationTokenSource(Deadline);
        return await task.WaitAsync(limit.Token);
    }
}
