using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Silo.Settings;

/// <summary>Section <c>Scanner</c>.</summary>
internal sealed class ScannerOptions
{
    /// <summary>Time between two looks of the scanner's guard. Default 1 minute; 1 second to 1 hour.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "01:00:00",
        ErrorMessage = "Scanner:GuardPeriod must be 00:00:01 to 01:00:00"
    )]
    public TimeSpan GuardPeriod { get; set; } = TimeSpan.FromMinutes(1);
}
