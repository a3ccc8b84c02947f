namespace Orchestrator.Decisions.Doors;

/// <summary>Wrong tokens that one address has shown. A block says what a wrong token is answered with; a right one always passes.</summary>
/// <param name="Count">Wrong ones since <paramref name="Since"/>.</param>
/// <param name="Since">When the first of them came, UTC.</param>
/// <param name="Blocks">How often in a row the address was blocked.</param>
/// <param name="BlockedUntil">UTC; in the past = not blocked.</param>
public sealed record FailedLogins(
    int Count,
    DateTimeOffset Since,
    int Blocks,
    DateTimeOffset BlockedUntil
)
{
    /// <summary>What is counted together.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>The first block; each further one is twice as long.</summary>
    public static readonly TimeSpan BlockMin = TimeSpan.FromMinutes(1);

    /// <summary>The longest block, and how long after one the address must be quiet until it is forgotten.</summary>
    public static readonly TimeSpan BlockMax = TimeSpan.FromHours(1);

    /// <summary>After one more wrong token.</summary>
    /// <param name="before">Null = the first.</param>
    /// <param name="now">UTC.</param>
    /// <param name="max">Wrong ones in a minute that are answered as such; one more begins a block.</param>
    public static FailedLogins After(FailedLogins? before, DateTimeOffset now, int max)
    {
        if (before is null || before.IsOver(now))
        {
            before = new FailedLogins(0, now, 0, DateTimeOffset.MinValue);
        }
        if (before.IsBlocked(now))
        {
            return before;
        }
        // A clock that went back must not keep a window open.
        var fresh =
            now - before.Since >= Window
            || now < before.Since
            || before.BlockedUntil > before.Since;
        var counted = fresh
            ? before with
            {
                Count = 1,
                Since = now,
            }
            : before with
            {
                Count = before.Count + 1,
            };
        if (counted.Count <= max)
        {
            return counted;
        }
        var length = Math.Min(BlockMin.Ticks << Math.Min(counted.Blocks, 16), BlockMax.Ticks);
        return counted with { Blocks = counted.Blocks + 1, BlockedUntil = now.AddTicks(length) };
    }

    /// <summary>True while wrong tokens are answered with "too many".</summary>
    public bool IsBlocked(DateTimeOffset now) => now < BlockedUntil;

    /// <summary>True when nothing of it matters any more.</summary>
    public bool IsOver(DateTimeOffset now) =>
        !IsBlocked(now) && now - Since >= Window && (Blocks == 0 || now - BlockedUntil >= BlockMax);

    /// <summary>Whole seconds until the block ends, at least 1.</summary>
    public int SecondsLeft(DateTimeOffset now) =>
        Math.Max(1, (int)Math.Ceiling((BlockedUntil - now).TotalSeconds));
}
