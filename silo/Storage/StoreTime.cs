using System.Globalization;

namespace Orchestrator.Silo.Storage;

/// <summary>
/// The time of the cluster: this machine's clock, corrected to the database's when the two differ. Deadlines, wake-ups and
/// the instants of facts travel between silos; each would otherwise be judged by another machine's idea of now. Timers and
/// elapsed times are the machine's own.
/// </summary>
internal sealed class StoreTime(TimeProvider machine) : TimeProvider
{
    /// <summary>What is left uncorrected: less than this is not told from the way to the database.</summary>
    public static readonly TimeSpan Bearable = TimeSpan.FromSeconds(1);

    /// <summary>A difference that people are told of.</summary>
    public static readonly TimeSpan Told = TimeSpan.FromSeconds(5);

    private long skewTicks;
    private long correctionTicks;

    /// <summary>How far this machine's clock is ahead of the database's, as last seen; negative = behind.</summary>
    public TimeSpan Skew => new(Interlocked.Read(ref skewTicks));

    /// <summary>What is added to this machine's clock; zero while it is near enough.</summary>
    public TimeSpan Correction => new(Interlocked.Read(ref correctionTicks));

    /// <summary>What is wrong with this machine's clock, with the cure; empty when it is near enough.</summary>
    public string Problem => ProblemOf(Skew);

    /// <summary>What is wrong with a clock that is so far ahead; empty when it is near enough.</summary>
    public static string ProblemOf(TimeSpan skew) =>
        skew.Duration() <= Told
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"This machine's clock is {skew.Duration().TotalSeconds:0.0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the database's. The silo reckons with the database's, so that tasks are not harmed; set the clock right (NTP: timedatectl set-ntp true, or w32tm /resync on Windows)."
            );

    /// <inheritdoc />
    public override long TimestampFrequency => machine.TimestampFrequency;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    /// <summary>Takes a measurement: the database's instant, asked for between two of the machine's.</summary>
    public void Saw(DateTimeOffset store, DateTimeOffset before, TimeSpan roundTrip)
    {
        var skew = before + (roundTrip / 2) - store;
        Interlocked.Exchange(ref skewTicks, skew.Ticks);
        var left = skew + Correction;
        if (left.Duration() > Bearable + (roundTrip / 2))
        {
            Interlocked.Exchange(ref correctionTicks, skew.Duration() > Bearable ? -skew.Ticks : 0);
        }
    }

    /// <summary>The machine's own clock.</summary>
    public DateTimeOffset MachineNow() => machine.GetUtcNow();

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() + Correction;

    /// <inheritdoc />
    public override long GetTimestamp() => machine.GetTimestamp();

    /// <inheritdoc />
    public override ITimer CreateTimer(
        TimerCallback callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    ) => machine.CreateTimer(callback, state, dueTime, period);
}
