namespace Orchestrator.Decisions.Telegram;

/// <summary>
/// When the next message may be sent: about one a second to a chat, twenty a minute to a group, thirty a second over all, and
/// not before the host said so. Instants come as arguments; it keeps only what it needs of the last minute.
/// </summary>
public sealed class ChatPace
{
    /// <summary>Least time between two messages to one chat.</summary>
    public static TimeSpan ChatGap { get; } = TimeSpan.FromMilliseconds(1_050);

    /// <summary>Least time between two messages to one group: under twenty a minute.</summary>
    public static TimeSpan GroupGap { get; } = TimeSpan.FromMilliseconds(3_100);

    /// <summary>Least time between any two messages: under thirty a second.</summary>
    public static TimeSpan Gap { get; } = TimeSpan.FromMilliseconds(36);

    private const int RememberedMax = 10_000;
    private readonly Dictionary<long, DateTimeOffset> free = [];
    private DateTimeOffset allFree;
    private int failures;

    /// <summary>When something may be sent to the chat; in the past = now.</summary>
    public DateTimeOffset FreeAt(long chat)
    {
        var here = free.GetValueOrDefault(chat);
        return here > allFree ? here : allFree;
    }

    /// <summary>True while the last call did not get through.</summary>
    public bool IsTroubled => failures > 0;

    /// <summary>When something may be sent to any chat at all.</summary>
    public DateTimeOffset AllFreeAt => allFree;

    /// <summary>A call is about to be made.</summary>
    public void Sending(long chat, DateTimeOffset now)
    {
        var next = now + Gap;
        Rest(next);
        Hold(chat, now + GapOf(chat), now);
    }

    /// <summary>The call has ended. The host may have met it only now, and counts from when it did.</summary>
    public void Sent(long chat, DateTimeOffset now) => Hold(chat, now + GapOf(chat), now);

    /// <summary>The host answered, whatever it said but that it is overloaded.</summary>
    public void Answered() => failures = 0;

    /// <summary>The host asked for a pause. What it says is about the chat; when it says so of several in a row, about all.</summary>
    public void Slowed(long chat, TimeSpan pause, DateTimeOffset now)
    {
        failures++;
        Hold(chat, now + pause, now);
        if (failures > 2)
        {
            Rest(now + pause);
        }
    }

    /// <summary>The host is out of reach: everything rests, longer each time, a minute at most.</summary>
    public void Unreachable(DateTimeOffset now)
    {
        failures++;
        Rest(now + TimeSpan.FromSeconds(Math.Min(60, 1 << Math.Min(failures - 1, 6))));
    }

    // Never shorter than what was asked for before.
    private void Rest(DateTimeOffset until) => allFree = until > allFree ? until : allFree;

    private static TimeSpan GapOf(long chat) => chat < 0 ? GroupGap : ChatGap;

    private void Hold(long chat, DateTimeOffset until, DateTimeOffset now)
    {
        if (free.Count >= RememberedMax)
        {
            foreach (var over in free.Where(f => f.Value <= now).Select(f => f.Key).ToList())
            {
                free.Remove(over);
            }
        }
        free[chat] = until > free.GetValueOrDefault(chat) ? until : free[chat];
    }
}
