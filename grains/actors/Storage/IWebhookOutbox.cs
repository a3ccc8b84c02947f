namespace Orchestrator.Grains.Storage;

/// <summary>What became of a message.</summary>
public enum OutboxState
{
    /// <summary>To be sent, not before its due instant.</summary>
    Waiting = 0,

    /// <summary>The endpoint answered 2xx.</summary>
    Delivered = 1,

    /// <summary>Given up. A resend makes it wait again.</summary>
    Dead = 2,
}

/// <summary>A message to write.</summary>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="MessageId">With the endpoint it is unique.</param>
/// <param name="Event">The event's type.</param>
/// <param name="Body">JSON, redacted.</param>
/// <param name="At">UTC.</param>
/// <param name="Expires">Not sent after it (UTC).</param>
public sealed record OutboxMessage(
    string Endpoint,
    string MessageId,
    string Event,
    ReadOnlyMemory<byte> Body,
    DateTimeOffset At,
    DateTimeOffset Expires
)
{
    /// <summary>Not sent before (UTC); null = at once.</summary>
    public DateTimeOffset? Due { get; init; }
}

/// <summary>A stored message without its body.</summary>
/// <param name="Id">Its number; later ones are higher.</param>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="MessageId">The same in every repeat.</param>
/// <param name="Event">The event's type.</param>
/// <param name="At">When it was made (UTC).</param>
/// <param name="State">What became of it.</param>
/// <param name="Tries">How often it was sent.</param>
/// <param name="Due">Not sent before (UTC).</param>
/// <param name="Expires">Not sent after (UTC).</param>
/// <param name="Status">The last answer's HTTP status; 0 = there was none.</param>
/// <param name="SettledAt">When it was delivered or given up (UTC); null = it waits.</param>
/// <param name="Words">What the last try brought; redacted.</param>
public sealed record OutboxEntry(
    long Id,
    string Endpoint,
    string MessageId,
    string Event,
    DateTimeOffset At,
    OutboxState State,
    int Tries,
    DateTimeOffset Due,
    DateTimeOffset Expires,
    int Status,
    DateTimeOffset? SettledAt,
    string Words
);

/// <summary>What a try of sending brought.</summary>
/// <param name="Id">The message.</param>
/// <param name="State">What it is now.</param>
/// <param name="Tries">How often it was sent.</param>
/// <param name="Due">While it waits: not sent before.</param>
/// <param name="Status">HTTP status or 0.</param>
/// <param name="Words">Redacted.</param>
/// <param name="At">When (UTC).</param>
public sealed record OutboxResult(
    long Id,
    OutboxState State,
    int Tries,
    DateTimeOffset Due,
    int Status,
    string Words,
    DateTimeOffset At
);

/// <summary>Which messages to list.</summary>
/// <param name="Endpoint">Only this one's; null = all.</param>
/// <param name="State">Only these; null = all.</param>
/// <param name="Before">Numbers below it: where a page goes on; null = from the newest.</param>
/// <param name="Max">1 to 1,000.</param>
public sealed record OutboxFilter(string? Endpoint, OutboxState? State, long? Before, int Max);

/// <summary>What waits.</summary>
/// <param name="Telegram">True: messages of chats; false: of webhooks' endpoints.</param>
/// <param name="Waiting">How many.</param>
/// <param name="Oldest">When the oldest of those that are due, or were tried, was made (UTC); null = there is none.</param>
public sealed record OutboxBacklog(bool Telegram, long Waiting, DateTimeOffset? Oldest);

/// <summary>Messages to endpoints, kept until they are delivered or dead and for a while after. Throws <see cref="StorageException"/> when the store cannot take or give anything.</summary>
public interface IWebhookOutbox
{
    /// <summary>Stores it; durable on return. One that is there already stays as it is.</summary>
    Task AddAsync(OutboxMessage message, CancellationToken cancellationToken);

    /// <summary>What waits for an endpoint and is due, the oldest first, with the bodies.</summary>
    Task<IReadOnlyList<(OutboxEntry Entry, ReadOnlyMemory<byte> Body)>> NextAsync(
        string endpoint,
        DateTimeOffset now,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>Notes what a try brought. One that does not wait any more stays as it is.</summary>
    Task NoteAsync(OutboxResult result, CancellationToken cancellationToken);

    /// <summary>The newest first.</summary>
    Task<IReadOnlyList<OutboxEntry>> ListAsync(
        OutboxFilter filter,
        CancellationToken cancellationToken
    );

    /// <summary>What waits of each kind; a kind of which nothing waits is left out.</summary>
    Task<IReadOnlyList<OutboxBacklog>> CountWaitingAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Makes a settled one wait again until <paramref name="expires"/>, and opens its endpoint. The endpoint's name; null when there is no such message.</summary>
    Task<string?> ResendAsync(
        long id,
        DateTimeOffset now,
        DateTimeOffset expires,
        CancellationToken cancellationToken
    );

    /// <summary>Closes an endpoint: all that waits for it is dead. Its message ids are not sent until a resend opens it.</summary>
    Task CloseAsync(
        string endpoint,
        string words,
        DateTimeOffset at,
        CancellationToken cancellationToken
    );

    /// <summary>The closed endpoints with the words of their closing.</summary>
    Task<IReadOnlyDictionary<string, string>> ListClosedAsync(CancellationToken cancellationToken);

    /// <summary>Removes settled ones made before an instant, and all but the newest <paramref name="rowsMax"/>. What waits is never removed.</summary>
    Task<int> TrimAsync(DateTimeOffset before, int rowsMax, CancellationToken cancellationToken);
}
