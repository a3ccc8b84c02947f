using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
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
public sealed partial class ModelApi : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly TaskCompletionSource asked = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

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

    /// <summary>Ends with the first request.</summary>
    public Task Asked => asked.Task;

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

    /// <summary>A step that answers with an error status.</summary>
    public static JsonObject Error(int status, string type, string message, int retryAfter = -1) =>
        new()
        {
            ["type"] = "error",
            ["status"] = status,
            ["error_type"] = type,
            ["message"] = message,
            ["retry_after"] = retryAfter,
        };

    /// <summary>A step that breaks: <c>reset</c> (the connection, in the middle of a stream), <c>stall</c> (a stream that stops), <c>hang</c> (no answer at all), <c>malformed</c> (a stream that is none).</summary>
    public static JsonObject Break(string how) => new() { ["type"] = "break", ["how"] = how };

    /// <summary>A step that says something and ends for another reason: <c>refusal</c>, <c>max_tokens</c>.</summary>
    public static JsonObject Stop(string reason, string text) =>
        new()
        {
            ["type"] = "text",
            ["text"] = text,
            ["stop_reason"] = reason,
        };

    /// <summary>Starts it with named scenarios: <c>[[sc:NAME]]</c> in a request picks one.</summary>
    public static Task<ModelApi> StartAsync(
        IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> scenarios
    ) =>
        StartAsync(
            (context, api) =>
                api.AnswerAsync(context, text => scenarios[Scenario().Match(text).Groups[1].Value])
        );

    /// <summary>Starts it with steps, or with a status that every request gets.</summary>
    public static Task<ModelApi> StartAsync(IReadOnlyList<JsonObject> steps, int status = 200)
    {
        IReadOnlyList<JsonObject> all =
            status == 200
                ? steps
                :
                [
                    Error(
                        status,
                        status == 401 ? "authentication_error" : "api_error",
                        $"scripted {status}"
                    ),
                ];
        return StartAsync((context, api) => api.AnswerAsync(context, _ => all));
    }

    private static async Task<ModelApi> StartAsync(Func<HttpContext, ModelApi, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var api = new ModelApi(app);
        app.MapPost("/v1/messages", context => answer(context, api));
        await app.StartAsync();
        return api;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task AnswerAsync(
        HttpContext context,
        Func<string, IReadOnlyList<JsonObject>> scenario
    )
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        Requests.Enqueue(text);
        asked.TrySetResult();
        var body = JsonNode.Parse(text)!;
        var done = body["messages"]!
            .AsArray()
            .Count(m => m!["role"]!.GetValue<string>() == "assistant");
        var steps = scenario(text);
        var step = steps[Math.Min(done, steps.Count - 1)];
        var stream = body["stream"]?.GetValue<bool>() == true;
        switch (step["type"]!.GetValue<string>())
        {
            case "error":
                await RefuseAsync(context, step);
                break;
            case "break":
                await BreakAsync(context, step["how"]!.GetValue<string>(), done);
                break;
            case var _ when stream:
                await StreamAsync(context, step, done);
                break;
            default:
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(Message(step, done).ToJsonString());
                break;
        }
    }

    private static async Task RefuseAsync(HttpContext context, JsonObject step)
    {
        context.Response.StatusCode = step["status"]!.GetValue<int>();
        context.Response.ContentType = "application/json";
        if (step["retry_after"]!.GetValue<int>() is >= 0 and var seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        var error = new JsonObject
        {
            ["type"] = "error",
            ["error"] = new JsonObject
            {
                ["type"] = step["error_type"]!.GetValue<string>(),
                ["message"] = step["message"]!.GetValue<string>(),
            },
        };
        await context.Response.WriteAsync(error.ToJsonString());
    }

    private static async Task BreakAsync(HttpContext context, string how, int number)
    {
        if (how != "hang")
        {
            context.Response.ContentType = "text/event-stream";
            if (how == "malformed")
            {
                await context.Response.WriteAsync(
                    "event: message_start\ndata: {\"type\":\n\n<html>"
                );
                return;
            }
            var start = Message(Say(""), number);
            start["content"] = new JsonArray();
            await SendAsync(
                context,
                new JsonObject { ["type"] = "message_start", ["message"] = start }
            );
            await context.Response.Body.FlushAsync();
        }
        if (how == "reset")
        {
            context.Abort();
            return;
        }
        // Until the other side gives up.
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var watch = context.RequestAborted.Register(() => gone.TrySetResult());
        await gone.Task;
    }

    private static string StopReason(JsonObject step) =>
        step["stop_reason"]?.GetValue<string>()
        ?? (step["type"]!.GetValue<string>() == "tool_use" ? "tool_use" : "end_turn");

    private static JsonObject Block(JsonObject step, int number)
    {
        var block = step.DeepClone().AsObject();
        block.Remove("stop_reason");
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

    [GeneratedRegex(@"\[\[sc:([a-z0-9-]+)\]\]")]
    private static partial Regex Scenario();
}
