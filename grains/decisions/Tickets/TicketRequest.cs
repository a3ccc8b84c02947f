using System.Text;
using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Decisions.Tickets;

/// <summary>A ticket as a submission.</summary>
public static class TicketRequest
{
    private const int TitleMax = 200;
    private const int DescriptionMax = 60_000;
    private const int WordsMax = 20_000;
    private const int RequesterMax = 64;

    /// <summary>
    /// The submission. The words are the ticket's and the commenter's; they pass screening, policy and mediation as those of
    /// any other requester.
    /// </summary>
    public static SubmitRequest Of(TicketView ticket, TicketTrigger trigger, TicketRules rules)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(trigger);
        ArgumentNullException.ThrowIfNull(rules);
        var title = TextCut.Line(ticket.Title);
        var description = Cut(ticket.Description, DescriptionMax);
        var words = Cut(trigger.Words, WordsMax);
        var request = new StringBuilder();
        if (words.Length > 0)
        {
            request.Append(words).Append("\n\n");
        }
        request.Append($"Ticket {ticket.Key}");
        request.Append(title.Length > 0 ? $": {TextCut.Head(title, 500)}\n" : "\n");
        if (description.Length > 0)
        {
            request.Append('\n').Append(description).Append('\n');
        }
        return new SubmitRequest
        {
            Request = request.ToString().TrimEnd(),
            Title = TextCut.Head($"{ticket.Key} {title}".TrimEnd(), TitleMax),
            Repository = rules.RepositoryOf(ticket.Key),
            Tickets = [$"{rules.Kind}:{ticket.Key}"],
        };
    }

    /// <summary>Who asks, for fairness, budgets and roles: <c>linear:alice@example.org</c>, else by the id; at most 64 of <c>[A-Za-z0-9._@:-]</c>.</summary>
    public static string RequesterOf(TicketTrigger trigger, string kind)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        var who = trigger.By is { } by
            ? by.Email.Length > 0
                ? by.Email
                : by.Id
            : "unknown";
        var plain = string.Concat(
            $"{kind}:{who}".Where(c =>
                char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or ':' or '-'
            )
        );
        return TextCut.Head(plain, RequesterMax);
    }

    private static string Cut(string text, int max)
    {
        var whole = text.ReplaceLineEndings("\n")
            .Replace("\0", "", StringComparison.Ordinal)
            .Trim();
        return whole.Length > max ? TextCut.Head(whole, max) + "\n\n(The rest is cut.)" : whole;
    }
}
