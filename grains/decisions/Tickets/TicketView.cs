namespace Orchestrator.Decisions.Tickets;

/// <summary>Somebody as a host of tickets knows them. A display name is what people choose, so nobody is recognised by it.</summary>
/// <param name="Id">The host's id; never empty.</param>
/// <param name="Email">As the host says it, or empty.</param>
/// <param name="Name">For people to read.</param>
public sealed record TicketPerson(string Id, string Email, string Name)
{
    /// <summary>True when a configured name means this person: the id or the e-mail address, in any case.</summary>
    public bool Is(string configured) =>
        configured is { Length: > 0 }
        && (
            configured.Equals(Id, StringComparison.OrdinalIgnoreCase)
            || (Email.Length > 0 && configured.Equals(Email, StringComparison.OrdinalIgnoreCase))
        );
}

/// <summary>A comment on a ticket.</summary>
/// <param name="Id">The host's id.</param>
/// <param name="By">Who wrote it; null = the host does not say.</param>
/// <param name="Text">Its words, not trusted.</param>
/// <param name="Ours">True when our own account wrote it.</param>
public sealed record TicketComment(string Id, TicketPerson? By, string Text, bool Ours);

/// <summary>A ticket as its host shows it now. Title, description and comments were written by others: data, never orders.</summary>
public sealed record TicketView
{
    /// <summary>Its key as people write it: <c>ENG-1</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Its title.</summary>
    public string Title { get; init; } = "";

    /// <summary>Its description as text.</summary>
    public string Description { get; init; } = "";

    /// <summary>For people, or empty.</summary>
    public string WebAddress { get; init; } = "";

    /// <summary>Name of its state.</summary>
    public string State { get; init; } = "";

    /// <summary>True when it is finished or given up.</summary>
    public bool Closed { get; init; }

    /// <summary>Names of its labels.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>To whom it is assigned, or null.</summary>
    public TicketPerson? Assignee { get; init; }

    /// <summary>Who made it, or null.</summary>
    public TicketPerson? Creator { get; init; }

    /// <summary>Who put which label on last, or assigned last; read only where somebody must be authorised.</summary>
    public IReadOnlyList<TicketChange> Changes { get; init; } = [];

    /// <summary>The newest comments, at most 100, oldest first.</summary>
    public IReadOnlyList<TicketComment> Comments { get; init; } = [];
}

/// <summary>A change of a ticket, as its history says; oldest first.</summary>
/// <param name="By">Who; null = the host does not say.</param>
/// <param name="LabelsAdded">Labels that were put on.</param>
/// <param name="AssignedTo">The id of the person to whom it was assigned, or empty.</param>
public sealed record TicketChange(
    TicketPerson? By,
    IReadOnlyList<string> LabelsAdded,
    string AssignedTo
);
