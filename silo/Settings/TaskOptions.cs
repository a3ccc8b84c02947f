using System.ComponentModel.DataAnnotations;
using Orchestrator.Decisions.Queueing;

namespace Orchestrator.Silo.Settings;

/// <summary>Section <c>Task</c>: bounds of a task's life.</summary>
internal sealed class TaskOptions
{
    /// <summary>Wall clock of a run that names none. Default 30 minutes; 1 second to 24 hours.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "1.00:00:00",
        ErrorMessage = "Task:RunTimeMax must be 00:00:01 to 1.00:00:00"
    )]
    public TimeSpan RunTimeMax { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Longest silence of an agent. Default 5 minutes; 1 second to 24 hours.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "1.00:00:00",
        ErrorMessage = "Task:SilenceMax must be 00:00:01 to 1.00:00:00"
    )]
    public TimeSpan SilenceMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Runs that count against a turn. Default 4; 1 to 20.</summary>
    [Range(1, 20, ErrorMessage = "Task:TriesMax must be 1 to 20")]
    public int TriesMax { get; set; } = 4;

    /// <summary>Turns of a task. Default 2,000; 1 to 100,000.</summary>
    [Range(1, 100_000, ErrorMessage = "Task:TurnsMax must be 1 to 100,000")]
    public int TurnsMax { get; set; } = 2_000;

    /// <summary>Replies that may wait for their turn in one task; one more is refused. Default 20; 1 to 1,000.</summary>
    [Range(1, 1_000, ErrorMessage = "Task:RepliesWaitingMax must be 1 to 1,000")]
    public int RepliesWaitingMax { get; set; } = 20;

    /// <summary>After how long whoever is asked for an approval is reminded, once. Default 4 hours; 1 second to 90 days.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "90.00:00:00",
        ErrorMessage = "Task:ApprovalRemindAfter must be 00:00:01 to 90.00:00:00"
    )]
    public TimeSpan ApprovalRemindAfter { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How long a question to a person stands. Default 3 days; 1 second to 90 days.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "90.00:00:00",
        ErrorMessage = "Task:ApprovalWaitMax must be 00:00:01 to 90.00:00:00"
    )]
    public TimeSpan ApprovalWaitMax { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Commands that one turn may ask people about (policy: commands, ask); the next one ends the turn. Default 5; 1 to 100.</summary>
    [Range(1, 100, ErrorMessage = "Task:AskedCommandsMax must be 1 to 100")]
    public int AskedCommandsMax { get; set; } = 5;

    /// <summary>How long the local model's questions wait for an answer before its assumptions stand. Default 1 hour; 1 second to 90 days.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "90.00:00:00",
        ErrorMessage = "Task:QuestionsWaitMax must be 00:00:01 to 90.00:00:00"
    )]
    public TimeSpan QuestionsWaitMax { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Constraints that one task may have. Default 50; 1 to 1,000.</summary>
    [Range(1, 1_000, ErrorMessage = "Task:ConstraintsMax must be 1 to 1,000")]
    public int ConstraintsMax { get; set; } = 50;
}

/// <summary>Section <c>Queue</c>.</summary>
internal sealed class QueueOptions
{
    /// <summary>Accepted tasks that have not reached a slot; one more is refused. Default 10,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Queue:SizeMax (MAX_QUEUE_SIZE) must be 1 to 1,000,000")]
    public int SizeMax { get; set; } = 10_000;

    /// <summary>
    /// What is done about tasks that touch the same paths of one repository at the same time: <c>off</c>, <c>flag</c> (both
    /// run, and say so) or <c>serialise</c> (one waits for its slot until the other has let go of its own). Default flag.
    /// </summary>
    public OverlapMode Overlap { get; set; } = OverlapMode.Flag;

    /// <summary>Slots that the lane <c>high</c> may hold at once, all hosts. Default 0 = all of them; 0 to 10,000.</summary>
    [Range(0, 10_000, ErrorMessage = "Queue:HighSlotsMax must be 0 to 10,000")]
    public int HighSlotsMax { get; set; }

    /// <summary>Slots that the lane <c>medium</c> may hold at once, all hosts. Default 0 = all of them; 0 to 10,000.</summary>
    [Range(0, 10_000, ErrorMessage = "Queue:MediumSlotsMax must be 0 to 10,000")]
    public int MediumSlotsMax { get; set; }

    /// <summary>Slots that the lane <c>low</c> may hold at once, all hosts. Default 0 = all of them; 0 to 10,000.</summary>
    [Range(0, 10_000, ErrorMessage = "Queue:LowSlotsMax must be 0 to 10,000")]
    public int LowSlotsMax { get; set; }
}
