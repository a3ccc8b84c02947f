using System.Text.Json.Serialization;

namespace Orchestrator.GrainInterfaces.Api;

/// <summary>Body of <c>POST /webhooks/{source}</c>: whatever the host sends, a JSON object. Its members are the host's.</summary>
public sealed record WebhookPayload;

/// <summary>Answer of <c>POST /webhooks/{source}</c>: the delivery is durable.</summary>
/// <param name="DeliveryId">The host's id, or <c>sha256-</c> and the body's hash.</param>
/// <param name="Duplicate">It was stored before; nothing is done twice.</param>
public sealed record WebhookReceipt(string DeliveryId, bool Duplicate);

/// <summary>A delivery of the inbox, without its body.</summary>
/// <param name="Id">Its number; later ones are higher.</param>
/// <param name="Source"><c>github</c>, <c>linear</c>, <c>jira</c>.</param>
/// <param name="DeliveryId">The host's id.</param>
/// <param name="Event">The host's name of the event.</param>
/// <param name="SizeBytes">Of its body.</param>
/// <param name="At">When it came, UTC.</param>
/// <param name="State"><c>waiting</c>, <c>processed</c>, <c>ignored</c>, <c>failed</c>.</param>
/// <param name="Tries">How often handling it failed.</param>
/// <param name="Due">While it waits: not handled before, UTC; else null.</param>
/// <param name="SettledAt">When it was handled or given up, UTC; null = it waits.</param>
/// <param name="Words">Why; redacted.</param>
public sealed record WebhookInfo(
    long Id,
    string Source,
    string DeliveryId,
    string Event,
    int SizeBytes,
    DateTimeOffset At,
    string State,
    int Tries,
    DateTimeOffset? Due,
    DateTimeOffset? SettledAt,
    string Words
);

/// <summary>Answer of <c>GET /v1/webhooks/inbox</c>.</summary>
/// <param name="Deliveries">The newest first.</param>
/// <param name="Waiting">How many wait to be handled, all hosts.</param>
/// <param name="Next">Hand it back as <c>before</c> for the next page; null = the end.</param>
public sealed record WebhookPage(IReadOnlyList<WebhookInfo> Deliveries, long Waiting, long? Next);

/// <summary>Body of <c>POST /v1/webhooks/inbox/replay</c>: either numbers or <c>failed</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WebhookReplayRequest
{
    /// <summary>Numbers of deliveries, 1 to 1,000; null with <see cref="Failed"/>.</summary>
    public IReadOnlyList<long>? Ids { get; init; }

    /// <summary>True: the newest 1,000 that were given up.</summary>
    public bool Failed { get; init; }
}

/// <summary>A message to one of our endpoints, without its body.</summary>
/// <param name="Id">Its number; later ones are higher.</param>
/// <param name="Endpoint">The endpoint's name in <c>Webhooks:Outbound</c>.</param>
/// <param name="MessageId">The header <c>webhook-id</c>: the same in every repeat.</param>
/// <param name="Event">The event's type, <c>task.done</c>.</param>
/// <param name="At">When it was made, UTC.</param>
/// <param name="State"><c>waiting</c>, <c>delivered</c>, <c>dead</c>.</param>
/// <param name="Tries">How often it was sent.</param>
/// <param name="Due">While it waits: not sent before, UTC; else null.</param>
/// <param name="Status">The last answer's HTTP status; 0 = there was none.</param>
/// <param name="SettledAt">When it was delivered or given up, UTC; null = it waits.</param>
/// <param name="Words">What the last try brought; redacted.</param>
public sealed record WebhookMessageInfo(
    long Id,
    string Endpoint,
    string MessageId,
    string Event,
    DateTimeOffset At,
    string State,
    int Tries,
    DateTimeOffset? Due,
    int Status,
    DateTimeOffset? SettledAt,
    string Words
);

/// <summary>Answer of <c>GET /v1/webhooks/deliveries</c>.</summary>
/// <param name="Messages">The newest first.</param>
/// <param name="Closed">Endpoints that answered 410 Gone, each with its word; a resend opens one again.</param>
/// <param name="Next">Hand it back as <c>before</c> for the next page; null = the end.</param>
public sealed record WebhookMessagePage(
    IReadOnlyList<WebhookMessageInfo> Messages,
    IReadOnlyList<string> Closed,
    long? Next
);

/// <summary>Body of <c>POST /v1/webhooks/deliveries/resend</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WebhookResendRequest
{
    /// <summary>Numbers of messages, 1 to 1,000.</summary>
    public required IReadOnlyList<long> Ids { get; init; }
}
