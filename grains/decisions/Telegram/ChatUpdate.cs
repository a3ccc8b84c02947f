namespace Orchestrator.Decisions.Telegram;

/// <summary>What kind of thing happened in a chat.</summary>
public enum ChatEvent
{
    /// <summary>Nothing that concerns us.</summary>
    Other = 0,

    /// <summary>Somebody wrote, or sent a document.</summary>
    Message = 1,

    /// <summary>Somebody changed a message of theirs.</summary>
    Edited = 2,

    /// <summary>Somebody tapped a button.</summary>
    Tap = 3,

    /// <summary>The bot was put out of a chat or blocked.</summary>
    Removed = 4,
}

/// <summary>A document that somebody sent.</summary>
/// <param name="FileId">The host's name of it.</param>
/// <param name="Name">As it was sent; not trusted.</param>
/// <param name="Bytes">As the host says; 0 = it did not.</param>
/// <param name="MediaType">As it was sent; not trusted.</param>
public sealed record ChatDocument(string FileId, string Name, long Bytes, string MediaType);

/// <summary>Something that happened in a chat, read from the host's JSON. Nothing in it is trusted but the numbers of chat and user, which the host vouches for.</summary>
public sealed record ChatUpdate
{
    /// <summary>The host's number of it.</summary>
    public long Id { get; init; }

    /// <summary>What happened.</summary>
    public ChatEvent Event { get; init; }

    /// <summary>Where; negative = a group.</summary>
    public long Chat { get; init; }

    /// <summary>Who; 0 = nobody that can be named.</summary>
    public long User { get; init; }

    /// <summary>True when a program wrote it.</summary>
    public bool ByBot { get; init; }

    /// <summary>The user's language, two letters; empty = not said.</summary>
    public string Language { get; init; } = "";

    /// <summary>The message's number in its chat; with a tap, of the message whose button it was.</summary>
    public long Message { get; init; }

    /// <summary>The words, or a document's caption.</summary>
    public string Text { get; init; } = "";

    /// <summary>The message that it answers; 0 = none.</summary>
    public long ReplyTo { get; init; }

    /// <summary>What was sent along, or null.</summary>
    public ChatDocument? Document { get; init; }

    /// <summary>The tap's own id.</summary>
    public string TapId { get; init; } = "";

    /// <summary>What the tapped button carries; only as trustworthy as whoever taps.</summary>
    public string TapData { get; init; } = "";

    /// <summary>True in a group.</summary>
    public bool InGroup => Chat < 0;
}
