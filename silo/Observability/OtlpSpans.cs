using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Observability;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Grains.Observability;
using Orchestrator.Silo.Api;

namespace Orchestrator.Silo.Observability;

/// <summary>Sends spans by OTLP over HTTP, in its JSON form. A collector that was given up is tried once a batch until it answers again.</summary>
internal sealed partial class OtlpSpans(
    IOptions<TelemetryOptions> options,
    Instruments instruments,
    Redactor redactor,
    TimeProvider time,
    ILogger<OtlpSpans> logger
) : ISpanSink, IDisposable
{
    private const int BatchMax = 512;
    private const int TriesMax = 4;
    private const int AnswerBytesMax = 64 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AllMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ToldPause = TimeSpan.FromMinutes(1);

    private readonly HttpClient http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }
    )
    {
        Timeout = AnswerMax,
        MaxResponseContentBufferSize = AnswerBytesMax,
    };
    private readonly Uri? address = options.Value.Otlp.For("traces");
    private volatile bool givenUp;
    private long toldAt;

    /// <inheritdoc />
    public bool Wanted => address is not null;

    /// <inheritdoc />
    public async Task SendAsync(IReadOnlyList<TraceSpan> spans, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        foreach (var batch in spans.Chunk(BatchMax))
        {
            var sent =
                time.GetElapsedTime(began) < AllMax && await TryAsync(batch, cancellationToken);
            instruments.Record(
                sent
                    ? new(MetricCatalogue.SpansSent, batch.Length)
                    : new(MetricCatalogue.Dropped, batch.Length, "spans")
            );
        }
    }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    private async Task<bool> TryAsync(TraceSpan[] batch, CancellationToken cancellationToken)
    {
        var body = SpanText.Write(
            batch,
            ObservabilityHosting.ServiceName,
            SiloDiscoveryFile.Version,
            redactor.Redact
        );
        for (var tries = 1; ; tries++)
        {
            var (status, words) = await PostAsync(body, cancellationToken);
            if (status is >= 200 and < 300)
            {
                givenUp = false;
                return true;
            }
            // What it refuses once it refuses always, but for being busy.
            var hopeless = status is >= 300 and < 500 and not 408 and not 429;
            if (hopeless || givenUp || tries >= TriesMax)
            {
                givenUp = true;
                Tell(words);
                return false;
            }
            await Task.Delay(Pause * (1 << (tries - 1)), time, cancellationToken);
        }
    }

    // 0 = there was no answer.
    private async Task<(int Status, string Words)> PostAsync(
        byte[] body,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new ByteArrayContent(body),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            foreach (var (name, value) in options.Value.Otlp.Headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
            using var answer = await http.SendAsync(request, cancellationToken);
            return ((int)answer.StatusCode, $"it answered {(int)answer.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            return (0, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (0, $"it did not answer in {AnswerMax.TotalSeconds:0} s");
        }
    }

    private void Tell(string words)
    {
        if (toldAt > 0 && time.GetElapsedTime(toldAt) < ToldPause)
        {
            return;
        }
        toldAt = time.GetTimestamp();
        LogDropped(logger, redactor.Redact(words));
    }

    [LoggerMessage(
        EventId = 2711,
        Level = LogLevel.Warning,
        Message = "Spans were dropped, because the collector of Telemetry:Otlp:Endpoint did not take them: {Words}"
    )]
    private static partial void LogDropped(ILogger logger, string words);
}
