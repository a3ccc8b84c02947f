using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OllamaSharp;
using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.Grains.Mediation;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Orchestrator.Silo.Mediation;

/// <summary>The local model through Ollama. A fault is an answer with a problem, never an exception; every wait has an end.</summary>
internal sealed partial class LlamaModel : IMediatorModel, IDisposable
{
    private const int ProblemMax = 300;
    private const string NotConfigured = "No model is configured (Mediator:Endpoint).";
    private static readonly TimeSpan ProbeMax = TimeSpan.FromSeconds(5);

    private readonly MediatorOptions settings;
    private readonly TimeProvider time;
    private readonly ILogger<LlamaModel> logger;
    private readonly HttpClient? http;
    private readonly OllamaApiClient? client;
    private readonly SemaphoreSlim places;
    private readonly CircuitBreakerStateProvider circuit = new();
    private readonly ResiliencePipeline pipeline;
    private volatile Contact last = new(
        false,
        "The model was not asked yet.",
        DateTimeOffset.MinValue
    );
    private volatile string lastFailure = "";
    private volatile bool answeredOnce;
    private long openUntilTicks;

    public LlamaModel(
        IOptions<MediatorOptions> options,
        TimeProvider time,
        ILogger<LlamaModel> logger
    )
    {
        settings = options.Value;
        this.time = time;
        this.logger = logger;
        places = new SemaphoreSlim(settings.CallsMax);
        if (settings.Endpoint.Length > 0)
        {
            (http, client) = Connect(settings);
        }
        pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(
                new CircuitBreakerStrategyOptions
                {
                    FailureRatio = settings.BreakerRatio,
                    MinimumThroughput = settings.BreakerCallsMin,
                    SamplingDuration = settings.BreakerWindow,
                    BreakDuration = settings.BreakerPause,
                    StateProvider = circuit,
                    // A caller that gave up says nothing about the model.
                    ShouldHandle = new PredicateBuilder().Handle<Exception>(e =>
                        e is not OperationCanceledException
                    ),
                    OnOpened = opened =>
                    {
                        Interlocked.Exchange(
                            ref openUntilTicks,
                            (time.GetUtcNow() + opened.BreakDuration).UtcTicks
                        );
                        LogOpened(logger, settings.Endpoint, settings.BreakerPause);
                        return ValueTask.CompletedTask;
                    },
                    OnClosed = _ =>
                    {
                        LogClosed(logger, settings.Endpoint);
                        return ValueTask.CompletedTask;
                    },
                }
            )
            .AddTimeout(settings.TimeMax)
            .Build();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        client?.Dispose();
        http?.Dispose();
        places.Dispose();
    }

    /// <inheritdoc />
    public MediatorStatus Status()
    {
        if (client is null)
        {
            return new MediatorStatus(false, false, settings.Model, "FALLBACK", NotConfigured);
        }
        var contact = last;
        var open = Open;
        var reason = open ? CircuitOpen : contact.Problem;
        return new MediatorStatus(
            contact.Reached && !open,
            true,
            settings.Model,
            reason.Length == 0 ? "LLAMA" : "FALLBACK",
            reason
        );
    }

    /// <inheritdoc />
    public async Task<ModelAnswer> AskAsync(
        ModelQuestion question,
        CancellationToken cancellationToken
    )
    {
        if (client is null)
        {
            return new ModelAnswer("", NotConfigured);
        }
        // An open circuit answers at once; nobody waits for a place behind calls that hang.
        if (Open)
        {
            return new ModelAnswer("", CircuitOpen);
        }
        if (!await places.WaitAsync(settings.WaitMax, cancellationToken))
        {
            return new ModelAnswer(
                "",
                $"The model is busy: {settings.CallsMax} questions are under way (Mediator:CallsMax), and none ended within {settings.WaitMax.TotalSeconds} s."
            );
        }
        try
        {
            return await CallAsync(client, question, cancellationToken);
        }
        finally
        {
            places.Release();
        }
    }

