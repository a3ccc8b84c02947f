using Orchestrator.Decisions.Telegram;

namespace Orchestrator.Grains.Telegram;

/// <summary>What the host of chats answered.</summary>
/// <param name="Status">HTTP status; 0 = none came, and the words say why.</param>
/// <param name="MessageId">The message's number in its chat; 0 = there is none.</param>
/// <param name="Words">For people; not redacted yet.</param>
/// <param name="RetryAfter">What it asked to wait, or null.</param>
public sealed record ChatAnswer(
    int Status,
    long MessageId = 0,
    string Words = "",
    TimeSpan? RetryAfter = null
)
{
    /// <summary>It was done.</summary>
    public bool Done => Status is >= 200 and < 300;

    /// <summary>Nobody knows whether it was done.</summary>
    public bool InDoubt => Status is 0 or >= 500;

    /// <summary>An edit that changes nothing: the message is there and says just that.</summary>
    public bool IsUnchanged =>
        Status == 400 && Words.Contains("not modified", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Updates that wait at the host.</summary>
/// <param name="Answer">How asking went.</param>
/// <param name="Updates">Number and JSON of each, in order.</param>
public sealed record ChatPoll(
    ChatAnswer Answer,
    IReadOnlyList<(long Id, ReadOnlyMemory<byte> Body)> Updates
);

/// <summary>How the door is set up.</summary>
/// <param name="IsOpen">False: nobody configured a bot, and nothing is done.</param>
/// <param name="Webhook">True: the host brings updates; else it is asked for them.</param>
/// <param name="EditEvery">Least time between two changes of one card.</param>
/// <param name="NoticeChat">A chat that is told how every task ends; 0 = none.</param>
/// <param name="Quiet">When notices are told.</param>
/// <param name="Zone">Whose local time that is.</param>
/// <param name="Language">Spoken where no user's language is known, two letters.</param>
public sealed record ChatDoor(
    bool IsOpen,
    bool Webhook,
    TimeSpan EditEvery,
    long NoticeChat,
    QuietHours Quiet,
    TimeZoneInfo Zone,
    string Language
);

/// <summary>The host of chats. Never throws for what the network or the host does.</summary>
public interface IChatHost
{
    /// <summary>How the door is set up.</summary>
    ChatDoor Door { get; }

    /// <summary>Prepares the host for the way that updates come by, and tells it our commands. May be asked again.</summary>
    Task<ChatAnswer> PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Waits for updates; those below <paramref name="offset"/> are confirmed by it.</summary>
    Task<ChatPoll> PollAsync(long offset, CancellationToken cancellationToken);

    /// <summary>Tells a chat something; a document with its bytes.</summary>
    Task<ChatAnswer> SendAsync(
        long chat,
        ChatSend send,
        ReadOnlyMemory<byte> document,
        CancellationToken cancellationToken
    );

    /// <summary>Changes a message's words, or with a document its caption.</summary>
    Task<ChatAnswer> EditAsync(
        long chat,
        long messageId,
        ChatSend send,
        CancellationToken cancellationToken
    );
}

/// <summary>Answers updates: does what they ask for, and says what to tell.</summary>
public interface IChatDesk
{
    /// <summary>Does what an update asks for. Called again for the same update after a crash or a fault: what was done before is not done twice, and the answer is the same in meaning.</summary>
    /// <param name="update">What came; several messages that were one text are one here.</param>
    /// <param name="parts">Numbers of the updates that it was put together from.</param>
    /// <param name="at">When the first of them came (UTC).</param>
    /// <param name="again">True: it was begun before.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What to tell the update's chat, in order.</returns>
    Task<IReadOnlyList<ChatSend>> HandleAsync(
        ChatUpdate update,
        IReadOnlyList<long> parts,
        DateTimeOffset at,
        bool again,
        CancellationToken cancellationToken
    );

    /// <summary>The language of whoever sent an update, two letters: what they chose, what the settings say, or what their Telegram says.</summary>
    Task<string> LanguageOfAsync(ChatUpdate update, CancellationToken cancellationToken);
}

/// <summary>Makes the bytes of documents.</summary>
public interface IChatDocuments
{
    /// <summary>The document, redacted; null = what it was made from is gone.</summary>
    Task<ReadOnlyMemory<byte>?> MakeAsync(ChatSend send, CancellationToken cancellationToken);
}
