namespace Orchestrator.Decisions.Tickets;

/// <summary>What one host's tickets may cause, and what is written back.</summary>
public sealed record TicketRules
{
    /// <summary>The host: <c>linear</c>, <c>jira</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The label that starts work; empty = none does.</summary>
    public string Label { get; init; } = "";

    /// <summary>Id or e-mail address of the account to whom assigning starts work; empty = assigning does not.</summary>
    public string Assignee { get; init; } = "";

    /// <summary>The word at the beginning of a comment that starts work; empty = comments do not.</summary>
    public string Command { get; init; } = "";

    /// <summary>Ids or e-mail addresses of those who may start work; none = everybody who may label, assign or comment there.</summary>
    public IReadOnlyList<string> Triggerers { get; init; } = [];

    /// <summary>The repository of a team's or project's tickets, by the part of the key before the number (<c>ENG</c>), any case; <c>*</c> = of all others.</summary>
    public IReadOnlyDictionary<string, string> Repositories { get; init; } =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>State that a ticket moves to while work goes on; empty = it is not moved.</summary>
    public string StateStarted { get; init; } = "";

    /// <summary>The same when people are to look at the work.</summary>
    public string StateReview { get; init; } = "";

    /// <summary>The same when the work is merged.</summary>
    public string StateDone { get; init; } = "";

    /// <summary>The repository of a ticket, or null.</summary>
    public string? RepositoryOf(string key) =>
        TicketKeys.PrefixOf(key) is { } prefix && Repositories.TryGetValue(prefix, out var named)
            ? named
        : Repositories.TryGetValue("*", out var any) ? any
        : null;
}
