using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Telegram;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Telegram;

/// <summary>Who gets in, and how often.</summary>
internal sealed class ChatGate(
    ITelegramStore store,
    IOptions<TelegramOptions> settings,
    TimeProvider time
)
{
    private const int RememberedMax = 10_000;
    private static readonly TimeSpan PeopleFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StrangersEvery = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly TelegramOptions options = settings.Value;
    private readonly Dictionary<long, Queue<DateTimeOffset>> work = [];
    private readonly Dictionary<long, DateTimeOffset> strangers = [];
    private IReadOnlyList<ChatPerson> people = [];
    private DateTimeOffset peopleAt;

    /// <summary>Groups that the bot talks in.</summary>
    public IReadOnlyCollection<long> Groups { get; } = TelegramSetup.ChatsOf(settings.Value);

    /// <summary>A user's role: the larger one of what the settings and a pairing say.</summary>
    public async Task<ChatRole> RoleOfAsync(long user, CancellationToken cancellationToken)
    {
        var role = options
            .Users.Where(u => TelegramOptions.Number(u.Key) == user)
            .Select(u => ChatAccess.RoleOf(u.Value) ?? ChatRole.None)
            .FirstOrDefault();
        if (time.GetUtcNow() - peopleAt > PeopleFor)
        {
            people = await store.ListPeopleAsync(cancellationToken);
            peopleAt = time.GetUtcNow();
        }
        var paired = people.FirstOrDefault(p => p.User == user) is { } person
            ? ChatAccess.RoleOf(person.Role) ?? ChatRole.None
            : ChatRole.None;
        return role > paired ? role : paired;
    }

    /// <summary>The language of whoever sent an update, two letters: what they chose, what the settings say, or what their Telegram says.</summary>
    public async Task<string> LanguageOfAsync(
        ChatUpdate update,
        CancellationToken cancellationToken
    )
    {
        var chosen =
            await store.FindLanguageAsync(update.User, cancellationToken)
            ?? options
                .Languages.Where(l => TelegramOptions.Number(l.Key) == update.User)
                .Select(l => l.Value)
                .FirstOrDefault()
            ?? update.Language;
        return ChatWords.Speaks(chosen) ? chosen : options.Language;
    }

    /// <summary>Somebody was let in: what was known of people is read again.</summary>
    public void Forget() => peopleAt = default;

    /// <summary>Zero when a user may ask for a piece of work now, which then counts; else how long it takes until they may.</summary>
    public TimeSpan TakeTurn(long user)
    {
        lock (gate)
        {
            var (now, window) = (
                time.GetUtcNow(),
                TimeSpan.FromSeconds(options.RequestsWindowSeconds)
            );
            Bound(work, q => q.Count == 0 || now - q.Last() > window);
            if (!work.TryGetValue(user, out var turns))
            {
                work[user] = turns = new Queue<DateTimeOffset>();
            }
            while (turns.Count > 0 && now - turns.Peek() >= window)
            {
                turns.Dequeue();
            }
            if (turns.Count >= options.RequestsMax)
            {
                return window - (now - turns.Peek());
            }
            turns.Enqueue(now);
            return TimeSpan.Zero;
        }
    }

    /// <summary>The piece of work came to nothing: it does not count.</summary>
    public void GiveBack(long user)
    {
        lock (gate)
        {
            if (work.TryGetValue(user, out var turns) && turns.Count > 0)
            {
                work[user] = new Queue<DateTimeOffset>(turns.SkipLast(1));
            }
        }
    }

    /// <summary>True when a stranger is told that the door is closed: once in ten minutes.</summary>
    public bool TellsStranger(long user)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            Bound(strangers, at => now - at > StrangersEvery);
            if (
                strangers.TryGetValue(user, out var told) && now - told < StrangersEvery
                || strangers.Count >= RememberedMax
            )
            {
                return false;
            }
            strangers[user] = now;
            return true;
        }
    }

    private static void Bound<T>(Dictionary<long, T> known, Func<T, bool> over)
    {
        if (known.Count < RememberedMax)
        {
            return;
        }
        foreach (var user in known.Where(k => over(k.Value)).Select(k => k.Key).ToList())
        {
            known.Remove(user);
        }
    }
}
