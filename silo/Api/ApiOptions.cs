using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Silo.Api;

/// <summary>Section <c>Api</c>: how much one caller may ask. The local token of silo.json is the owner's and is not limited.</summary>
internal sealed class ApiOptions
{
    /// <summary>Requests of one token in a minute on this silo; a token that was quiet may ask so many at once. Default 6,000; 0 = no limit; 0 to 1,000,000.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Api:RequestsPerMinute must be 0 to 1,000,000")]
    public int RequestsPerMinute { get; set; } = 6_000;

    /// <summary>Streams of events and exports that one token may hold open at once on this silo. Default 50; 0 = no limit; 0 to 10,000.</summary>
    [Range(0, 10_000, ErrorMessage = "Api:StreamsMax must be 0 to 10,000")]
    public int StreamsMax { get; set; } = 50;

    /// <summary>Wrong tokens of one address in a minute that are answered with 401; further ones are answered with 429 for a while. Default 10; 0 = no limit; 0 to 10,000.</summary>
    [Range(0, 10_000, ErrorMessage = "Api:FailedLoginsPerMinute must be 0 to 10,000")]
    public int FailedLoginsPerMinute { get; set; } = 10;

    /// <summary>How long a browser that showed a token is let in by its cookie. Default 12 hours; 1 second to 90 days.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "90.00:00:00",
        ErrorMessage = "Api:SessionTimeMax must be 1 second to 90 days"
    )]
    public TimeSpan SessionTimeMax { get; set; } = TimeSpan.FromHours(12);
}
