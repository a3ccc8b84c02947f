namespace Orchestrator.Grains.Storage;

/// <summary>What became of a delivery.</summary>
public enum InboxState
{
    /// <summary>Stored and not handled yet, or to be handled again at its due instant.</summary>
    Waiting = 0,

    /// <summary>Handed on, and somebody took it.</summary>
    Processed = 1,

    /// <summary>Read, and nobody's business here; the words say why.</summary>
    Ignored = 2,

    /// <summary>Given up; the words say why. A replay makes it wait again.</summary>
    Failed = 3,
}

/// <summary>A delivery whose signature was right.</summary>
/// <param name="Source"><c>github</c>, <c>linear</c>, <c>jira</c>, <c>telegram</c>.</param>
/// <param name="DeliveryId">The host's id, or <c>sha256-</c> and the body's hash; at most 200 characters. With the source it is unique.</param>
/// <param name="Event">The host's name of the event, or empty; at most 100 characters.</param>
/// <param name="Body">JSON as it came; neither redacted nor trusted.</param>
/// <param name="At">When it came (UTC).</param>
public sealed record InboxDelivery(
    string Source,
    string DeliveryId,
    string Event,
    ReadOnlyMemory<byte> Body,
    DateTimeOffset At
)
{
    /// <summary>True: handled in the order of receipt by whoever asks for the source; never due for anybody else.</summary>
    public bool Ordered { get; init; }
}

/// <summary>A stored delivery without its body.</summary>
/// <param name="Id">Its number; later ones are higher.</param>
/// <param name="Source">The host's kind.</param>
/// <param name="DeliveryId">The host's id.</param>
/// <param name="Event">The host's name of the event.</param>
/// <param name="SizeBytes">Of the body as it came.</param>
/// <param name="At">When it came (UTC).</param>
/// <param name="State">What became of it.</param>
/// <param name="Tries">How often handling it was tried and failed.</param>
/// <param name="Due">Not handled before (UTC).</param>
/// <param name="SettledAt">When it was handled or given up (UTC); null = it waits.</param>
/// <param name="Words">Why; redacted.</param>
public sealed record InboxEntry(
    long Id,
    string Source,
    string DeliveryId,
    string Event,
    int SizeBytes,
    DateTimeOffset At,
    InboxState State,
    int Tries,
    DateTimeOffset Due,
    DateTimeOffset? SettledAt,
    string Words
);

/// <summary>Which deliveries to list.</summary>
/// <param name="Source">Only this host's; null = all.</param>
/// <param name="State">Only these; null = all.</param>
/// <param name="Since">Not older (UTC); null = all.</param>
/// <param name="Before">Numbers below it: where a page goes on; null = from the newest.</param>
/// <param name="Max">1 to 1,000.</param>
public sealed record InboxFilter(
    string? Source,
    InboxState? State,
    DateTimeOffset? Since,
    long? Before,
    int Max
);

/// <summary>Deliveries of webhooks, kept until they are handled and for a while after. Throws <see cref="StorageException"/> when the store cannot take or give anything.</summary>
public interface IWebhookInbox
{
    /// <summary>Stores it; durable on return. False when the source sent that id before: nothing is changed, and the first one is durable too.</summary>
    Task<bool> ReceiveAsync(InboxDelivery delivery, CancellationToken cancellationToken);

    /// <summary>What waits and is due, the oldest first, with the bodies.</summary>
    Task<IReadOnlyList<(InboxEntry Entry, ReadOnlyMemory<byte> Body)>> NextAsync(
        DateTimeOffset now,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>What waits of a source whose deliveries are ordered, in the order of their receipt, with the bodies.</summary>
    Task<IReadOnlyList<(InboxEntry Entry, ReadOnlyMemory<byte> Body)>> NextInOrderAsync(
        string source,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>The body of a delivery, or null when there is none.</summary>
    Task<ReadOnlyMemory<byte>?> FindBodyAsync(
        string source,
        string deliveryId,
        CancellationToken cancellationToken
    );

    /// <summary>How many wait, due or not.</summary>
    Task<long> CountWaitingAsync(CancellationToken cancellationToken);

    /// <summary>It was handled or given up. One that does not wait any more stays as it is.</summary>
    Task SettleAsync(
        long id,
        InboxState state,
        string words,
        DateTimeOffset at,
        CancellationToken cancellationToken
    );

    /// <summary>Handling it failed: it waits on.</summary>
    Task PostponeAsync(
        long id,
        int tries,
        DateTimeOffset due,
        string words,
        CancellationToken cancellationToken
    );

    /// <summary>The newest first.</summary>
    Task<IReadOnlyList<InboxEntry>> ListAsync(
        InboxFilter filter,
        CancellationToken cancellationToken
    );

    /// <summary>Makes a settled one wait again, with all its tries. False when there is none; one that waits already is a success.</summary>
    Task<bool> ReplayAsync(long id, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes settled ones that came before an instant, and all but the newest <paramref name="rowsMax"/>. What waits is never removed.</summary>
    /// <returns>How many went.</returns>
    Task<int> TrimAsync(DateTimeOffset before, int rowsMax, CancellationToken cancellationToken);
}
