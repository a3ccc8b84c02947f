using Microsoft.Extensions.Options;
using Octokit;
using Octokit.Internal;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.GitHub;

/// <summary>
/// Calls of the API by Octokit over one pool of connections: each bounded in time and size, its failures those of the port.
/// Nothing is tried twice here: who asks decides that.
/// </summary>
internal sealed class GitHubWire : IDisposable
{
    private readonly GitHubOptions options;
    private readonly TimeProvider time;
    private readonly Redactor redactor;
    private readonly HttpMessageInvoker network;

    /// <param name="options">Where to, and the limits.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="redactor">In front of every message.</param>
    public GitHubWire(IOptions<GitHubOptions> options, TimeProvider time, Redactor redactor)
    {
        this.options = options.Value;
        this.time = time;
        this.redactor = redactor;
#pragma warning disable CA2000 // the invoker ends it
        network = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                // Octokit follows redirects itself, and leaves the credential out when the host changes.
                AllowAutoRedirect = false,
                UseCookies = false,
                AutomaticDecompression = System.Net.DecompressionMethods.All,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = TimeSpan.FromSeconds(15),
            }
        );
#pragma warning restore CA2000
    }

    /// <summary>Asks.</summary>
    /// <param name="credentials">Who asks.</param>
    /// <param name="what">In words, for the message of a failure.</param>
    /// <param name="ask">The calls; the connection lives as long as they.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="tail">True: of an answer over the limit its end is kept, else it is a failure.</param>
    /// <exception cref="PullRequestHostException">It was refused, or there was no answer.</exception>
    public async Task<T> AskAsync<T>(
        Credentials credentials,
        string what,
        Func<IConnection, Task<T>> ask,
        CancellationToken cancellationToken,
        bool tail = false
    )
    {
        using var late = new CancellationTokenSource(options.TimeMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(
            late.Token,
            cancellationToken
        );
        using var adapter = new HttpClientAdapter(() =>
            new Bounded(network, options.AnswerBytesMax, tail, both.Token)
        );
        // The library's constructor from a host's address would append /api/v3/; this one takes the address as it is.
        var connection = new Connection(
            new ProductHeaderValue("orchestrator"),
            options.Api(),
            new InMemoryCredentialStore(credentials),
            adapter,
            new SimpleJsonSerializer()
        );
        connection.SetRequestTimeout(options.TimeMax + TimeSpan.FromSeconds(10));
        try
        {
            return await ask(connection);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
            when (GitHubErrors.Of(
                    e,
                    options.Api().Authority,
                    what,
                    options.TimeMax,
                    time.GetUtcNow(),
                    text => Clean(text, credentials)
                )
                    is { } failure
            )
        {
            throw failure;
        }
    }

    /// <inheritdoc />
    public void Dispose() => network.Dispose();

    private string Clean(string text, Credentials credentials)
    {
        var secret = credentials.GetToken();
        return redactor.Redact(
            secret is { Length: > 0 }
                ? text.Replace(secret, "[redacted]", StringComparison.Ordinal)
                : text
        );
    }

    // No part of the pool: the library ends the chain that it is given with each client.
    private sealed class Bounded(
        HttpMessageInvoker network,
        int bytesMax,
        bool tail,
        CancellationToken call
    ) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var response = await network.SendAsync(request, call);
            await using var body = await response.Content.ReadAsStreamAsync(call);
            var bytes = await ReadAsync(body);
            var content = new ByteArrayContent(bytes);
            foreach (var header in response.Content.Headers)
            {
                if (!header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                {
                    content.Headers.TryAddWithoutValidation(header.Key, header.Value);
                }
            }
            response.Content = content;
            return response;
        }

        // Two halves, of which the older is dropped when both are full.
        private async Task<byte[]> ReadAsync(Stream body)
        {
            var (older, newer) = (Array.Empty<byte>(), new MemoryStream());
            var buffer = new byte[81_920];
            int read;
            while ((read = await body.ReadAsync(buffer, call)) > 0)
            {
                await newer.WriteAsync(buffer.AsMemory(0, read), call);
                if (newer.Length <= bytesMax)
                {
                    continue;
                }
                if (!tail)
                {
                    throw new IOException(
                        $"the answer is larger than {bytesMax} bytes (GitHub:AnswerBytesMax)"
                    );
                }
                older = newer.ToArray();
                newer.SetLength(0);
            }
            return older.Length == 0 ? newer.ToArray() : [.. older, .. newer.ToArray()];
        }
    }
}
