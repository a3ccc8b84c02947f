using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Decisions.Tickets;

/// <summary>A reason to start work on a ticket.</summary>
/// <param name="Name">What makes it once: <c>label</c>, <c>assigned</c>, <c>comment-ID</c>.</param>
/// <param name="By">Who gave it; null = not known, and nobody needs to be.</param>
/// <param name="Words">For a command, what was written after it; may be empty.</param>
public sealed record TicketTrigger(string Name, TicketPerson? By, string Words)
{
    /// <summary>The same ticket and reason are the same task, however often they are told: <c>ticket:linear:ENG-1:label</c>.</summary>
    public string KeyFor(string kind, string ticket) => $"ticket:{kind}:{ticket}:{Name}";
}

/// <summary>A reason that does not count, for the log.</summary>
/// <param name="Name">As in <see cref="TicketTrigger"/>.</param>
/// <param name="Why">In words.</param>
public sealed record TicketRefusal(string Name, string Why);

/// <summary>Whether a ticket asks for work, and whether who asked may.</summary>
public static class TicketTriggers
{
    private const int CommandsMax = 20;

    /// <summary>Every reason that a ticket shows now, given that a task of each is made once.</summary>
    public static (IReadOnlyList<TicketTrigger> Due, IReadOnlyList<TicketRefusal> Refused) Of(
        TicketView ticket,
        TicketRules rules
    )
    {
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(rules);
        var due = new List<TicketTrigger>();
        var refused = new List<TicketRefusal>();
        // Finished work is not begun again by a label that was left on; a command is somebody's word.
        if (!ticket.Closed && Standing(ticket, rules) is { } standing)
        {
            Judge(standing, rules, due, refused);
        }
        foreach (var comment in ticket.Comments.Where(c => !c.Ours).TakeLast(CommandsMax))
        {
            if (WordsAfter(rules.Command, comment.Text) is { } words)
            {
                Judge(
                    new TicketTrigger("comment-" + comment.Id, comment.By, words),
                    rules,
                    due,
                    refused
                );
            }
        }
        return (due, refused);
    }

    /// <summary>
    /// False for an event that cannot have brought a reason, so that its ticket need not be read: hosts allow some thousand
    /// calls an hour, and each of our own comments and links comes back as an event. When in doubt, true: each reason has an
    /// event of its own that carries it.
    /// </summary>
    public static bool MayBring(TicketEvent told, TicketRules rules)
    {
        ArgumentNullException.ThrowIfNull(told);
        ArgumentNullException.ThrowIfNull(rules);
        return told switch
        {
            { Action: "removed" } => false,
            { Event: "attachment" or "worklog" } => false,
            { Event: "comment", Comment.Length: > 0 } => WordsAfter(rules.Command, told.Comment)
                is not null,
            // A team without a repository starts nothing; its labelled tickets are read for the log to say so.
            { Event: "issue" } => TicketKeys.Split(told.TicketKey) is not var (_, key)
                || !TicketKeys.IsKey(key)
                || rules.RepositoryOf(key) is not null
                || told.Labels.Contains(rules.Label, StringComparer.OrdinalIgnoreCase),
            _ => true,
        };
    }

    /// <summary>What stands after the command at the beginning of a comment; null when it is none.</summary>
    public static string? WordsAfter(string command, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var start = text.TrimStart();
        return
            command is { Length: > 0 }
            && start.StartsWith(command, StringComparison.OrdinalIgnoreCase)
            && (start.Length == command.Length || char.IsWhiteSpace(start[command.Length]))
            ? start[command.Length..].Trim()
            : null;
    }

    // Labelled and assigned is one wish, not two.
    private static TicketTrigger? Standing(TicketView ticket, TicketRules rules)
    {
        if (
            rules.Label.Length > 0
            && ticket.Labels.Contains(rules.Label, StringComparer.OrdinalIgnoreCase)
        )
        {
            return new TicketTrigger(
                "label",
                Last(
                    ticket,
                    c => c.LabelsAdded.Contains(rules.Label, StringComparer.OrdinalIgnoreCase)
                ),
                ""
            );
        }
        return
            rules.Assignee.Length > 0
            && ticket.Assignee is { } assignee
            && assignee.Is(rules.Assignee)
            ? new TicketTrigger("assigned", Last(ticket, c => c.AssignedTo == assignee.Id), "")
            : null;
    }

    // Who did it last; what no change tells of was there from the beginning.
    private static TicketPerson? Last(TicketView ticket, Func<TicketChange, bool> did) =>
        ticket.Changes.LastOrDefault(did) is { } change ? change.By : ticket.Creator;

    private static void Judge(
        TicketTrigger trigger,
        TicketRules rules,
        List<TicketTrigger> due,
        List<TicketRefusal> refused
    )
    {
        if (rules.Triggerers.Count == 0 || (trigger.By is { } by && rules.Triggerers.Any(by.Is)))
        {
            due.Add(trigger);
            return;
        }
        refused.Add(
            new TicketRefusal(
                trigger.Name,
                trigger.By is { } who
                    ? $"'{who.Id}' may not start work (Tickets:{Section(rules.Kind)}:Triggerers)"
                    : "nobody knows who asked"
            )
        );
    }

    private static string Section(string kind) =>
        kind.Length == 0 ? "" : char.ToUpperInvariant(kind[0]) + kind[1..];
}
