using System.Globalization;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Decisions.Doors;

public static partial class DoorChecks
{
    // More than anybody pairs at once.
    private const int CodesMax = 10;

    /// <summary>The door of chats when no bot is configured.</summary>
    public static DoctorCheck NoBot() => Ok("telegram", "closed: no bot is configured");

    /// <summary>Who may use the bot.</summary>
    /// <param name="roles">The role of each person who may.</param>
    /// <param name="groups">Groups that it talks in.</param>
    /// <param name="noticeChat">A chat that is told how every task ends; 0 = none.</param>
    public static DoctorCheck ChatPeople(
        IReadOnlyCollection<ChatRole> roles,
        IReadOnlyCollection<long> groups,
        long noticeChat
    )
    {
        ArgumentNullException.ThrowIfNull(roles);
        ArgumentNullException.ThrowIfNull(groups);
        var counts = ((ChatRole[])[ChatRole.Operate, ChatRole.Submit, ChatRole.Read]).Select(r =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{roles.Count(p => p == r)} {r.ToString().ToLowerInvariant()}"
            )
        );
        var told = groups.Count > 0 ? $"; groups {string.Join(", ", groups)}" : "";
        if (noticeChat < 0)
        {
            told += "; everybody in the chat of notices reads how every task ends";
        }
        return Ok("telegram people", string.Join(", ", counts) + told);
    }

    /// <summary>How updates come in.</summary>
    /// <param name="webhook">Where Telegram brings them, or null: it is asked for them.</param>
    /// <param name="secretLength">Characters of the secret that opens that door.</param>
    public static DoctorCheck ChatUpdates(Uri? webhook, int secretLength)
    {
        const string Name = "telegram updates";
        return webhook is null ? Ok(Name, "Telegram is asked for them; no door is open")
            : secretLength == 0
                ? Fail(
                    Name,
                    "anybody who knows /telegram/updates can speak for everybody",
                    "Set Telegram:WebhookSecret to 16 to 256 of A-Z a-z 0-9 _ -."
                )
            : webhook.Scheme != Uri.UriSchemeHttps
                ? Warn(
                    Name,
                    "/telegram/updates is announced in plain text: the secret can be read on the way",
                    "Give Telegram:WebhookUrl an https address."
                )
            : Ok(
                Name,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"/telegram/updates, by a secret of {secretLength} characters"
                )
            );
    }

    /// <summary>Pairing codes that nobody has used yet.</summary>
    public static DoctorCheck ChatCodes(int open)
    {
        const string Name = "telegram codes";
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{open} pairing codes are good and not used; each lets one person in"
        );
        return open == 0 ? Ok(Name, "no pairing code is open")
            : open <= CodesMax ? Ok(Name, message)
            : Warn(
                Name,
                message,
                "They end by themselves, within a day at most; make them when they are needed, with few --minutes."
            );
    }
}