    /// <inheritdoc />
    public async Task<MediatorStatus> ProbeAsync(CancellationToken cancellationToken)
    {
        if (client is null)
        {
            return Status();
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var wait = settings.TimeMax < ProbeMax ? settings.TimeMax : ProbeMax;
        using var alarm = time.CreateTimer(
            _ => limit.Cancel(),
            null,
            wait,
            Timeout.InfiniteTimeSpan
        );
        try
        {
            var models = await client.ListLocalModelsAsync(limit.Token);
            var there = answeredOnce || models.Any(m => SameModel(m.Name, settings.Model));
            Met(
                true,
                there
                    ? ""
                    : $"The server at {settings.Endpoint} has no model '{settings.Model}'. Get it: ollama pull {settings.Model}"
            );
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var why =
                e is OperationCanceledException
                    ? $"nothing within {wait.TotalSeconds} s"
                    : OneLine(e.Message);
            Met(false, $"The model's server at {settings.Endpoint} does not answer: {why}");
        }
        return Status();
    }

    /// <summary>True when nothing was heard of the model for so long that somebody should look.</summary>
    public bool Stale => client is not null && time.GetUtcNow() - last.At >= settings.ProbePause;

    // Polly leaves the open state only when a call comes; by the clock it is over already.
    private bool Open =>
        circuit.CircuitState is CircuitState.Open
        && time.GetUtcNow().UtcTicks < Interlocked.Read(ref openUntilTicks);

    private string CircuitOpen =>
        $"The model failed too often and is left alone for {settings.BreakerPause.TotalSeconds} s. The last failure: {lastFailure}";

    private async Task<ModelAnswer> CallAsync(
        IChatClient chat,
        ModelQuestion question,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var answer = await pipeline.ExecuteAsync(
                static (call, token) => ChatAsync(call.chat, call.question, token),
                (chat, question),
                cancellationToken
            );
            answeredOnce = true;
            Met(true, "");
            return answer;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (BrokenCircuitException)
        {
            return new ModelAnswer("", CircuitOpen);
        }
        catch (TimeoutRejectedException)
        {
            return Failed(
                $"The model at {settings.Endpoint} did not answer within {settings.TimeMax.TotalSeconds} s (Mediator:TimeMax)."
            );
        }
        // The client's and the transport's exceptions are many; to the task they are one thing.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Failed($"The model at {settings.Endpoint} did not answer: {OneLine(e.Message)}");
        }
    }

    private static async ValueTask<ModelAnswer> ChatAsync(
        IChatClient chat,
        ModelQuestion question,
        CancellationToken cancellationToken
    )
    {
        using var schema = System.Text.Json.JsonDocument.Parse(question.Schema);
        var options = new ChatOptions
        {
            Temperature = question.Temperature,
            MaxOutputTokens = question.AnswerTokensMax,
            ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.RootElement.Clone()),
        };
        List<ChatMessage> messages =
        [
            new(ChatRole.System, question.Instructions),
            new(ChatRole.User, question.Text),
        ];
        var text = new System.Text.StringBuilder();
        ChatFinishReason? ended = null;
        await foreach (
            var part in chat.GetStreamingResponseAsync(messages, options, cancellationToken)
        )
        {
            text.Append(part.Text);
            ended = part.FinishReason ?? ended;
        }
        // OllamaSharp 5.5.2 ends a cancelled stream silently.
        cancellationToken.ThrowIfCancellationRequested();
        if (ended is null)
        {
            throw new IOException("the answer was cut off before its end");
        }
        return ended == ChatFinishReason.Length
            ? new ModelAnswer("", "The model's answer was cut at its length limit.")
            : new ModelAnswer(text.ToString(), "");
    }

    private static (HttpClient, OllamaApiClient) Connect(MediatorOptions settings)
    {
        // No redirects and no proxy: the words go to the configured address and nowhere else.
#pragma warning disable CA2000 // owned by the client that is built of them
        var http = new HttpClient(
            new LimitedBodyHandler(
                new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    UseProxy = false,
                    UseCookies = false,
                    ConnectTimeout = settings.TimeMax,
                    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                },
                settings.AnswerBytesMax
            )
        )
        {
            BaseAddress = new Uri(settings.Endpoint),
            Timeout = Timeout.InfiniteTimeSpan, // Mediator:TimeMax rules
            MaxResponseContentBufferSize = settings.AnswerBytesMax,
        };
#pragma warning restore CA2000
        return (http, new OllamaApiClient(http, settings.Model));
    }

    private static bool SameModel(string one, string other) =>
        string.Equals(Tagged(one), Tagged(other), StringComparison.OrdinalIgnoreCase);

    private static string Tagged(string model) =>
        model.Contains(':', StringComparison.Ordinal) ? model : model + ":latest";

    private static string OneLine(string text)
    {
        var line = string.Join(
            ' ',
            text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );
        return line.Length > ProblemMax ? line[..ProblemMax] + "…" : line;
    }

    private ModelAnswer Failed(string why)
    {
        lastFailure = why;
        Met(false, why);
        return new ModelAnswer("", why);
    }

    private void Met(bool reached, string problem)
    {
        var before = last;
        last = new Contact(reached, problem, time.GetUtcNow());
        if (problem.Length > 0 && before.Problem != problem)
        {
            LogTrouble(logger, problem);
        }
    }

    private sealed record Contact(bool Reached, string Problem, DateTimeOffset At);
}
