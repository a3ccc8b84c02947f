using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Orchestrator.Silo.Webhooks;

/// <summary>The door for hosts that tell this server something. It needs no token: the signature over the raw body opens it.</summary>
internal static class WebhookDoor
{
    /// <summary>Deliveries that may wait; beyond it further ones are asked to come again.</summary>
    private const int WaitingMax = 100_000;
    private const int RetrySeconds = 30;

    /// <summary>Maps it.</summary>
    public static void MapWebhookDoor(this WebApplication app) =>
        app.MapPost("/webhooks/{source}", ReceiveAsync)
            .Is(
                "receive_webhook",
                ScopeNeeded.Open,
                "Take a delivery of github, linear or jira, signed with the secret of Webhooks:Inbound. 202 when it is stored, 200 when it was stored before; both mean that it is durable.",
                FailureCodes.NotFound
            )
            .Takes<WebhookPayload>()
            .Answers<WebhookReceipt>(200, 202);

    private static async Task<IResult> ReceiveAsync(
        HttpContext context,
        string source,
        IOptions<WebhookOptions> options,
        IWebhookInbox inbox,
        WebhookPump pump,
        LoginThrottle throttle,
        TimeProvider time
    )
    {
        if (
            InboundSource.Find(source) is not { } host
            || options.Value.Inbound.Of(host.Name).All() is not { Count: > 0 } secrets
        )
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.NotFound,
                    $"No webhooks are taken at {context.Request.Path}. Taken can be: {string.Join(", ", InboundSource.All.Select(s => "/webhooks/" + s.Name))}, each once its secret is set (Webhooks:Inbound:...:Secret)."
                )
            );
        }
        var signature = context.Request.Headers[host.SignatureHeader].ToString();
        // Without a signature nothing is read.
        var body =
            signature.Length > 0 ? await BodyAsync(context, options.Value.BodyBytesMax) : null;
        if (
            body is null
            || !WebhookSignature.Fits(signature, host.Prefix, body.Value.Span, secrets)
        )
        {
            return ApiHosting.Problem(
                throttle.Wrong(context.Connection.RemoteIpAddress)
                    ?? new Failure(
                        FailureCodes.Unauthorized,
                        $"{host.SignatureHeader} is missing or does not fit the body. The secret there and Webhooks:Inbound:{host.Name}:Secret here must be the same."
                    )
            );
        }
        var now = time.GetUtcNow();
        var (name, problem) = host.Read(
            body.Value,
            host.EventHeader.Length > 0
                ? context.Request.Headers[host.EventHeader].ToString()
                : null,
            now
        );
        if (problem is not null)
        {
            throw Bodies.Refuse(problem);
        }
        if (pump.Waiting > WaitingMax)
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.Unavailable,
                    $"More than {WaitingMax} deliveries wait to be handled.",
                    "",
                    RetrySeconds
                )
            );
        }
        var id = InboundSource.IdOf(
            context.Request.Headers[host.IdHeader].ToString(),
            body.Value.Span
        );
        // Not given up when the caller goes: what is begun is stored, and a repeat finds it.
        var isNew = await inbox.ReceiveAsync(
            new InboxDelivery(host.Name, id, name, body.Value, now),
            CancellationToken.None
        );
        if (isNew)
        {
            pump.Wake();
        }
        return ApiHosting.Json(
            new WebhookReceipt(id, !isNew),
            OrchestratorJson.Compact.WebhookReceipt,
            isNew ? StatusCodes.Status202Accepted : StatusCodes.Status200OK
        );
    }

    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext context, int max)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = max;
        }
        try
        {
            using var buffer = new MemoryStream(
                (int)Math.Clamp(context.Request.ContentLength ?? 0, 0, max)
            );
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
            return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        }
        catch (BadHttpRequestException e)
            when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new BodyException(
                new Failure(
                    FailureCodes.InvalidRequest,
                    $"The body has more than {max} bytes (Webhooks:BodyBytesMax)."
                ),
                StatusCodes.Status413PayloadTooLarge
            );
        }
    }
}
