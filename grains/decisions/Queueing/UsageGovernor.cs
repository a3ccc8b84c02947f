using Orchestrator.GrainInterfaces.Queueing;

namespace Orchestrator.Decisions.Queueing;

/// <summary>When an agent's account whose usage limit was met may be used again.</summary>
public static class UsageGovernor
{
    /// <summary>The first guess when nobody says when the limit ends; it doubles up to <see cref="GuessMax"/>.</summary>
    public static readonly TimeSpan GuessFirst = TimeSpan.FromMinutes(30);

    /// <summary>The longest guess.</summary>
    public static readonly TimeSpan GuessMax = TimeSpan.FromHours(4);

    /// <summary>The longest limit that is believed: weekly windows are the longest there are.</summary>
    public static readonly TimeSpan BelievedMax = TimeSpan.FromDays(8);

    private const int GuessesMax = 16;

    /// <summary>An account that nobody has heard of a limit of.</summary>
    public static UsageWindow Open(string account) => new(account, 0, null, false);

    /// <summary>A run met the limit. What it says of the end is believed when it lies ahead, and not absurdly far.</summary>
    public static UsageWindow Reached(
        UsageWindow window,
        DateTimeOffset? resetAt,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(window);
        if (resetAt > now && resetAt <= now + BelievedMax)
        {
            return window.ClosedUntil == resetAt && !window.Guessed
                ? window
                : window with
                {
                    Version = window.Version + 1,
                    ClosedUntil = resetAt,
                    Guessed = false,
                    Guesses = 0,
                };
        }
        if (window.ClosedUntil > now)
        {
            // Its neighbours met the same limit.
            return window;
        }
        var guesses = Math.Min(window.Guesses + 1, GuessesMax);
        var pause = GuessFirst * Math.Pow(2, guesses - 1);
        return window with
        {
            Version = window.Version + 1,
            ClosedUntil = now + (pause < GuessMax ? pause : GuessMax),
            Guessed = true,
            Guesses = guesses,
        };
    }

    /// <summary>The account works.</summary>
    public static UsageWindow Worked(UsageWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return window.ClosedUntil is null
            ? window
            : window with
            {
                Version = window.Version + 1,
                ClosedUntil = null,
                Guessed = false,
                Guesses = 0,
            };
    }

    /// <summary>True when a host of the account may begin a run now, while <paramref name="used"/> slots of the account are taken.</summary>
    public static bool MayBegin(UsageWindow? window, int used, DateTimeOffset now) =>
        window?.ClosedUntil is not { } until || (until <= now && (!window.Guessed || used == 0));
}
