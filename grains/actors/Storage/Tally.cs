namespace Orchestrator.Grains.Storage;

/// <summary>What is counted of a day, in <see cref="Tally.Bucket"/>, unless the measure is a duration.</summary>
public enum TallyBucket
{
    /// <summary>Not used.</summary>
    None = 0,

    /// <summary>Tasks that ended well; of a host: its runs.</summary>
    Success = 1,

    /// <summary>Tasks that failed; of a host: its runs.</summary>
    Failed = 2,

    /// <summary>Tasks that were cancelled.</summary>
    Cancelled = 3,

    /// <summary>Millionths of a US dollar.</summary>
    CostMicroUsd = 4,

    /// <summary>All kinds of tokens.</summary>
    Tokens = 5,

    /// <summary>Runs that ended.</summary>
    Runs = 6,

    /// <summary>Turns that were put on a lane: counted by earlier releases, which did not know how they ended.</summary>
    Turns = 7,
}

/// <summary>A count of one day.</summary>
/// <param name="Measure">A name of <see cref="TallyMeasures"/>.</param>
/// <param name="Day">Days since 1970-01-01, UTC; 0 = all days that were asked for.</param>
/// <param name="Name">The type, host, requester or lane; else empty.</param>
/// <param name="Bucket">A <see cref="TallyBucket"/>, or the histogram's bucket of a duration.</param>
/// <param name="Amount">How much.</param>
public sealed record Tally(string Measure, int Day, string Name, int Bucket, long Amount);

/// <summary>What is counted by day.</summary>
public static class TallyMeasures
{
    /// <summary>Everything.</summary>
    public const string All = "all";

    /// <summary>By the task's kind.</summary>
    public const string Type = "type";

    /// <summary>Runs by the host that reported their end.</summary>
    public const string Host = "host";

    /// <summary>By who asked.</summary>
    public const string Requester = "requester";

    /// <summary>By the lane that the policy chose.</summary>
    public const string Lane = "lane";

    /// <summary>Durations of tasks, from their submission to their end.</summary>
    public const string Task = "task";

    /// <summary>Durations in a phase: this and its number.</summary>
    public const string Phase = "phase:";
}
