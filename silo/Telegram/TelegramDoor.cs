using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;

namespace Orchestrator.Silo.Telegram;

/// <summary>Where Telegram brings updates, when it is set up to; its secret header opens the door.</summary>
internal static class TelegramDoor
{
    private const string Header = "X-Telegram-Bot-Api-Secret-Token";
    private const long BodyMax = 4 * 1024 * 1024;

    /// <summary>Maps it.</summary>
    public static void MapTelegramDoor(this WebApplication app) =>
        app.MapPost("/telegram/updates", ReceiveAsync)
            .Is(
                "receive_telegram_update",
                ScopeNeeded.Open,
                "Take an update of Telegram, with the secret of Telegram:WebhookSecret in its header. 202 when it is stored, 200 when it was stored before; both mean that it is durable.",
                FailureCodes.NotFound
            )
            .Takes<WebhookPayload>()
            .Answers<WebhookReceipt>(200, 202);

    private static async Task<IResult> ReceiveAsync(
        HttpContext context,
        IOptions<TelegramOptions> options,
        IWebhookInbox inbox,
        IGrainFactory grains,
        LoginThrottle throttle,
        TimeProvider time
    )
    {
        var secret = options.Value.WebhookSecret;
        if (secret.Length == 0 || options.Value.Token.Length == 0)
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.NotFound,
                    $"Nothing is taken at {context.Request.Path}: Telegram is asked for updates, or there is no bot (Telegram:WebhookUrl)."
                )
            );
        }
        // Hashes, so that the time says nothing of the secret.
        var shown = SHA256.HashData(
            Encoding.UTF8.GetBytes(context.Request.Headers[Header].ToString())
        );
        if (
            !CryptographicOperations.FixedTimeEquals(
                shown,
                SHA256.HashData(Encoding.UTF8.GetBytes(secret))
            )
        )
        {
            return ApiHosting.Problem(
                throttle.Wrong(context.Connection.RemoteIpAddress)
                    ?? new Failure(
                        FailureCodes.Unauthorized,
                        $"{Header} is missing or wrong. Telegram sends what Telegram:WebhookSecret says."
                    )
            );
        }
        var body = await BodyAsync(context);
        if (ChatUpdateReader.IdOf(body) is not { } id)
        {
            throw Bodies.Refuse("The body is no update of the Bot API.");
        }
        var name = id.ToString(CultureInfo.InvariantCulture);
        var isNew = await inbox.ReceiveAsync(
            new InboxDelivery(
                TelegramNames.Source,
                name,
                ChatUpdateReader.Read(body).Event.ToString().ToLowerInvariant(),
                body,
                time.GetUtcNow()
            )
            {
                Ordered = true,
            },
            CancellationToken.None
        );
        await grains.GetGrain<ITelegramDeskGrain>(0).WakeAsync(CancellationToken.None);
        return ApiHosting.Json(
            new WebhookReceipt(name, !isNew),
            OrchestratorJson.Compact.WebhookReceipt,
            isNew ? StatusCodes.Status202Accepted : StatusCodes.Status200OK
        );
    }

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = BodyMax;
        }
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.ToArray();
    }
}
