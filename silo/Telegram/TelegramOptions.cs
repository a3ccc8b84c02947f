using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Telegram;

namespace Orchestrator.Silo.Telegram;

/// <summary>When words without a command are asked about before they become work.</summary>
internal enum ConfirmWhen
{
    /// <summary>When the work would reach a repository without anybody's further yes.</summary>
    Risky = 0,

    /// <summary>Always.</summary>
    Always = 1,

    /// <summary>Never.</summary>
    Never = 2,
}

/// <summary>Section <c>Telegram</c>: a bot that takes requests and tells how they go. Closed until it has a token, and to everybody whom nothing names.</summary>
internal sealed class TelegramOptions
{
    /// <summary>The bot's token. Default: empty = there is no bot.</summary>
    [StringLength(200)]
    public string Token { get; set; } = "";

    /// <summary>Address of the Bot API, for a server of your own. Default: empty = Telegram's.</summary>
    [StringLength(500)]
    public string Address { get; set; } = "";

    /// <summary>Who may do what: the number of a user, and <c>read</c>, <c>submit</c> or <c>operate</c>. Default: nobody.</summary>
    public Dictionary<string, string> Users { get; set; } = [];

    /// <summary>Numbers of groups that the bot talks in; a user's own chat needs none. Default: none.</summary>
    public List<string> Chats { get; set; } = [];

    /// <summary>The language of users by their number, where they chose none with <c>/language</c>: <c>en</c> or <c>de</c>. Default: what their Telegram says.</summary>
    public Dictionary<string, string> Languages { get; set; } = [];

    /// <summary>The language of the chat of notices, and of users whose Telegram speaks none that the bot does: <c>en</c> or <c>de</c>. Default: <c>en</c>.</summary>
    public string Language { get; set; } = ChatWords.English;

    /// <summary>A chat that is told how every task ends. Default: 0 = none.</summary>
    public long NoticeChat { get; set; }

    /// <summary>The repository of requests that name none: a full path on the hosts. Default: empty = an empty folder.</summary>
    [StringLength(1_024)]
    public string Repository { get; set; } = "";

    /// <summary>The runner kind of requests; empty = the server's default.</summary>
    [StringLength(100)]
    public string Runner { get; set; } = "";

    /// <summary>With the runner <c>scripted</c>: the script that every request plays, JSON; to try the bot without an AI. Default: empty.</summary>
    [StringLength(1_000_000)]
    public string Script { get; set; } = "";

    /// <summary>When words without a command are asked about first. Default: risky.</summary>
    public ConfirmWhen Confirm { get; set; }

    /// <summary>Shortest request, characters. Default 10; 1 to 1,000.</summary>
    [Range(1, 1_000, ErrorMessage = "Telegram:RequestCharactersMin must be 1 to 1,000")]
    public int RequestCharactersMin { get; set; } = 10;

    /// <summary>Pieces of work that one user may ask for in a window; refused ones do not count. Default 5; 1 to 10,000.</summary>
    [Range(1, 10_000, ErrorMessage = "Telegram:RequestsMax must be 1 to 10,000")]
    public int RequestsMax { get; set; } = 5;

    /// <summary>That window, seconds, sliding. Default 60; 1 to 86,400.</summary>
    [Range(1, 86_400, ErrorMessage = "Telegram:RequestsWindowSeconds must be 1 to 86,400")]
    public int RequestsWindowSeconds { get; set; } = 60;

    /// <summary>How long the host is to hold a question for updates, seconds. Default 25; 1 to 50.</summary>
    [Range(1, 50, ErrorMessage = "Telegram:PollSeconds must be 1 to 50")]
    public int PollSeconds { get; set; } = 25;

    /// <summary>Where Telegram brings updates: an https address that leads to <c>/telegram/updates</c> here. Default: empty = it is asked for them.</summary>
    [StringLength(500)]
    public string WebhookUrl { get; set; } = "";

    /// <summary>What Telegram shows then: 16 to 256 of <c>A-Z a-z 0-9 _ -</c>. Default: empty.</summary>
    [RegularExpression(
        "^$|^[A-Za-z0-9_-]{16,256}$",
        ErrorMessage = "Telegram:WebhookSecret must have 16 to 256 of A-Z a-z 0-9 _ -"
    )]
    public string WebhookSecret { get; set; } = "";

