using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Silo.Intake;

/// <summary>Section <c>Intake</c>: the watched folder <c>tasks/</c> of the data directory.</summary>
internal sealed class IntakeOptions
{
    /// <summary>False: nobody looks at the folder. Default true.</summary>
    public bool Watch { get; set; } = true;

    /// <summary>How long a file must have been left alone before it is read. Default 0.25 seconds.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.05",
        "00:01:00",
        ErrorMessage = "Intake:Debounce must be 00:00:00.05 to 00:01:00"
    )]
    public TimeSpan Debounce { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a file that cannot be read must have been left alone before it is moved aside: its writer may only be slow. Default 2 seconds.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.05",
        "00:10:00",
        ErrorMessage = "Intake:Settle must be 00:00:00.05 to 00:10:00"
    )]
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the folder is looked at without having been told of a change. Default 10 seconds.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.2",
        "01:00:00",
        ErrorMessage = "Intake:Rescan must be 00:00:00.2 to 01:00:00"
    )]
    public TimeSpan Rescan { get; set; } = TimeSpan.FromSeconds(10);
}
