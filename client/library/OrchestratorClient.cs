using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Client;

/// <summary>Talks to an orchestrator over HTTP. Thread-safe. Every call throws <see cref="OrchestratorException"/> on refusal.</summary>
public sealed partial class OrchestratorClient : IDisposable
{
    private readonly HttpClient http;

    /// <summary>Creates a client.</summary>
    /// <param name="address">The server, e.g. <c>http://127.0.0.1:5140</c>.</param>
    /// <param name="token">A bearer token.</param>
    public OrchestratorClient(Uri address, string token)
    {
        ArgumentNullException.ThrowIfNull(address);
        // A client that lives as long as its program still notices that a name moved to another host.
#pragma warning disable CA2000 // the HTTP client owns its handler
        http = new HttpClient(
            new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(15) }
        )
#pragma warning restore CA2000
        {
            BaseAddress = WithSlash(address),
            Timeout = TimeSpan.FromSeconds(100),
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Creates a client over an HTTP client of yours, e.g. from IHttpClientFactory (<c>services.AddHttpClient&lt;OrchestratorClient&gt;(...)</c>).</summary>
    /// <param name="http">Has the server as its base address and sends the token; it is disposed with this client.</param>
    /// <exception cref="ArgumentException">It has no base address.</exception>
    public OrchestratorClient(HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(http);
        http.BaseAddress = WithSlash(
            http.BaseAddress
                ?? throw new ArgumentException(
                    "Set the HTTP client's BaseAddress to the server, e.g. http://127.0.0.1:5140.",
                    nameof(http)
                )
        );
        this.http = http;
    }

    /// <summary>A task that was submitted before, by its id; asks the server nothing.</summary>
    public TaskHandle GetHandle(string taskId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskId);
        return new TaskHandle(this, taskId, alreadyThere: true);
    }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    /// <summary>Submits a task; the same idempotency key again answers with the task that is there.</summary>
    public async Task<TaskHandle> SubmitAsync(
        SubmitRequest request,
        string? idempotencyKey = null,
        CancellationToken cancellationToken = default
    )
    {
        // Without a key a second try might be a second task.
        var answer = string.IsNullOrEmpty(idempotencyKey)
            ? await PostAsync(request, null, cancellationToken).ConfigureAwait(false)
            : await AskAgainAsync(
                    () => PostAsync(request, idempotencyKey, cancellationToken),
                    cancellationToken
                )
                .ConfigureAwait(false);
        return new TaskHandle(this, answer.Task.TaskId, answer.AlreadyThere);
    }

    /// <summary>Where a task is.</summary>
    public Task<TaskSnapshot> GetAsync(
        string taskId,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/tasks/{Escape(taskId)}",
            OrchestratorJson.Default.TaskSnapshot,
            cancellationToken
        );

    /// <summary>A page of tasks, newest first.</summary>
    public Task<TaskPage> ListAsync(
        string? phase = null,
        string? after = null,
        int max = 50,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/tasks?max={max}&phase={Escape(phase ?? "")}&after={Escape(after ?? "")}",
            OrchestratorJson.Default.TaskPage,
            cancellationToken
        );

    /// <summary>The real diff of a task's work, as git prints it; empty when nothing changed.</summary>
    public Task<string> GetDiffAsync(
        string taskId,
        CancellationToken cancellationToken = default
    ) => AskAgainAsync(() => ReadDiffAsync(taskId, cancellationToken), cancellationToken);

    /// <summary>Why a task is where it is.</summary>
    public Task<Explanation> ExplainAsync(
        string taskId,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/tasks/{Escape(taskId)}/explain",
            OrchestratorJson.Default.Explanation,
            cancellationToken
        );

    /// <summary>Acts on a task: <c>cancel retry resume approve reject</c>.</summary>
    public Task<TaskSnapshot> ActAsync(
        string taskId,
        string verb,
        string? reason = null,
        CancellationToken cancellationToken = default
    )
    {
        var message = new HttpRequestMessage(
            HttpMethod.Post,
            $"v1/tasks/{Escape(taskId)}/{Escape(verb)}"
        )
        {
            Content = Body(new ActRequest { Reason = reason }, OrchestratorJson.Default.ActRequest),
        };
        return SendAndDisposeAsync(
            message,
            OrchestratorJson.Default.TaskSnapshot,
            cancellationToken
        );
    }

    /// <summary>The server now.</summary>
    public Task<StatusReport> GetStatusAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/status", OrchestratorJson.Default.StatusReport, cancellationToken);

    /// <summary>Numbers over all history.</summary>
    public Task<StatsReport> GetStatsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/stats", OrchestratorJson.Default.StatsReport, cancellationToken);

    /// <summary>The server's checks of itself.</summary>
    public Task<DoctorReport> GetDoctorAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/doctor", OrchestratorJson.Default.DoctorReport, cancellationToken);

    /// <summary>All tokens, without their secrets.</summary>
    public Task<TokenList> ListTokensAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/tokens", OrchestratorJson.Default.TokenList, cancellationToken);

