using Orchestrator.Decisions.Tickets;

namespace Orchestrator.Grains.Delivery;

/// <summary>
/// A host of tickets, behind which an adapter (Linear, Jira) stands. Every call looks before it acts, so that each may be made
/// again after a crash; none retries by itself. Texts arrive redacted.
/// </summary>
/// <remarks>All calls throw <see cref="TicketHostException"/> and nothing else but cancellation.</remarks>
public interface ITicketHost
{
    /// <summary>The part before the colon in <c>linear:ENG-1</c>.</summary>
    string Kind { get; }

    /// <summary>What its tickets may cause.</summary>
    TicketRules Rules { get; }

    /// <summary>The ticket as it is now, by its key or the host's own id.</summary>
    /// <param name="reference">One that <see cref="TicketKeys.IsReference"/> takes.</param>
    /// <param name="changes">True: with who put labels on and assigned.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<TicketView> ReadAsync(string reference, bool changes, CancellationToken cancellationToken);

    /// <summary>Open tickets with the label or assignee of the rules, at most 200, the last changed ones first where the host can say so.</summary>
    Task<IReadOnlyList<TicketListed>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Keeps one comment of ours on a ticket: written when none of ours holds the marker, else brought up to date.</summary>
    Task KeepCommentAsync(
        string key,
        string marker,
        string text,
        CancellationToken cancellationToken
    );

    /// <summary>Moves a ticket to a state by its name; one that is there already stays.</summary>
    Task MoveAsync(string key, string state, CancellationToken cancellationToken);

    /// <summary>Links an address; one that is linked already stays.</summary>
    Task LinkAsync(string key, string address, string title, CancellationToken cancellationToken);
}

/// <summary>A ticket of a list.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Version">Another one after each change of it; when it was changed, as the host spells it.</param>
public sealed record TicketListed(string Key, string Version);

/// <summary>Finds the adapter of a kind.</summary>
public interface ITicketHosts
{
    /// <summary>All that are configured.</summary>
    IReadOnlyCollection<ITicketHost> All { get; }

    /// <summary>The adapter, or null when none is configured for the kind.</summary>
    ITicketHost? Find(string kind);
}

/// <summary>Why a host of tickets did not do it.</summary>
public enum TicketHostError
{
    /// <summary>Not reachable, or broken; try again later.</summary>
    Unavailable = 0,

    /// <summary>Asked too much; not before <see cref="TicketHostException.RetryAt"/>.</summary>
    RateLimited = 1,

    /// <summary>The token is not accepted.</summary>
    Unauthorised = 2,

    /// <summary>The token may not do it.</summary>
    Forbidden = 3,

    /// <summary>No such ticket, or the token may not see it.</summary>
    NotFound = 4,

    /// <summary>Understood and refused: no such state, a closed ticket.</summary>
    Refused = 5,
}

#pragma warning disable CA1032 // without its kind nobody knows whether to try again
/// <summary>A host of tickets did not do it.</summary>
public sealed class TicketHostException : Exception
{
    /// <summary>Creates it.</summary>
    /// <param name="error">What kind.</param>
    /// <param name="message">For people, with the way out; redacted, no credential.</param>
    public TicketHostException(TicketHostError error, string message)
        : base(message)
    {
        Error = error;
    }

    /// <summary>What kind.</summary>
    public TicketHostError Error { get; }

    /// <summary>Not before this instant (UTC); null when the host named none.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>True when time alone may cure it.</summary>
    public bool Passing => Error is TicketHostError.Unavailable or TicketHostError.RateLimited;
}
#pragma warning restore CA1032
