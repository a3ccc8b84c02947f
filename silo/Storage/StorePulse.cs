using Microsoft.Extensions.Options;

namespace Orchestrator.Silo.Storage;

/// <summary>How quickly the store answers: the slowest commit or round trip of the last minute, one that is still under way included.</summary>
internal sealed partial class StorePulse(
    TimeProvider time,
    IOptions<StoreOptions> options,
    ILogger<StorePulse> logger
)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private (TimeSpan Took, string What, long At)? worst;
    private (string What, int Operations, long At)? underWay;
    private long toldAt;

    /// <summary>The last round trip of a small read; null before the first.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>Called after each commit, from the writer: how long it took, and how many operations shared it.</summary>
    public Action<TimeSpan, int>? Committed { get; set; }

    /// <summary>What to do about a slow store; set by who knows which it is.</summary>
    public string Cure { get; set; } = "";

    /// <summary>A sentence with the time and the cure while the store is slow; else empty.</summary>
    public string Problem
    {
        get
        {
            var (took, what) = Slowest();
            return took <= options.Value.SlowAfter
                ? ""
                : string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"The database answers slowly ({took.TotalMilliseconds:0} ms for {what}). {Cure}"
                );
        }
    }

    /// <summary>A commit begins. One at a time.</summary>
    public void Begin(string what, int operations)
    {
        lock (gate)
        {
            underWay = (what, operations, time.GetTimestamp());
        }
    }

    /// <summary>The commit that was begun ended, well or badly.</summary>
    public void End()
    {
        (string What, int Operations, long At)? ended;
        lock (gate)
        {
            (ended, underWay) = (underWay, null);
        }
        if (ended is { } commit)
        {
            var took = time.GetElapsedTime(commit.At);
            Committed?.Invoke(took, commit.Operations);
            Took(commit.What, took);
        }
    }

    /// <summary>A small read took so long.</summary>
    public void Answered(TimeSpan took)
    {
        RoundTrip = took;
        Took("a round trip", took);
    }

    /// <summary>Says that the store is slow, at most once a minute.</summary>
    public void Tell()
    {
        var problem = Problem;
        lock (gate)
        {
            if (problem.Length == 0 || (toldAt > 0 && time.GetElapsedTime(toldAt) < Remembered))
            {
                return;
            }
            toldAt = time.GetTimestamp();
        }
        LogSlow(logger, problem);
    }

    private void Took(string what, TimeSpan took)
    {
        if (took <= options.Value.SlowAfter)
        {
            return;
        }
        lock (gate)
        {
            if (
                worst is not { } known
                || took >= known.Took
                || time.GetElapsedTime(known.At) > Remembered
            )
            {
                worst = (took, what, time.GetTimestamp());
            }
        }
        Tell();
    }

    private (TimeSpan Took, string What) Slowest()
    {
        lock (gate)
        {
            var (took, what) =
                worst is { } known && time.GetElapsedTime(known.At) <= Remembered
                    ? (known.Took, known.What)
                    : (TimeSpan.Zero, "");
            return
                underWay is { } running
                && time.GetElapsedTime(running.At) is var since
                && since > took
                ? (since, running.What)
                : (took, what);
        }
    }

    [LoggerMessage(EventId = 2531, Level = LogLevel.Warning, Message = "{Problem}")]
    private static partial void LogSlow(ILogger logger, string problem);
}
