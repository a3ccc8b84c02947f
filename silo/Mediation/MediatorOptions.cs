using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orchestrator.Silo.Mediation;

/// <summary>Section <c>Mediator</c>; the predecessor's <c>LLAMA_HOST</c>, <c>LLAMA_PORT</c> and <c>LLAMA_MODEL</c> work too.</summary>
internal sealed class MediatorOptions
{
    /// <summary>Address of an Ollama server, or empty: then the rules mediate. Default: empty.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>The model. Default <c>llama3.2:latest</c>.</summary>
    public string Model { get; set; } = "llama3.2:latest";

    /// <summary>Longest wait for an answer, wall clock. Default 20 seconds; 0.1 seconds to 5 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.1",
        "00:05:00",
        ErrorMessage = "Mediator:TimeMax must be 00:00:00.1 to 00:05:00."
    )]
    public TimeSpan TimeMax { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Questions under way at once; others wait. Default 4; 1 to 64.</summary>
    [Range(1, 64, ErrorMessage = "Mediator:CallsMax must be 1 to 64.")]
    public int CallsMax { get; set; } = 4;

    /// <summary>Longest wait for one of these places; then the rules answer. Default 10 seconds; 0 to 5 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00",
        "00:05:00",
        ErrorMessage = "Mediator:WaitMax must be 00:00:00 to 00:05:00."
    )]
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest answer as it comes over the wire, bytes. Default 1 MiB; 1 KiB to 64 MiB.</summary>
    [Range(1_024, 67_108_864, ErrorMessage = "Mediator:AnswerBytesMax must be 1024 to 67108864.")]
    public int AnswerBytesMax { get; set; } = 1_048_576;

    /// <summary>Calls within <see cref="BreakerWindow"/> before failures can open the circuit. Default 4; 2 to 1,000.</summary>
    [Range(2, 1_000, ErrorMessage = "Mediator:BreakerCallsMin must be 2 to 1000.")]
    public int BreakerCallsMin { get; set; } = 4;

    /// <summary>Share of these calls that must fail for the circuit to open. Default 0.5; 0.01 to 1.</summary>
    [Range(0.01, 1.0, ErrorMessage = "Mediator:BreakerRatio must be 0.01 to 1.")]
    public double BreakerRatio { get; set; } = 0.5;

    /// <summary>The time over which failures are counted. Default 2 minutes; 1 second to 1 hour.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "01:00:00",
        ErrorMessage = "Mediator:BreakerWindow must be 00:00:01 to 01:00:00."
    )]
    public TimeSpan BreakerWindow { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an open circuit spares the model before one call tries it. Default 30 seconds; 1 second to 1 hour.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "01:00:00",
        ErrorMessage = "Mediator:BreakerPause must be 00:00:01 to 01:00:00."
    )]
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an idle model is looked at, so that <c>status</c> tells the truth. Default 30 seconds; 1 second to 1 hour.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "01:00:00",
        ErrorMessage = "Mediator:ProbePause must be 00:00:01 to 01:00:00."
    )]
    public TimeSpan ProbePause { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>What ranges cannot say: the address and the model's name.</summary>
internal sealed class MediatorOptionsRules : IValidateOptions<MediatorOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, MediatorOptions options)
    {
        var problems = new List<string>();
        if (options.Endpoint.Length > 0 && !IsAddress(options.Endpoint))
        {
            problems.Add(
                $"Mediator:Endpoint (LLAMA_HOST, LLAMA_PORT) is '{options.Endpoint}'; it must be an http or https address without user name, query or path, such as http://127.0.0.1:11434. Leave it empty to mediate by rules."
            );
        }
        if (
            string.IsNullOrWhiteSpace(options.Model)
            || options.Model.Length > 200
            || options.Model.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
        )
        {
            problems.Add(
                $"Mediator:Model (LLAMA_MODEL) is '{options.Model}'; it must be the name of a model without blanks, such as llama3.2:latest."
            );
        }
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.UserInfo.Length == 0
        && address.PathAndQuery == "/"
        && address.Fragment.Length == 0;
}
