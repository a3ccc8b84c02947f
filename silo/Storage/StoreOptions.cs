using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Silo.Storage;

/// <summary>Section <c>Storage</c>: of the embedded files and of PostgreSQL alike.</summary>
internal sealed class StoreOptions
{
    /// <summary>A commit or a round trip that takes longer is told: in the log at most once a minute, in <c>doctor</c>, <c>status</c> and <c>explain</c>. Default 1 second; 10 milliseconds to 1 minute.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.01",
        "00:01:00",
        ErrorMessage = "Storage:SlowAfter must be 00:00:00.01 to 00:01:00"
    )]
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a file is kept that was sent (<c>POST /v1/attachments</c>, Telegram) and that no request, reply or task names. Default 24 hours; 1 hour to 365 days.</summary>
    [Range(
        typeof(TimeSpan),
        "01:00:00",
        "365.00:00:00",
        ErrorMessage = "Storage:UploadsKept must be 01:00:00 to 365.00:00:00"
    )]
    public TimeSpan UploadsKept { get; set; } = TimeSpan.FromHours(24);
}