    /// <summary>Creates a token; its secret is in the answer and nowhere else. The same idempotency key again is refused.</summary>
    public async Task<TokenInfo> CreateTokenAsync(
        TokenRequest request,
        string? idempotencyKey = null,
        CancellationToken cancellationToken = default
    )
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "v1/tokens")
        {
            Content = Body(request, OrchestratorJson.Default.TokenRequest),
        };
        AddKey(message, idempotencyKey);
        return await SendAsync(message, OrchestratorJson.Default.TokenInfo, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Revokes a token.</summary>
    public async Task RevokeTokenAsync(string id, CancellationToken cancellationToken = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Delete, $"v1/tokens/{Escape(id)}");
        using var response = await SendAsync(
                message,
                HttpCompletionOption.ResponseContentRead,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Tells the server to stop gracefully.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "v1/stop");
        using var response = await SendAsync(
                message,
                HttpCompletionOption.ResponseContentRead,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private async Task<SubmitAnswer> PostAsync(
        SubmitRequest request,
        string? idempotencyKey,
        CancellationToken cancellationToken
    )
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "v1/tasks")
        {
            Content = Body(request, OrchestratorJson.Default.SubmitRequest),
        };
        AddKey(message, idempotencyKey);
        return await SendAsync(message, OrchestratorJson.Default.SubmitAnswer, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<string> ReadDiffAsync(string taskId, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(
            HttpMethod.Get,
            $"v1/tasks/{Escape(taskId)}/diff"
        );
        using var response = await SendAsync(
                message,
                HttpCompletionOption.ResponseContentRead,
                cancellationToken
            )
            .ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void AddKey(HttpRequestMessage message, string? key)
    {
        if (string.IsNullOrEmpty(key))
        {
            return;
        }
        if (key.Any(c => c is < ' ' or > '~'))
        {
            throw new OrchestratorException(
                new Failure(
                    FailureCodes.InvalidRequest,
                    "An idempotency key travels in a header: use printable ASCII characters."
                ),
                2
            );
        }
        message.Headers.Add("Idempotency-Key", key);
    }

    // Without it the last part of a path such as https://host/orchestrator would be lost.
    private static Uri WithSlash(Uri address) =>
        address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static ByteArrayContent Body<T>(T value, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
        if (bytes.Length > ApiLimits.BodyBytesMax)
        {
            throw new OrchestratorException(
                new Failure(
                    FailureCodes.InvalidRequest,
                    $"This has {bytes.Length} bytes, the most that a server takes are {ApiLimits.BodyBytesMax}. Send it as an attachment, or put it into the repository."
                ),
                2
            );
        }
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private Task<T> GetAsync<T>(
        string path,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    ) =>
        AskAgainAsync(
            () =>
                SendAndDisposeAsync(
                    new HttpRequestMessage(HttpMethod.Get, path),
                    type,
                    cancellationToken
                ),
            cancellationToken
        );

    private async Task<T> SendAndDisposeAsync<T>(
        HttpRequestMessage message,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using (message)
        {
            return await SendAsync(message, type, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<T> SendAsync<T>(
        HttpRequestMessage message,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using var response = await SendAsync(
                message,
                HttpCompletionOption.ResponseContentRead,
                cancellationToken
            )
            .ConfigureAwait(false);
        var bytes = await response
            .Content.ReadAsByteArrayAsync(cancellationToken)
            .ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(bytes, type)
                ?? throw new OrchestratorException("The server answered with nothing.");
        }
        catch (JsonException e)
        {
            throw new OrchestratorException(
                $"What answers at {http.BaseAddress} is no orchestrator, or one of another version ({e.Message}).",
                e
            );
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage message,
        HttpCompletionOption option,
        CancellationToken cancellationToken
    )
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(message, option, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new OrchestratorException(
                $"The server at {http.BaseAddress} cannot be reached ({e.Message}). Start it: orchestrator serve.",
                e
            )
            {
                Kind = OrchestratorErrorKind.Unreachable,
            };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OrchestratorException(
                $"The server at {http.BaseAddress} did not answer within {http.Timeout.TotalSeconds:0} s.",
                e
            )
            {
                Kind = OrchestratorErrorKind.Unreachable,
            };
        }
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        using (response)
        {
            throw Read(
                await response
                    .Content.ReadAsByteArrayAsync(cancellationToken)
                    .ConfigureAwait(false),
                (int)response.StatusCode
            );
        }
    }

    private static OrchestratorException Read(byte[] body, int status)
    {
        try
        {
            if (
                JsonSerializer.Deserialize(body, OrchestratorJson.Default.Problem) is
                { Code.Length: > 0 } problem
            )
            {
                return new OrchestratorException(
                    new Failure(problem.Code, problem.Detail, "", problem.RetryAfter),
                    problem.ExitCode
                );
            }
        }
        catch (JsonException)
        {
            // Not the product's own answer: a proxy's, perhaps. Its text is all there is.
        }
        var text = Encoding.UTF8.GetString(body);
        return new OrchestratorException(
            $"The server answered {status}: {(text.Length > 200 ? text[..200] : text)}"
        );
    }
}
