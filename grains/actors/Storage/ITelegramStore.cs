namespace Orchestrator.Grains.Storage;

/// <summary>A message that is kept up to date.</summary>
/// <param name="Chat">Where it stands.</param>
/// <param name="Card">Its name in the chat.</param>
/// <param name="TaskId">The task that it is about.</param>
/// <param name="MessageId">Its number there; 0 = it was not sent yet.</param>
/// <param name="Wanted">What it should say.</param>
/// <param name="Told">What it says; empty = nothing yet.</param>
public sealed record ChatCardRow(
    long Chat,
    string Card,
    string TaskId,
    long MessageId,
    string Wanted,
    string Told
);

/// <summary>A chat that is told of a task.</summary>
/// <param name="Chat">The chat.</param>
/// <param name="Language">Two letters; empty = English.</param>
public sealed record ChatFollower(long Chat, string Language);

/// <summary>Somebody who was let in by a code.</summary>
/// <param name="User">The host's number of them.</param>
/// <param name="Role"><c>read</c>, <c>submit</c>, <c>operate</c>.</param>
/// <param name="At">When (UTC).</param>
public sealed record ChatPerson(long User, string Role, DateTimeOffset At);

/// <summary>A chat whose last message may or may not have arrived, because nobody heard the answer.</summary>
/// <param name="Chat">The chat.</param>
/// <param name="Message">Which: the outbox's number, or <c>card:</c> and the card's name.</param>
/// <param name="Floor">The highest number that any message is known to have had before; the one in doubt has a higher one.</param>
public sealed record ChatDoubt(long Chat, string Message, long Floor);

/// <summary>A message that arrived.</summary>
/// <param name="Chat">Where.</param>
/// <param name="MessageId">Its number there; 0 = it has none.</param>
/// <param name="TaskId">The task that it is about, or empty.</param>
/// <param name="Outbox">The outbox's rows that it settles.</param>
/// <param name="Words">What the last try brought.</param>
/// <param name="At">When (UTC).</param>
public sealed record ChatSent(
    long Chat,
    long MessageId,
    string TaskId,
    IReadOnlyList<long> Outbox,
    string Words,
    DateTimeOffset At
);

/// <summary>What the Telegram door remembers. Throws <see cref="StorageException"/> when the store cannot take or give anything; what is written is durable on return.</summary>
public interface ITelegramStore
{
    /// <summary>Chats for which something is due, in the outbox or as a card; whoever waits longest first.</summary>
    Task<IReadOnlyList<long>> ListChatsDueAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Says what a card should say. A card that was given up stays so.</summary>
    Task WantCardAsync(
        long chat,
        string card,
        string taskId,
        string text,
        DateTimeOffset due,
        CancellationToken cancellationToken
    );

    /// <summary>Says what a card should say at last. One that was never sent is not sent any more.</summary>
    Task EndCardAsync(
        long chat,
        string card,
        string text,
        DateTimeOffset at,
        CancellationToken cancellationToken
    );

    /// <summary>The chat's card that is due and waits longest, or null.</summary>
    Task<ChatCardRow?> NextCardAsync(
        long chat,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>The card says this now, and is not changed again before <paramref name="due"/>; its chat is in no doubt any more.</summary>
    Task ToldCardAsync(
        ChatCardRow card,
        long messageId,
        DateTimeOffset due,
        CancellationToken cancellationToken
    );

    /// <summary>The card is left as it is for good; its chat is in no doubt any more.</summary>
    Task GiveUpCardAsync(long chat, string card, CancellationToken cancellationToken);

    /// <summary>A message is about to be sent, and is in doubt until it is settled.</summary>
    Task DoubtAsync(ChatDoubt doubt, CancellationToken cancellationToken);

    /// <summary>Every doubt there is.</summary>
    Task<IReadOnlyList<ChatDoubt>> ListDoubtsAsync(CancellationToken cancellationToken);

    /// <summary>The message surely did not arrive.</summary>
    Task ClearDoubtAsync(long chat, CancellationToken cancellationToken);

    /// <summary>A message arrived: its rows of the outbox are delivered, it is known by its number, and the chat is in no doubt; all or nothing.</summary>
    Task SentAsync(ChatSent sent, CancellationToken cancellationToken);

    /// <summary>The task that a message is about; null = not known.</summary>
    Task<string?> FindTaskAsync(long chat, long messageId, CancellationToken cancellationToken);

    /// <summary>The highest number of a message that is known: of the chat, when it counts for itself, else of all that count together; 0 = none.</summary>
    Task<long> HighestMessageAsync(long chat, CancellationToken cancellationToken);

    /// <summary>The chat is told of the task.</summary>
    Task FollowAsync(
        string taskId,
        ChatFollower follower,
        DateTimeOffset at,
        CancellationToken cancellationToken
    );

    /// <summary>The chats that are told of a task.</summary>
    Task<IReadOnlyList<ChatFollower>> ListFollowersAsync(
        string taskId,
        CancellationToken cancellationToken
    );

    /// <summary>A code that lets one person in. Only its hash is given.</summary>
    Task AddCodeAsync(
        string hash,
        string role,
        DateTimeOffset expires,
        CancellationToken cancellationToken
    );

    /// <summary>Uses a code up: the role that it gave, or null when it is unknown, used or too old.</summary>
    Task<string?> PairAsync(
        string hash,
        long user,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Who was let in by a code.</summary>
    Task<IReadOnlyList<ChatPerson>> ListPeopleAsync(CancellationToken cancellationToken);

    /// <summary>Puts somebody out again; false when they were not in.</summary>
    Task<bool> RemovePersonAsync(long user, CancellationToken cancellationToken);

    /// <summary>The language that a user chose; null = none.</summary>
    Task<string?> FindLanguageAsync(long user, CancellationToken cancellationToken);

    /// <summary>A user chose a language; what is told in their own chat from now on is in it.</summary>
    Task ChooseLanguageAsync(long user, string language, CancellationToken cancellationToken);

    /// <summary>How many codes are neither used nor too old.</summary>
    Task<int> CountCodesAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Forgets messages, followers and cards that are older, and codes that are over.</summary>
    Task TrimAsync(DateTimeOffset before, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>Shapes of names in the shared inbox and outbox.</summary>
public static class TelegramNames
{
    /// <summary>The inbox's source.</summary>
    public const string Source = "telegram";

    private const string Prefix = "telegram:";

    /// <summary>Chats from here down count their messages for themselves; all others of a bot count together.</summary>
    public const long OwnCountBelow = -1_000_000_000_000;

    /// <summary>The outbox's endpoint of a chat.</summary>
    public static string EndpointOf(long chat) =>
        Prefix + chat.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The chat of an endpoint; null = it is none of ours.</summary>
    public static long? ChatOf(string endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return
            endpoint.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(
                endpoint.AsSpan(Prefix.Length),
                System.Globalization.NumberStyles.AllowLeadingSign,
                System.Globalization.CultureInfo.InvariantCulture,
                out var chat
            )
            ? chat
            : null;
    }
}
