using Orchestrator.Decisions.Telegram;
using Orchestrator.Grains.Telegram;

namespace Orchestrator.Silo.Telegram;

/// <summary>What the settings mean.</summary>
internal static class TelegramSetup
{
    /// <summary>How the door is set up.</summary>
    public static ChatDoor DoorOf(TelegramOptions options) =>
        new(
            options.Token.Length > 0,
            options.WebhookUrl.Length > 0,
            options.EditEvery,
            options.NoticeChat,
            new QuietHours(
                TelegramOptions.Time(options.QuietFrom) ?? default,
                TelegramOptions.Time(options.QuietUntil) ?? default,
                TimeSpan.FromMinutes(options.DigestMinutes)
            ),
            TimeZoneInfo.FindSystemTimeZoneById(options.Zone),
            options.Language
        );

    /// <summary>The groups that the bot talks in, and the chat of notices.</summary>
    public static IReadOnlyCollection<long> ChatsOf(TelegramOptions options) =>
        [
            .. options
                .Chats.Select(c => TelegramOptions.Number(c) ?? 0)
                .Append(options.NoticeChat)
                .Where(c => c != 0),
        ];
}
