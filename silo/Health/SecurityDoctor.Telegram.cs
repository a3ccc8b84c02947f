using Orchestrator.Decisions.Doors;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Telegram;

namespace Orchestrator.Silo.Health;

/// <summary>The door of chats.</summary>
internal sealed partial class SecurityDoctor
{
    private async Task<IReadOnlyList<DoctorCheck>> ChatsAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var options = Options<TelegramOptions>();
        if (options.Token.Length == 0)
        {
            return [DoorChecks.NoBot()];
        }
        var store = services.GetRequiredService<ITelegramStore>();
        var paired = await store.ListPeopleAsync(cancellationToken);
        // Somebody who is named twice counts once, with the larger role, as the bot has it.
        var roles = options
            .Users.Select(u => (User: TelegramOptions.Number(u.Key) ?? 0, Role: u.Value))
            .Concat(paired.Select(p => (p.User, p.Role)))
            .GroupBy(p => p.User, p => ChatAccess.RoleOf(p.Role) ?? ChatRole.None)
            .Select(p => p.Max())
            .ToList();
        return
        [
            DoorChecks.ChatPeople(roles, TelegramSetup.ChatsOf(options), options.NoticeChat),
            DoorChecks.ChatUpdates(
                options.WebhookUrl.Length > 0 ? new Uri(options.WebhookUrl) : null,
                options.WebhookSecret.Length
            ),
            DoorChecks.ChatCodes(await store.CountCodesAsync(now, cancellationToken)),
        ];
    }
}
