using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OllamaSharp;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.Grains.Mediation;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Orchestrator.Silo.Mediation;

/// <summary>Section <c>Mediator</c>; the predecessor's <c>LLAMA_HOST</c>, <c>LLAMA_PORT</c> and <c>LLAMA_MODEL</c> work too.</summary>
internal sealed class MediatorOptions
{
    /// <summary>Address of an Ollama server, or empty: then the rules mediate.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>The model. Default <c>llama3.2:latest</c>.</summary>
    public string Model { get; set; } = "llama3.2:latest";

    /// <summary>Longest wait for an answer. Default 20 seconds.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.1",
        "00:05:00",
        ErrorMessage = "Mediator:TimeMax must be 00:00:00.1 to 00:05:00"
    )]
    public TimeSpan TimeMax { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>The local model through Ollama. A fault is an answer with a problem, never an exception.</summary>
internal sealed class LlamaModel : IMediatorModel, IDisposable
{
    private readonly MediatorOptions settings;
    private readonly OllamaApiClient? client;
    private readonly ResiliencePipeline pipeline;
    private volatile string problem = "";
    private volatile bool reached;

    public LlamaModel(IOptions<MediatorOptions> options)
    {
        settings = options.Value;
        if (Uri.TryCreate(settings.Endpoint, UriKind.Absolute, out var address))
        {
            client = new OllamaApiClient(address, settings.Model);
        }
        problem = client is null ? "No model is configured (Mediator:Endpoint)." : "";
        pipeline = new ResiliencePipelineBuilder()
            .AddCircuitBreaker(
                new CircuitBreakerStrategyOptions
                {
                    FailureRatio = 0.5,
                    MinimumThroughput = 4,
                    SamplingDuration = TimeSpan.FromMinutes(2),
                    BreakDuration = TimeSpan.FromSeconds(30),
                    ShouldHandle = new PredicateBuilder().Handle<Exception>(e =>
                        e is not OperationCanceledException
                    ),
                }
            )
            .AddTimeout(settings.TimeMax)
            .Build();
    }

    /// <inheritdoc />
    public void Dispose() => client?.Dispose();

    /// <inheritdoc />
    public MediatorStatus Status() =>
        new(
            reached,
            client is not null,
            settings.Model,
            client is not null && problem.Length == 0 ? "LLAMA" : "FALLBACK",
            problem
        );

    /// <inheritdoc />
    public async Task<ModelAnswer> AskAsync(
        string instructions,
        string text,
        string jsonSchema,
        CancellationToken cancellationToken
    )
    {
        if (client is null)
        {
            return new ModelAnswer("", problem);
        }
        try
        {
            var answer = await pipeline.ExecuteAsync(
                async token => await ChatAsync(client, instructions, text, jsonSchema, token),
                cancellationToken
            );
            reached = true;
            problem = "";
            return answer;
        }
        catch (BrokenCircuitException)
        {
            return new ModelAnswer("", problem);
        }
        catch (TimeoutRejectedException)
        {
            return Failed($"The model did not answer within {settings.TimeMax.TotalSeconds} s.");
        }
        catch (Exception e)
            when (e
                    is HttpRequestException
                        or IOException
                        or JsonException
                        or InvalidOperationException
                        or OllamaSharp.Models.Exceptions.OllamaException
                        or OllamaSharp.Models.Exceptions.ResponseError
            )
        {
            return Failed($"The model at {settings.Endpoint} did not answer: {e.Message}");
        }
    }

    private static async ValueTask<ModelAnswer> ChatAsync(
        IChatClient chat,
        string instructions,
        string text,
        string jsonSchema,
        CancellationToken cancellationToken
    )
    {
        using var schema = JsonDocument.Parse(jsonSchema);
        var options = new ChatOptions
        {
            Temperature = 0.1f,
            MaxOutputTokens = 1_000,
            ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.RootElement.Clone()),
        };
        List<ChatMessage> messages = [new(ChatRole.System, instructions), new(ChatRole.User, text)];
        var response = await chat.GetResponseAsync(messages, options, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return response.FinishReason == ChatFinishReason.Length
            ? new ModelAnswer("", "The model's answer was cut at its length limit.")
            : new ModelAnswer(response.Text, "");
    }

    private ModelAnswer Failed(string why)
    {
        problem = why;
        return new ModelAnswer("", why);
    }
}
