using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.SystemTests.StandIns;

/// <summary>An Ollama-shaped server on loopback whose chat answers a test writes itself: for faults that no emulator plays.</summary>
public sealed class ModelServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private int calls;

    private ModelServer(WebApplication app) => this.app = app;

    /// <summary>Where it listens.</summary>
    public Uri Address =>
        new(
            app.Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.First()
        );

    /// <summary>Chat calls so far.</summary>
    public int Calls => Volatile.Read(ref calls);

    /// <summary>Starts it. It lists one model, <c>m:latest</c>.</summary>
    public static async Task<ModelServer> StartAsync(Func<HttpContext, Task> chat)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(o =>
            o.ShutdownTimeout = TimeSpan.FromMilliseconds(100)
        );
        var app = builder.Build();
        var server = new ModelServer(app);
        app.MapGet("/api/tags", () => Results.Text("""{"models":[{"name":"m:latest"}]}"""));
        app.MapPost(
            "/api/chat",
            async context =>
            {
                Interlocked.Increment(ref server.calls);
                await chat(context);
            }
        );
        await app.StartAsync();
        return server;
    }

    /// <summary>A chat that answers with one text and its end.</summary>
    public static Func<HttpContext, Task> Says(string text) =>
        context =>
            context.Response.WriteAsync(
                Line(text, done: false) + Line("", done: true),
                context.RequestAborted
            );

    /// <summary>A chat that never answers.</summary>
    public static async Task HangAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted)
            .ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <summary>One line of a chat stream.</summary>
    public static string Line(string text, bool done) =>
        new System.Text.Json.Nodes.JsonObject
        {
            ["model"] = "m:latest",
            ["message"] = new System.Text.Json.Nodes.JsonObject
            {
                ["role"] = "assistant",
                ["content"] = text,
            },
            ["done"] = done,
            ["done_reason"] = done ? "stop" : null,
        }.ToJsonString() + "\n";

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await app.DisposeAsync();
}
