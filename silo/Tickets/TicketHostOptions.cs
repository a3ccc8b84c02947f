using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orchestrator.Silo.Tickets;

/// <summary>Sections <c>Tickets:Linear</c> and <c>Tickets:Jira</c>. Without a token the host is not spoken to.</summary>
internal abstract class TicketHostOptions
{
    /// <summary>Address of the API.</summary>
    public string Address { get; set; } = "";

    /// <summary>Who the product is there: an API key or OAuth token. Default: empty = off.</summary>
    public string Token { get; set; } = "";

    /// <summary>The label that starts work. Default <c>orchestrator</c>; empty = none does.</summary>
    [StringLength(100, ErrorMessage = "Tickets: a Label has at most 100 characters.")]
    public string Label { get; set; } = "orchestrator";

    /// <summary>Id or e-mail address of the account to whom assigning a ticket starts work. Default: empty = assigning does not.</summary>
    [StringLength(200, ErrorMessage = "Tickets: an Assignee has at most 200 characters.")]
    public string Assignee { get; set; } = "";

    /// <summary>The word that starts work at the beginning of a comment. Default <c>/orchestrator</c>; empty = comments do not.</summary>
    [StringLength(50, ErrorMessage = "Tickets: a Command has at most 50 characters.")]
    public string Command { get; set; } = "/orchestrator";

    /// <summary>Ids or e-mail addresses of those who may start work. None = everybody who may label, assign or comment there.</summary>
    [MaxLength(1_000)]
    public List<string> Triggerers { get; } = [];

    /// <summary>The repository of a team's or project's tickets, as tasks name it: <c>ENG=/src/shop</c>; <c>*=/src/shop</c> for all others. At most 1,000.</summary>
    [MaxLength(1_000)]
    public List<string> Repositories { get; } = [];

    /// <summary>Name of the state of tickets whose work goes on. Default: empty = not moved.</summary>
    [StringLength(100, ErrorMessage = "Tickets: a state has at most 100 characters.")]
    public string StateStarted { get; set; } = "";

    /// <summary>The same while people look at the work.</summary>
    [StringLength(100, ErrorMessage = "Tickets: a state has at most 100 characters.")]
    public string StateReview { get; set; } = "";

    /// <summary>The same once the work is merged.</summary>
    [StringLength(100, ErrorMessage = "Tickets: a state has at most 100 characters.")]
    public string StateDone { get; set; } = "";

    /// <summary>How often tickets are looked for where no webhook arrives, seconds. Default 0 = never; 5 to 86,400.</summary>
    [Range(0, 86_400, ErrorMessage = "Tickets: PollSeconds must be 0, or 5 to 86400.")]
    public int PollSeconds { get; set; }

    /// <summary>Longest time of one call, wall clock. Default 15 seconds; 0.1 seconds to 5 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.1",
        "00:05:00",
        ErrorMessage = "Tickets: TimeMax must be 00:00:00.1 to 00:05:00."
    )]
    public TimeSpan TimeMax { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Largest answer that is read, bytes. Default 4 MiB; 64 KiB to 64 MiB.</summary>
    [Range(65_536, 67_108_864, ErrorMessage = "Tickets: AnswerBytesMax must be 65536 to 67108864.")]
    public int AnswerBytesMax { get; set; } = 4_194_304;
}

/// <summary>Section <c>Tickets:Linear</c>.</summary>
internal sealed class LinearTicketOptions : TicketHostOptions
{
    /// <summary>Its section.</summary>
    internal const string Section = "Tickets:Linear";

    /// <summary>Linear's own address, a personal key (<c>lin_api_…</c>) or an OAuth token.</summary>
    public LinearTicketOptions() => Address = "https://api.linear.app/graphql";
}

/// <summary>Section <c>Tickets:Jira</c>: Jira Cloud, and what speaks its REST API v3.</summary>
internal sealed class JiraTicketOptions : TicketHostOptions
{
    /// <summary>Its section.</summary>
    internal const string Section = "Tickets:Jira";

    /// <summary>E-mail address of the account that the API token belongs to. Empty = the token is sent as a bearer token.</summary>
    [StringLength(200, ErrorMessage = "Tickets:Jira:User has at most 200 characters.")]
    public string User { get; set; } = "";
}

/// <summary>What one setting cannot show by itself.</summary>
internal sealed class TicketHostOptionsRules<T>(string section) : IValidateOptions<T>
    where T : TicketHostOptions
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, T options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Token.Length == 0)
        {
            return ValidateOptionsResult.Success;
        }
        var problems = new List<string>();
        if (
            !Uri.TryCreate(options.Address, UriKind.Absolute, out var address)
            || address.Scheme is not ("https" or "http")
            || address.UserInfo.Length > 0
        )
        {
            problems.Add(
                $"{section}:Address must be an address without a credential in it: https://api.linear.app/graphql for Linear, https://YOURS.atlassian.net for Jira."
            );
        }
        else if (address.Scheme == "http" && !address.IsLoopback)
        {
            problems.Add(
                $"{section}:Address must begin with https://: the token would cross the network in the open."
            );
        }
        if (options.Token.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            problems.Add($"{section}:Token holds a blank or a line end; a token has none.");
        }
        if (options.PollSeconds is > 0 and < 5)
        {
            problems.Add($"{section}:PollSeconds must be 0, or 5 to 86400.");
        }
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }
}
