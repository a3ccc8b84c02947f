using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Observability;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.Grains.Webhooks;

namespace Orchestrator.Silo.Webhooks;

/// <summary>The configured endpoints, over HTTP. Each has connections of its own, because each has its own list of allowed hosts.</summary>
internal sealed class WebhookEndpoints(IOptions<WebhookOptions> options, TimeProvider time)
    : IWebhookEndpoints,
        IDisposable
{
    private const int AnswerBytesMax = 16 * 1024;
    private const int AnswerShownMax = 200;
    private static readonly TimeSpan SendMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectionMax = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (OutboundOptions Options, HttpClient Client)> endpoints =
        options
            .Value.Outbound.Where(o => o.Value.Url.Length > 0)
            .ToDictionary(o => o.Key, o => (o.Value, Client(o.Value)));

    /// <inheritdoc />
    public IReadOnlyCollection<string> Names => endpoints.Keys;

    /// <inheritdoc />
    public IReadOnlyList<string> Wanting(string type) =>
        [
            .. endpoints
                .Where(e => OutboundText.Wants(e.Value.Options.Events, type))
                .Select(e => e.Key),
        ];

    /// <inheritdoc />
    public async Task<WebhookAnswer> SendAsync(
        string endpoint,
        string messageId,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        if (!endpoints.TryGetValue(endpoint, out var to))
        {
            return new WebhookAnswer(0, $"The endpoint '{endpoint}' is not configured any more.");
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SendMax);
        try
        {
            using var request = Request(to.Options, messageId, body);
            using var answer = await to.Client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                limit.Token
            );
            var status = (int)answer.StatusCode;
            return status is >= 200 and < 300
                ? new WebhookAnswer(status, "")
                : new WebhookAnswer(
                    status,
                    status is >= 300 and < 400
                        ? $"{status}: redirects are not followed; give the final address."
                        : $"{status}: {await BeginningAsync(answer, limit.Token)}",
                    RetryAfter(answer.Headers.RetryAfter)
                );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WebhookAnswer(0, $"No answer within {SendMax.TotalSeconds:0} s.");
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException or AddressRefusedException)
        {
            return new WebhookAnswer(0, (e.InnerException ?? e).Message);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var (_, client) in endpoints.Values)
        {
            client.Dispose();
        }
    }

#pragma warning disable CA2000, CA5399 // the client owns its handler; there are no cookies and no proxy
    private static HttpClient Client(OutboundOptions o) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
                ConnectTimeout = ConnectMax,
                PooledConnectionLifetime = ConnectionMax,
                MaxConnectionsPerServer = 2,
                MaxResponseHeadersLength = 16,
                ConnectCallback = (context, token) =>
                    GuardedConnect.ConnectAsync(context.DnsEndPoint, o.AllowPrivate, token),
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
#pragma warning restore CA2000, CA5399

    private HttpRequestMessage Request(
        OutboundOptions o,
        string messageId,
        ReadOnlyMemory<byte> body
    )
    {
        var now = time.GetUtcNow();
        var request = new HttpRequestMessage(HttpMethod.Post, o.Url)
        {
            Content = new ReadOnlyMemoryContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Orchestrator-Webhooks", "1"));
        request.Headers.Add("webhook-id", messageId);
        if (TraceIds.ParentOfMessage(body) is { } parent)
        {
            request.Headers.Add("traceparent", parent);
        }
        request.Headers.Add(
            "webhook-timestamp",
            now.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
        request.Headers.Add(
            "webhook-signature",
            WebhookSignature.Sign(
                messageId,
                now,
                body.Span,
                new[] { o.Secret, o.PreviousSecret }.Where(s => s.Length > 0)
            )
        );
        return request;
    }

    // Enough to see what is wrong; a receiver that answers without end is cut off.
    private static async Task<string> BeginningAsync(
        HttpResponseMessage answer,
        CancellationToken cancellationToken
    )
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[AnswerBytesMax];
        var read = await stream.ReadAtLeastAsync(
            buffer,
            AnswerShownMax,
            throwOnEndOfStream: false,
            cancellationToken
        );
        var text = System.Text.Encoding.UTF8.GetString(buffer, 0, Math.Min(read, AnswerShownMax));
        return new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } at ? at - time.GetUtcNow() : null);
}
