using System.Text.Json.Serialization;

namespace Orchestrator.GrainInterfaces.Api;

/// <summary>Body of <c>POST /v1/telegram/pairings</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PairingRequest
{
    /// <summary><c>read</c>, <c>submit</c> or <c>operate</c>. Default: submit.</summary>
    public string? Role { get; init; }

    /// <summary>How long the code is good, minutes; 1 to 1,440. Default 15.</summary>
    public int? Minutes { get; init; }
}

/// <summary>A code that lets one person in; shown once.</summary>
/// <param name="Code">What they send to the bot: <c>/start CODE</c>.</param>
/// <param name="Role">What they may do then.</param>
/// <param name="Expires">UTC.</param>
/// <param name="Link">An address that opens the bot with the code; empty when the bot was not reached.</param>
public sealed record PairingCode(string Code, string Role, DateTimeOffset Expires, string Link);

/// <summary>Somebody who may use the bot.</summary>
/// <param name="User">Telegram's number of them.</param>
/// <param name="Role"><c>read</c>, <c>submit</c> or <c>operate</c>.</param>
/// <param name="By"><c>settings</c> or <c>code</c>.</param>
/// <param name="Since">UTC; null = by the settings.</param>
public sealed record TelegramPerson(long User, string Role, string By, DateTimeOffset? Since);

/// <summary>How the Telegram door is.</summary>
/// <param name="Open">False: no bot is configured.</param>
/// <param name="Bot">The bot's user name, or empty.</param>
/// <param name="Problem">What is wrong, or empty.</param>
/// <param name="People">Who may use it.</param>
/// <param name="Chats">Groups that it talks in.</param>
public sealed record TelegramState(
    bool Open,
    string Bot,
    string Problem,
    IReadOnlyList<TelegramPerson> People,
    IReadOnlyList<long> Chats
);

/// <summary>Body of <c>POST /v1/telegram/test</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TelegramTestRequest
{
    /// <summary>Where a test message goes; null = only the bot's token is tried, and the chat of notices told when there is one.</summary>
    public long? Chat { get; init; }
}