    /// <summary>Least time between two changes of a progress message. Default 3 seconds; 1 second to 10 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "00:10:00",
        ErrorMessage = "Telegram:EditEvery must be 00:00:01 to 00:10:00"
    )]
    public TimeSpan EditEvery { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Beginning of the quiet hours, <c>HH:mm</c>: notices wait for their end; answers and questions do not. Default: empty = there are none.</summary>
    [RegularExpression("^$|^[0-2][0-9]:[0-5][0-9]$", ErrorMessage = "{0} must be HH:mm")]
    public string QuietFrom { get; set; } = "";

    /// <summary>End of the quiet hours, <c>HH:mm</c>. Default: empty.</summary>
    [RegularExpression("^$|^[0-2][0-9]:[0-5][0-9]$", ErrorMessage = "{0} must be HH:mm")]
    public string QuietUntil { get; set; } = "";

    /// <summary>Whose local time that is: a name such as <c>Europe/Berlin</c>. Default: <c>UTC</c>.</summary>
    [StringLength(100)]
    public string Zone { get; set; } = "UTC";

    /// <summary>Notices are gathered and told so often, minutes from local midnight. Default 0 = each at once; to 1,440.</summary>
    [Range(0, 1_440, ErrorMessage = "Telegram:DigestMinutes must be 0 to 1,440")]
    public int DigestMinutes { get; set; }

    /// <summary>Days that it is known which message is about which task. Default 90; 1 to 3,650.</summary>
    [Range(1, 3_650, ErrorMessage = "Telegram:KeepDays must be 1 to 3,650")]
    public int KeepDays { get; set; } = 90;

    /// <summary>A whole number, or null.</summary>
    internal static long? Number(string text) =>
        long.TryParse(
            text,
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;

    /// <summary>A time of day, or null.</summary>
    internal static TimeOnly? Time(string text) =>
        TimeOnly.TryParseExact(
            text,
            "HH:mm",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var time
        )
            ? time
            : null;
}

/// <summary>What one key of the section cannot show by itself.</summary>
internal sealed class TelegramOptionsRules : IValidateOptions<TelegramOptions>
{
    private const int UsersMax = 1_000;

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, TelegramOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = Problems(options).ToList();
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(TelegramOptions o)
    {
        if (o.Token.Length > 0 && !IsToken(o.Token))
        {
            yield return "Telegram:Token is no token of a bot (digits, ':', and at least 30 letters and digits). BotFather makes one.";
        }
        if (
            o.Address.Length > 0
            && (
                !Uri.TryCreate(o.Address, UriKind.Absolute, out var address)
                || address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback
            )
        )
        {
            yield return "Telegram:Address must be an https address, or one of this host; the token is part of every call.";
        }
        foreach (var (user, role) in o.Users.Take(UsersMax))
        {
            if (TelegramOptions.Number(user) is not > 0)
            {
                yield return $"Telegram:Users:{user}: a user is given by number; the bot tells people theirs.";
            }
            if (ChatAccess.RoleOf(role) is null)
            {
                yield return $"Telegram:Users:{user} is '{role}'; it must be read, submit or operate.";
            }
        }
        foreach (var (user, language) in o.Languages.Take(UsersMax))
        {
            if (TelegramOptions.Number(user) is not > 0)
            {
                yield return $"Telegram:Languages:{user}: a user is given by number; the bot tells people theirs.";
            }
            if (!ChatWords.Speaks(language))
            {
                yield return $"Telegram:Languages:{user} is '{language}'; it must be one of: {string.Join(", ", ChatWords.Languages)}.";
            }
        }
        if (!ChatWords.Speaks(o.Language))
        {
            yield return $"Telegram:Language is '{o.Language}'; it must be one of: {string.Join(", ", ChatWords.Languages)}.";
        }
        if (o.Users.Count > UsersMax)
        {
            yield return $"Telegram:Users has more than {UsersMax} entries; let people in with 'orchestrator telegram pair'.";
        }
        foreach (var chat in o.Chats.Where(c => TelegramOptions.Number(c) is null or 0))
        {
            yield return $"Telegram:Chats names '{chat}'; a chat is given by number.";
        }
        if ((o.WebhookUrl.Length > 0) != (o.WebhookSecret.Length > 0))
        {
            yield return "Telegram:WebhookUrl and Telegram:WebhookSecret belong together; set both or none.";
        }
        if (
            o.WebhookUrl.Length > 0
            && (
                !Uri.TryCreate(o.WebhookUrl, UriKind.Absolute, out var url)
                || url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback
            )
        )
        {
            yield return "Telegram:WebhookUrl must be an https address that leads to /telegram/updates of this server.";
        }
        if (
            (TelegramOptions.Time(o.QuietFrom) is null)
            != (TelegramOptions.Time(o.QuietUntil) is null)
        )
        {
            yield return "Telegram:QuietFrom and Telegram:QuietUntil belong together, each as HH:mm; set both or none.";
        }
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(o.Zone, out _))
        {
            yield return $"Telegram:Zone '{o.Zone}' is no time zone of this host; write UTC or a name such as Europe/Berlin.";
        }
    }

    private static bool IsToken(string token) =>
        token.IndexOf(':', StringComparison.Ordinal) is var at and > 0
        && token[..at].All(char.IsAsciiDigit)
        && token.Length - at > 30
        && token[(at + 1)..].All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
