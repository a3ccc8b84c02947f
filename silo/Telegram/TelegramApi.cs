using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;

namespace Orchestrator.Silo.Telegram;

/// <summary>Endpoints for operators of the bot: who may use it, letting people in and out, a test.</summary>
internal static class TelegramApi
{
    private const int MinutesDefault = 15;
    private const int MinutesMax = 1_440;

    /// <summary>Maps them.</summary>
    public static void MapTelegram(this WebApplication app)
    {
        app.MapGet("/v1/telegram", StateAsync)
            .Is(
                "get_telegram",
                ScopeNeeded.Operate,
                "How the Telegram door is, and who may use it."
            )
            .Answers<TelegramState>();
        app.MapPost("/v1/telegram/pairings", PairAsync)
            .Is(
                "pair_telegram",
                ScopeNeeded.Admin,
                "Make a code that lets one person use the bot. It is in this answer and nowhere else.",
                FailureCodes.NotPossibleNow
            )
            .Takes<PairingRequest>(optional: true)
            .Answers<PairingCode>(201);
        app.MapDelete("/v1/telegram/people/{user}", RemoveAsync)
            .Is(
                "unpair_telegram",
                ScopeNeeded.Admin,
                "Put somebody out whom a code let in.",
                FailureCodes.NotFound
            )
            .Produces(204);
        app.MapPost("/v1/telegram/test", TestAsync)
            .Is(
                "test_telegram",
                ScopeNeeded.Operate,
                "Try the bot's token, and send a test message to a chat.",
                FailureCodes.NotPossibleNow
            )
            .Takes<TelegramTestRequest>(optional: true)
            .Answers<WorkReport>();
    }

    private static async Task<IResult> StateAsync(
        ITelegramStore store,
        TelegramHost host,
        ChatGate gate,
        IGrainFactory grains,
        IOptions<TelegramOptions> options,
        CancellationToken token
    )
    {
        var people = options
            .Value.Users.Select(u => new TelegramPerson(
                TelegramOptions.Number(u.Key) ?? 0,
                u.Value,
                "settings",
                null
            ))
            .Concat(
                (await store.ListPeopleAsync(token)).Select(p => new TelegramPerson(
                    p.User,
                    p.Role,
                    "code",
                    p.At
                ))
            );
        var problem = host.Door.IsOpen
            ? await grains.GetGrain<ITelegramPollerGrain>(0).GetProblemAsync(token)
            : "No bot is configured (Telegram:Token).";
        if (host.Door.IsOpen && host.BotName.Length == 0)
        {
            await host.WhoAsync(token);
        }
        return ApiHosting.Json(
            new TelegramState(
                host.Door.IsOpen,
                host.BotName,
                problem,
                [.. people],
                [.. gate.Groups]
            ),
            OrchestratorJson.Compact.TelegramState
        );
    }

    private static async Task<IResult> PairAsync(
        HttpContext context,
        ITelegramStore store,
        TelegramHost host,
        TimeProvider time
    )
    {
        var body = await Bodies.ReadOrNullAsync<PairingRequest>(context) ?? new PairingRequest();
        var role = string.IsNullOrEmpty(body.Role) ? "submit" : body.Role;
        var minutes = body.Minutes ?? MinutesDefault;
        if (ChatAccess.RoleOf(role) is null || minutes is < 1 or > MinutesMax)
        {
            throw Bodies.Refuse(
                $"role must be read, submit or operate; minutes 1 to {MinutesMax}."
            );
        }
        if (!host.Door.IsOpen)
        {
            return ApiHosting.Problem(Closed());
        }
        var code = ChatAccess.CodeOf(RandomNumberGenerator.GetBytes(ChatAccess.CodeLength));
        var expires = time.GetUtcNow().AddMinutes(minutes);
        await store.AddCodeAsync(ChatAccess.HashOf(code), role, expires, context.RequestAborted);
        if (host.BotName.Length == 0)
        {
            await host.WhoAsync(context.RequestAborted);
        }
        var link = host.BotName.Length > 0 ? $"https://t.me/{host.BotName}?start={code}" : "";
        return ApiHosting.SecretJson(
            new PairingCode(code, role, expires, link),
            OrchestratorJson.Compact.PairingCode,
            StatusCodes.Status201Created
        );
    }

    private static async Task<IResult> RemoveAsync(
        ITelegramStore store,
        string user,
        CancellationToken token
    ) =>
        await store.RemovePersonAsync(Bodies.Number("user", user, 0, 1, long.MaxValue), token)
            ? Results.NoContent()
            : ApiHosting.Problem(
                new Failure(
                    FailureCodes.NotFound,
                    $"No code let user {user} in. 'orchestrator telegram' shows who may use the bot; whom the settings name is removed there (Telegram:Users)."
                )
            );

    private static async Task<IResult> TestAsync(
        HttpContext context,
        TelegramHost host,
        IOptions<TelegramOptions> options
    )
    {
        var body =
            await Bodies.ReadOrNullAsync<TelegramTestRequest>(context) ?? new TelegramTestRequest();
        if (!host.Door.IsOpen)
        {
            return ApiHosting.Problem(Closed());
        }
        var (done, problems) = (new List<string>(), new List<string>());
        var who = await host.WhoAsync(context.RequestAborted);
        if (who.Done)
        {
            done.Add("@" + host.BotName);
        }
        else
        {
            problems.Add($"The token was not taken ({who.Status}): {who.Words}");
        }
        var chat = body.Chat ?? options.Value.NoticeChat;
        if (who.Done && chat != 0)
        {
            // At once and not by the outbox: whoever tests wants to hear what the host says.
            var sent = await host.SendAsync(
                chat,
                new ChatSend
                {
                    Text = ChatWords.Say(host.Door.Language, "test", SiloDiscoveryFile.Version),
                },
                default,
                context.RequestAborted
            );
            if (sent.Done)
            {
                done.Add($"chat {chat}, message {sent.MessageId}");
            }
            else
            {
                problems.Add($"Chat {chat} did not get it ({sent.Status}): {sent.Words}");
            }
        }
        return ApiHosting.Json(
            new WorkReport(done, [], problems),
            OrchestratorJson.Compact.WorkReport
        );
    }

    private static Failure Closed() =>
        new(
            FailureCodes.NotPossibleNow,
            "No bot is configured. Set Telegram__Token (BotFather makes one) and start the server again."
        );
}
