using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orchestrator.Silo.Observability;

/// <summary>Section <c>Telemetry</c>: what the silo tells of itself, and to whom.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>How often the gauges of <c>/metrics</c> are looked at. Default 15 seconds; 1 second to 10 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "00:10:00",
        ErrorMessage = "Telemetry:SampleEvery must be 00:00:01 to 00:10:00"
    )]
    public TimeSpan SampleEvery { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A collector that takes OTLP.</summary>
    public OtlpOptions Otlp { get; set; } = new();
}

/// <summary>Where metrics and traces are sent to, by OTLP over HTTP.</summary>
internal sealed class OtlpOptions
{
    /// <summary>Base address of the collector, <c>http://127.0.0.1:4318</c>: <c>/v1/metrics</c> and <c>/v1/traces</c> are added. Empty (default) = nothing is sent.</summary>
    [StringLength(2_000)]
    public string Endpoint { get; set; } = "";

    /// <summary>Headers of each request, such as the collector's key. At most 20. A secret.</summary>
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>How often metrics are sent. Default 1 minute; 1 second to 1 hour.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "01:00:00",
        ErrorMessage = "Telemetry:Otlp:MetricsEvery must be 00:00:01 to 01:00:00"
    )]
    public TimeSpan MetricsEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The collector's address for a signal; null = nothing is sent.</summary>
    public Uri? For(string signal) =>
        Endpoint.Length == 0 ? null : new Uri(Endpoint.TrimEnd('/') + "/v1/" + signal);
}

/// <summary>What one key of the section cannot show by itself.</summary>
internal sealed class TelemetryOptionsRules : IValidateOptions<TelemetryOptions>
{
    private const int HeadersMax = 20;
    private const int HeaderLengthMax = 4_096;

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] problems = [.. Problems(options.Otlp)];
        return problems.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(OtlpOptions otlp)
    {
        if (
            otlp.Endpoint.Length > 0
            && (
                !Uri.TryCreate(otlp.Endpoint, UriKind.Absolute, out var address)
                || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
                || address.UserInfo.Length > 0
                || address.Query.Length > 0
            )
        )
        {
            yield return "Telemetry:Otlp:Endpoint must be an http or https address without user, password and query, e.g. http://127.0.0.1:4318.";
        }
        if (otlp.Headers.Count > HeadersMax)
        {
            yield return $"Telemetry:Otlp:Headers has more than {HeadersMax} headers.";
        }
        foreach (var (key, value) in otlp.Headers)
        {
            if (!key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            {
                yield return "Telemetry:Otlp:Headers: a name has letters, digits, '-' and '_'.";
            }
            if (value.Length > HeaderLengthMax || value.Any(c => c is < ' ' or > '~'))
            {
                yield return $"Telemetry:Otlp:Headers:{key} must be one line of ASCII, at most {HeaderLengthMax} characters.";
            }
        }
    }
}
