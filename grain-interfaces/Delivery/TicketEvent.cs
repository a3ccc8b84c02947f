namespace Orchestrator.GrainInterfaces.Delivery;

/// <summary>Something happened on a ticket, as its host's webhook says. A hint, told at least once and perhaps out of order; its words are not trusted and not redacted.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.ticket-event")]
public sealed record TicketEvent
{
    /// <summary>The host: <c>linear</c> or <c>jira</c>.</summary>
    [Id(0)]
    public required string Source { get; init; }

    /// <summary>Host and the ticket's own key, <c>linear:ENG-1</c>, <c>jira:OPS-12</c>; at most 120 characters. For a Linear comment whose payload names no key it holds the id instead, <c>linear:8a7b...</c> (a UUID).</summary>
    [Id(1)]
    public required string TicketKey { get; init; }

    /// <summary>What it is about: <c>issue</c>, <c>comment</c>, <c>label</c>, <c>link</c>, <c>attachment</c>, <c>worklog</c>; Linear's types in lower case, Jira's part before the last underscore.</summary>
    [Id(2)]
    public required string Event { get; init; }

    /// <summary>What happened: <c>created</c>, <c>updated</c>, <c>removed</c>.</summary>
    [Id(3)]
    public required string Action { get; init; }

    /// <summary>The host's name of who did it, or empty.</summary>
    [Id(4)]
    public string Actor { get; init; } = "";

    /// <summary>The host's id of who did it, or empty: what our own account is recognised by.</summary>
    [Id(5)]
    public string ActorId { get; init; } = "";

    /// <summary>Names of the ticket's labels, at most 50; empty when the payload names none (a comment's).</summary>
    [Id(6)]
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The host's name of the assignee, or empty.</summary>
    [Id(7)]
    public string Assignee { get; init; } = "";

    /// <summary>The ticket's state as the host calls it (<c>In Progress</c>), or empty.</summary>
    [Id(8)]
    public string State { get; init; } = "";

    /// <summary>The ticket's title, at most 500 characters, or empty.</summary>
    [Id(9)]
    public string Title { get; init; } = "";

    /// <summary>For a comment its words, at most 65,536 characters; empty otherwise.</summary>
    [Id(10)]
    public string Comment { get; init; } = "";

    /// <summary>For a comment the host's id of it, or empty.</summary>
    [Id(11)]
    public string CommentId { get; init; } = "";

    /// <summary>For people, or empty.</summary>
    [Id(12)]
    public string WebAddress { get; init; } = "";

    /// <summary>When the host says it happened (UTC); null when it does not say.</summary>
    [Id(13)]
    public DateTimeOffset? At { get; init; }

    /// <summary>The delivery's id in the inbox: the same for a repeat.</summary>
    [Id(14)]
    public required string DeliveryId { get; init; }
}
