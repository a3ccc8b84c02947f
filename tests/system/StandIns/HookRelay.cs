using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.SystemTests.StandIns;

/// <summary>
/// Stands between hosts that send webhooks and a silo, and sends each on so many times: the first at once, of those that
/// wait a random one next; every third only when <see cref="FlushAsync"/> is called, shuffled and under an id of its own, as
/// if the host had forgotten that it sent it.
/// </summary>
#pragma warning disable CA5394 // the order of a test, from its seed
public sealed class HookRelay : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly WebApplication app;
    private readonly HttpClient http = new();
    private readonly Random random;
    private readonly Channel<bool> arrived = Channel.CreateUnbounded<bool>();
    private readonly Lock gate = new();
    private readonly List<Delivery> waiting = [];
    private readonly List<Delivery> late = [];
    private readonly int copies;
    private Task sending = Task.CompletedTask;

    private HookRelay(WebApplication app, int copies, int seed)
    {
        this.app = app;
        this.copies = copies;
        random = new Random(seed);
    }

    /// <summary>Where it sends on to.</summary>
    public Uri To { get; set; } = null!;

    /// <summary>Where it listens; the path is kept.</summary>
    public Uri Address =>
        new(
            app.Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.First()
        );

    /// <summary>Statuses that the silo answered, with how often; 0 = it could not be reached.</summary>
    public ConcurrentDictionary<int, int> Answers { get; } = new();

    /// <summary>Starts it.</summary>
    /// <param name="copies">1 to 3.</param>
    /// <param name="seed">Of the order.</param>
    public static async Task<HookRelay> StartAsync(int copies, int seed)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var relay = new HookRelay(app, copies, seed);
        app.MapPost("/{**path}", (Delegate)relay.TakeAsync);
        await app.StartAsync();
        relay.sending = relay.SendAllAsync();
        return relay;
    }

    /// <summary>Sends what was kept to the end, shuffled.</summary>
    public async Task FlushAsync()
    {
        Delivery[] rest;
        lock (gate)
        {
            rest = [.. late];
            late.Clear();
        }
        random.Shuffle(rest);
        foreach (var delivery in rest)
        {
            await SendAsync(delivery);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        arrived.Writer.TryComplete();
        await sending.WaitAsync(Deadline);
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var delivery = new Delivery(
            context.Request.Path,
            [
                .. context
                    .Request.Headers.Where(h =>
                        h.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase)
                        || h.Key.StartsWith("Linear-", StringComparison.OrdinalIgnoreCase)
                    )
                    .Select(h => (h.Key, h.Value.ToString())),
            ],
            body.ToArray()
        );
        lock (gate)
        {
            waiting.AddRange(Enumerable.Repeat(delivery, Math.Min(copies, 2)));
            if (copies > 2)
            {
                late.Add(delivery with { Headers = [.. delivery.Headers.Select(Renamed)] });
            }
        }
        arrived.Writer.TryWrite(true);
        return Results.Ok();
    }

    private async Task SendAllAsync()
    {
        await foreach (var _ in arrived.Reader.ReadAllAsync())
        {
            while (Next() is { } delivery)
            {
                await SendAsync(delivery);
            }
        }
    }

    private Delivery? Next()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                return null;
            }
            var at = random.Next(waiting.Count);
            var next = waiting[at];
            waiting.RemoveAt(at);
            return next;
        }
    }

    private async Task SendAsync(Delivery delivery)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(To, delivery.Path))
        {
            Content = new ByteArrayContent(delivery.Body)
            {
                Headers = { ContentType = new("application/json") },
            },
        };
        foreach (var (name, value) in delivery.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        var status = 0;
        try
        {
            using var answer = await http.SendAsync(request);
            status = (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            // Nobody was there: lost, as most hosts send a webhook once.
        }
        Answers.AddOrUpdate(status, 1, (_, count) => count + 1);
    }

    private static (string Name, string Value) Renamed((string Name, string Value) header) =>
        header.Name.Equals("X-GitHub-Delivery", StringComparison.OrdinalIgnoreCase)
        || header.Name.Equals("Linear-Delivery", StringComparison.OrdinalIgnoreCase)
        || header.Name.Equals("X-Atlassian-Webhook-Identifier", StringComparison.OrdinalIgnoreCase)
            ? (header.Name, header.Value + "-again")
            : header;

    private sealed record Delivery(
        string Path,
        IReadOnlyList<(string Name, string Value)> Headers,
        byte[] Body
    );
}
