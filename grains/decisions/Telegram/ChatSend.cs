using System.Text.Json;

namespace Orchestrator.Decisions.Telegram;

/// <summary>How something is told.</summary>
public enum ChatSendKind
{
    /// <summary>A message.</summary>
    Message = 0,

    /// <summary>A document with a caption.</summary>
    Document = 1,

    /// <summary>The answer to a tap, which stops the button's waiting.</summary>
    TapAnswer = 2,
}

/// <summary>What a document holds; made when it is sent.</summary>
public enum ChatDocumentKind
{
    /// <summary>The text itself.</summary>
    Text = 0,

    /// <summary>A patch, by its blob.</summary>
    Patch = 1,

    /// <summary>The task's artifact.</summary>
    Artifact = 2,
}

/// <summary>Something to tell a chat, as it stands in the outbox. Redacted by whoever writes it there.</summary>
public sealed record ChatSend
{
    /// <summary>How.</summary>
    public ChatSendKind Kind { get; init; }

    /// <summary>Message, caption, or the tap's answer; plain text that fits into one message.</summary>
    public string Text { get; init; } = "";

    /// <summary>Rows of buttons.</summary>
    public IReadOnlyList<IReadOnlyList<ChatButton>> Buttons { get; init; } = [];

    /// <summary>The message that it answers; 0 = none.</summary>
    public long ReplyTo { get; init; }

    /// <summary>The task that it is about: whoever answers the message means it. Empty = none.</summary>
    public string TaskId { get; init; } = "";

    /// <summary>With a tap's answer: the tap.</summary>
    public string TapId { get; init; } = "";

    /// <summary>With a document: its file name.</summary>
    public string FileName { get; init; } = "";

    /// <summary>With a document: what it holds.</summary>
    public ChatDocumentKind Holds { get; init; }

    /// <summary>With a document: the text, or the patch's blob.</summary>
    public string Content { get; init; } = "";

    /// <summary>The language that it is in; empty = English.</summary>
    public string Language { get; init; } = "";

    /// <summary>True when several of these may be told as one message.</summary>
    public bool Gathers { get; init; }

    /// <summary>As it is stored.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>What was stored.</summary>
    /// <exception cref="JsonException">It is no such thing.</exception>
    public static ChatSend Read(ReadOnlyMemory<byte> body) =>
        JsonSerializer.Deserialize<ChatSend>(body.Span)
        ?? throw new JsonException("The message is null.");
}
