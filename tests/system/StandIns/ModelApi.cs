using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.SystemTests.StandIns;

/// <summary>
/// A scripted Anthropic Messages API on loopback. A script is a list of steps; the step that is answered is the number
/// of assistant messages in the request, so that the stand-in holds no state and serves many runs at once.
/// </summary>
public sealed class ModelApi : IAsyncDisposable
{
    private readonly WebApplication app;

    private ModelApi(WebApplication app) => this.app = app;

    /// <summary>Where it listens.</summary>
    public Uri Address =>
        new(
            app.Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.First()
        );

    /// <summary>Bodies of the requests so far.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>A step that calls a tool.</summary>
    public static JsonObject Tool(string name, JsonObject input) =>
        new()
        {
            ["type"] = "tool_use",
            ["name"] = name,
            ["input"] = input,
        };

    /// <summary>A step that says something and ends the turn.</summary>
    public static JsonObject Say(string text) => new() { ["type"] = "text", ["text"] = text };

    /// <summary>Starts it with steps, or with a status that every request gets.</summary>
    public static async Task<ModelApi> StartAsync(IReadOnlyList<JsonObject> steps, int status = 200)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var api = new ModelApi(app);
        app.MapPost("/v1/messages", context => api.AnswerAsync(context, steps, status));
        await app.StartAsync();
        return api;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, IReadOnlyList<JsonObject> steps, int status)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        Requests.Enqueue(text);
        if (status != 200)
        {
            context.Response.StatusCode = status;
            var type = status == 401 ? "authentication_error" : "api_error";
            var error = new JsonObject
            {
                ["type"] = "error",
                ["error"] = new JsonObject { ["type"] = type, ["message"] = $"scripted {status}" },
            };
            await context.Response.WriteAsync(error.ToJsonString());
            return;
        }
        var body = JsonNode.Parse(text)!;
        var done = body["messages"]!
            .AsArray()
            .Count(m => m!["role"]!.GetValue<string>() == "assistant");
        var step = steps[Math.Min(done, steps.Count - 1)];
        if (body["stream"]?.GetValue<bool>() == true)
        {
            await StreamAsync(context, step, done);
        }
        else
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(Message(step, done).ToJsonString());
        }
    }

    private static string StopReason(JsonObject step) =>
        step["type"]!.GetValue<string>() == "tool_use" ? "tool_use" : "end_turn";

    private static JsonObject Block(JsonObject step, int number)
    {
        var block = step.DeepClone().AsObject();
        if (StopReason(step) == "tool_use")
        {
            block["id"] = "toolu_" + number.ToString(CultureInfo.InvariantCulture);
        }
        return block;
    }

    private static JsonObject Message(JsonObject step, int number) =>
        new()
        {
            ["id"] = "msg_" + number.ToString(CultureInfo.InvariantCulture),
            ["type"] = "message",
            ["role"] = "assistant",
            ["model"] = "claude-scripted",
            ["content"] = new JsonArray(Block(step, number)),
            ["stop_reason"] = StopReason(step),
            ["stop_sequence"] = null,
            ["usage"] = new JsonObject { ["input_tokens"] = 100, ["output_tokens"] = 20 },
        };

    private static async Task StreamAsync(HttpContext context, JsonObject step, int number)
    {
        context.Response.ContentType = "text/event-stream";
        var start = Message(step, number);
        start["content"] = new JsonArray();
        start["stop_reason"] = null;
        await SendAsync(
            context,
            new JsonObject { ["type"] = "message_start", ["message"] = start }
        );
        var block = Block(step, number);
        var tool = StopReason(step) == "tool_use";
        var delta = tool
            ? new JsonObject
            {
                ["type"] = "input_json_delta",
                ["partial_json"] = block["input"]!.ToJsonString(),
            }
            : new JsonObject
            {
                ["type"] = "text_delta",
                ["text"] = block["text"]!.GetValue<string>(),
            };
        block[tool ? "input" : "text"] = tool ? new JsonObject() : "";
        await SendAsync(
            context,
            new JsonObject
            {
                ["type"] = "content_block_start",
                ["index"] = 0,
                ["content_block"] = block,
            }
        );
        await SendAsync(
            context,
            new JsonObject
            {
                ["type"] = "content_block_delta",
                ["index"] = 0,
                ["delta"] = delta,
            }
        );
        await SendAsync(context, new JsonObject { ["type"] = "content_block_stop", ["index"] = 0 });
        await SendAsync(
            context,
            new JsonObject
            {
                ["type"] = "message_delta",
                ["delta"] = new JsonObject
                {
                    ["stop_reason"] = StopReason(step),
                    ["stop_sequence"] = null,
                },
                ["usage"] = new JsonObject { ["output_tokens"] = 20 },
            }
        );
        await SendAsync(context, new JsonObject { ["type"] = "message_stop" });
    }

    private static Task SendAsync(HttpContext context, JsonObject data) =>
        context.Response.WriteAsync(
            $"event: {data["type"]}\ndata: {data.ToJsonString()}\n\n",
            Encoding.UTF8
        );
}
