using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Silo.Settings;

/// <summary>Section <c>Slo</c>: goals that <c>health --gate</c> holds the server to.</summary>
internal sealed class SloOptions
{
    /// <summary>Share of ended tasks that must end well; cancelled ones do not count. Default 0.9; 0.5 to 1.</summary>
    [Range(0.5, 1.0, ErrorMessage = "Slo:SuccessRatio must be 0.5 to 1")]
    public double SuccessRatio { get; set; } = 0.9;

    /// <summary>Share of turns that must leave the queue within <see cref="StartWithin"/>. Default 0.95; 0.5 to 1.</summary>
    [Range(0.5, 1.0, ErrorMessage = "Slo:StartRatio must be 0.5 to 1")]
    public double StartRatio { get; set; } = 0.95;

    /// <summary>The longest wait in the queue that counts as good. Default 5 minutes; 1 second to 1 day.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "1.00:00:00",
        ErrorMessage = "Slo:StartWithin must be 00:00:01 to 1.00:00:00"
    )]
    public TimeSpan StartWithin { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Days that goals are judged over, today included (UTC). Default 7; 1 to 366.</summary>
    [Range(1, 366, ErrorMessage = "Slo:WindowDays must be 1 to 366")]
    public int WindowDays { get; set; } = 7;

    /// <summary>With fewer events in the window a goal is not judged. Default 20; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Slo:EventsMin must be 1 to 1,000,000")]
    public int EventsMin { get; set; } = 20;

    /// <summary>How long a task may be overdue, or the queue wait without a host, before it counts as stuck. Default 15 minutes; 1 second to 7 days.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "7.00:00:00",
        ErrorMessage = "Slo:StuckAfter must be 00:00:01 to 7.00:00:00"
    )]
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(15);
}
