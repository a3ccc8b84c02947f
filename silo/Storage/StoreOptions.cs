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
}
