using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Tickets;

/// <summary>An answer: its status, its JSON (null = none), and when the host wants to be asked again.</summary>
internal sealed record TicketAnswer(HttpStatusCode Status, JsonNode? Body, DateTimeOffset? RetryAt);

/// <summary>
/// HTTP with a host of tickets: each call bounded in time and size. After a failure to reach it, or a limit, the host is
/// spared for a while: calls fail at once instead of waiting one behind the other.
/// </summary>
internal sealed class TicketWire : IDisposable
{
    /// <summary>Pages of 100 comments in which a comment of ours is looked for; one that is older is written anew.</summary>
    internal const int CommentPagesMax = 10;

    private const int WordsMax = 400;
    private static readonly TimeSpan SpareAfterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseDefault = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromHours(1);

    private readonly string section;
    private readonly TicketHostOptions options;
    private readonly AuthenticationHeaderValue credential;
    private readonly TimeProvider time;
    private readonly Redactor redactor;
    private readonly HttpClient http;
    private readonly Lock gate = new();
    private DateTimeOffset spareUntil;
    private TicketHostException? spareFor;

    public TicketWire(
        string section,
        TicketHostOptions options,
        AuthenticationHeaderValue credential,
        TimeProvider time,
        Redactor redactor
    )
    {
        this.section = section;
        this.options = options;
        this.credential = credential;
        this.time = time;
        this.redactor = redactor;
#pragma warning disable CA2000 // the client ends it
        http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.All,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = TimeSpan.FromSeconds(10),
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
#pragma warning restore CA2000
        Host = new Uri(options.Address, UriKind.Absolute).Authority;
    }

    /// <summary>The host, for messages.</summary>
    public string Host { get; }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    /// <summary>Asks. Statuses of 5xx and 429 are failures here; what others mean the caller knows.</summary>
    /// <param name="method">The method.</param>
    /// <param name="address">Where.</param>
    /// <param name="body">What is sent, or null.</param>
    /// <param name="what">In words, for messages.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TicketHostException">There was no answer that can be read.</exception>
    public async Task<TicketAnswer> AskAsync(
        HttpMethod method,
        Uri address,
        JsonNode? body,
        string what,
        CancellationToken cancellationToken
    )
    {
        Spared();
        try
        {
            var answer = await SendAsync(method, address, body, cancellationToken);
            if (answer.Status == HttpStatusCode.TooManyRequests)
            {
                throw Limited(answer.RetryAt, what);
            }
            if (
                answer.Status
                is HttpStatusCode.RequestTimeout
                    or >= HttpStatusCode.InternalServerError
            )
            {
                throw Later(answer.RetryAt, $"{Host} answered {(int)answer.Status} ({what}).");
            }
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Later(
                null,
                $"{Host} did not answer within {options.TimeMax} ({section}:TimeMax): {what}."
            );
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
        {
            throw Later(
                null,
                $"{Host} cannot be reached: {what}: {Words(e.Message)} Check {section}:Address, the network and the proxy."
            );
        }
        catch (JsonException)
        {
            throw Later(
                null,
                $"{Host} gave an answer that is no JSON ({what}). Is {section}:Address the address of the API?"
            );
        }
    }

    /// <summary>The host was asked too much: nothing is asked before it allows.</summary>
    public TicketHostException Limited(DateTimeOffset? retryAt, string what)
    {
        var now = time.GetUtcNow();
        var at = Clamp(retryAt ?? now + PauseDefault, now);
        return Spare(
            at,
            new TicketHostException(
                TicketHostError.RateLimited,
                $"{Host} was asked too much ({what}). Nothing is asked before {at:u}."
            )
            {
                RetryAt = at,
            }
        );
    }

    /// <summary>The host's words on one line, without secrets.</summary>
    public string Words(string text)
    {
        var line = redactor
            .Redact(text.Replace(options.Token, "[redacted]", StringComparison.Ordinal))
            .ReplaceLineEndings(" ")
            .Trim();
        return line.Length > WordsMax ? line[..WordsMax] + "…" : line;
    }

    private void Spared()
    {
        lock (gate)
        {
            if (spareFor is { } failure && time.GetUtcNow() < spareUntil)
            {
                throw new TicketHostException(failure.Error, failure.Message)
                {
                    RetryAt = spareUntil,
                };
            }
            spareFor = null;
        }
    }

    private TicketHostException Later(DateTimeOffset? retryAt, string message)
    {
        var now = time.GetUtcNow();
        return Spare(
            retryAt is { } at ? Clamp(at, now) : now + SpareAfterFailure,
            new TicketHostException(TicketHostError.Unavailable, message + " It is tried again.")
            {
                RetryAt = retryAt,
            }
        );
    }

    private TicketHostException Spare(DateTimeOffset until, TicketHostException failure)
    {
        lock (gate)
        {
            (spareUntil, spareFor) = (until, failure);
        }
        return failure;
    }

    private static DateTimeOffset Clamp(DateTimeOffset at, DateTimeOffset now) =>
        at < now + TimeSpan.FromSeconds(1) ? now + TimeSpan.FromSeconds(1)
        : at > now + PauseMax ? now + PauseMax
        : at;

    private async Task<TicketAnswer> SendAsync(
        HttpMethod method,
        Uri address,
        JsonNode? body,
        CancellationToken cancellationToken
    )
    {
        using var late = new CancellationTokenSource(options.TimeMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(
            late.Token,
            cancellationToken
        );
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = credential;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("orchestrator", "1"));
        if (body is not null)
        {
            request.Content = new StringContent(
                body.ToJsonString(),
                Encoding.UTF8,
                "application/json"
            );
        }
        using var response = await http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            both.Token
        );
        await using var stream = await response.Content.ReadAsStreamAsync(both.Token);
        var text = await ReadAsync(stream, both.Token);
        return new TicketAnswer(
            response.StatusCode,
            Parse(text, response.IsSuccessStatusCode),
            RetryAt(response.Headers)
        );
    }

    // What a proxy says of a failure is often a page.
    private static JsonNode? Parse(byte[] text, bool strict)
    {
        try
        {
            return text.Length == 0
                ? null
                : JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException) when (!strict)
        {
            return null;
        }
    }

    private async Task<byte[]> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[32_768];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (kept.Length + read > options.AnswerBytesMax)
            {
                // Not the host's fault, and time does not cure it: no reason to spare the host.
                throw new TicketHostException(
                    TicketHostError.Refused,
                    $"{Host} gave an answer larger than {options.AnswerBytesMax} bytes ({section}:AnswerBytesMax)."
                );
            }
            await kept.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        return kept.ToArray();
    }

    // Linear names the end of its window in milliseconds, and only says so once it is used up.
    private DateTimeOffset? RetryAt(HttpResponseHeaders headers)
    {
        if (headers.RetryAfter is { } after)
        {
            return after.Date
                ?? (after.Delta is { } wait ? time.GetUtcNow() + wait : (DateTimeOffset?)null);
        }
        return
            Header(headers, "X-RateLimit-Requests-Remaining") == "0"
            && long.TryParse(
                Header(headers, "X-RateLimit-Requests-Reset"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var reset
            )
            && reset < 253_402_300_799_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(reset)
            : null;
    }

    private static string Header(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.First() : "";
}
