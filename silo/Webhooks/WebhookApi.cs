using System.Globalization;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.GrainInterfaces.Webhooks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;

namespace Orchestrator.Silo.Webhooks;

/// <summary>Endpoints for operators: what came, what was sent, and again, please. Bodies are not shown.</summary>
internal static class WebhookApi
{
    private const int PageDefault = 100;
    private const int PageMax = 1_000;

    /// <summary>Maps them.</summary>
    public static void MapWebhooks(this WebApplication app)
    {
        app.MapGet("/v1/webhooks/inbox", ListAsync)
            .Is(
                "list_webhooks",
                ScopeNeeded.Read,
                "Deliveries of webhooks that came, the newest first, without their bodies."
            )
            .Answers<WebhookPage>();
        app.MapPost("/v1/webhooks/inbox/replay", ReplayAsync)
            .Is(
                "replay_webhooks",
                ScopeNeeded.Operate,
                "Handle deliveries again: those named, or the newest 1,000 that were given up."
            )
            .Takes<WebhookReplayRequest>()
            .Answers<WorkReport>();
        app.MapGet("/v1/webhooks/deliveries", MessagesAsync)
            .Is(
                "list_webhook_deliveries",
                ScopeNeeded.Read,
                "Messages to our endpoints, the newest first, without their bodies."
            )
            .Answers<WebhookMessagePage>();
        app.MapPost("/v1/webhooks/deliveries/resend", ResendAsync)
            .Is(
                "resend_webhooks",
                ScopeNeeded.Operate,
                "Send messages again, under the same ids; an endpoint that was closed by 410 is opened by it."
            )
            .Takes<WebhookResendRequest>()
            .Answers<WorkReport>();
    }

    private static async Task<IResult> ListAsync(
        IWebhookInbox inbox,
        string? source,
        string? state,
        string? since,
        string? before,
        string? max,
        CancellationToken token
    )
    {
        if (
            !string.IsNullOrEmpty(source)
            && source != TelegramNames.Source
            && InboundSource.Find(source) is null
        )
        {
            throw Bodies.Refuse(
                $"source must be one of {string.Join(", ", InboundSource.All.Select(s => s.Name).Append(TelegramNames.Source))}."
            );
        }
        var size = (int)Bodies.Number("max", max, PageDefault, 1, PageMax);
        var found = await inbox.ListAsync(
            new InboxFilter(
                string.IsNullOrEmpty(source) ? null : source,
                State<InboxState>(state),
                Since(since),
                Before(before),
                size
            ),
            token
        );
        return ApiHosting.Json(
            new WebhookPage(
                [
                    .. found.Select(e => new WebhookInfo(
                        e.Id,
                        e.Source,
                        e.DeliveryId,
                        e.Event,
                        e.SizeBytes,
                        e.At,
                        Name(e.State),
                        e.Tries,
                        e.State == InboxState.Waiting ? e.Due : null,
                        e.SettledAt,
                        e.Words
                    )),
                ],
                await inbox.CountWaitingAsync(token),
                found.Count == size ? found[^1].Id : null
            ),
            OrchestratorJson.Compact.WebhookPage
        );
    }

    private static async Task<IResult> ReplayAsync(
        HttpContext context,
        IWebhookInbox inbox,
        WebhookPump pump,
        TimeProvider time
    )
    {
        var body = await Bodies.ReadAsync<WebhookReplayRequest>(context);
        if (body.Failed == body.Ids is not null || body.Ids is { Count: 0 or > PageMax })
        {
            throw Bodies.Refuse(
                $"Say which deliveries: either 'ids' with 1 to {PageMax} numbers, or 'failed': true."
            );
        }
        var ids =
            body.Ids
            ??
            [
                .. (
                    await inbox.ListAsync(
                        new InboxFilter(null, InboxState.Failed, null, null, PageMax),
                        context.RequestAborted
                    )
                ).Select(e => e.Id),
            ];
        var (done, problems) = (new List<string>(), new List<string>());
        foreach (var id in ids.Distinct())
        {
            if (await inbox.ReplayAsync(id, time.GetUtcNow(), context.RequestAborted))
            {
                done.Add(Text(id));
            }
            else
            {
                problems.Add(
                    $"There is no delivery {id}. 'orchestrator webhooks list' shows them."
                );
            }
        }
        pump.Wake();
        return ApiHosting.Json(
            new WorkReport(done, [], problems),
            OrchestratorJson.Compact.WorkReport
        );
    }

    private static async Task<IResult> MessagesAsync(
        IWebhookOutbox outbox,
        string? endpoint,
        string? state,
        string? before,
        string? max,
        CancellationToken token
    )
    {
        var size = (int)Bodies.Number("max", max, PageDefault, 1, PageMax);
        // First: what is shown as closed has its messages shown as dead.
        var closed = await outbox.ListClosedAsync(token);
        var found = await outbox.ListAsync(
            new OutboxFilter(
                string.IsNullOrEmpty(endpoint) ? null : endpoint,
                State<OutboxState>(state),
                Before(before),
                size
            ),
            token
        );
        return ApiHosting.Json(
            new WebhookMessagePage(
                [
                    .. found.Select(e => new WebhookMessageInfo(
                        e.Id,
                        e.Endpoint,
                        e.MessageId,
                        e.Event,
                        e.At,
                        Name(e.State),
                        e.Tries,
                        e.State == OutboxState.Waiting ? e.Due : null,
                        e.Status,
                        e.SettledAt,
                        e.Words
                    )),
                ],
                [.. closed.Select(c => $"{c.Key}: {c.Value}")],
                found.Count == size ? found[^1].Id : null
            ),
            OrchestratorJson.Compact.WebhookMessagePage
        );
    }

    private static async Task<IResult> ResendAsync(
        HttpContext context,
        IWebhookOutbox outbox,
        IGrainFactory grains,
        TimeProvider time
    )
    {
        var body = await Bodies.ReadAsync<WebhookResendRequest>(context);
        if (body.Ids is not { Count: > 0 and <= PageMax })
        {
            throw Bodies.Refuse($"'ids' needs 1 to {PageMax} numbers.");
        }
        var (done, problems) = (new List<string>(), new List<string>());
        foreach (var id in body.Ids.Distinct())
        {
            var now = time.GetUtcNow();
            var endpoint = await outbox.ResendAsync(
                id,
                now,
                now + WebhookSchedule.OutboundMax,
                context.RequestAborted
            );
            if (endpoint is null)
            {
                problems.Add(
                    $"There is no message {id}. 'orchestrator webhooks deliveries' shows them."
                );
                continue;
            }
            done.Add(Text(id));
            await (
                TelegramNames.ChatOf(endpoint) is null
                    ? grains
                        .GetGrain<IWebhookOutboxGrain>(endpoint)
                        .WakeAsync(context.RequestAborted)
                    : grains.GetGrain<ITelegramSenderGrain>(0).WakeAsync(context.RequestAborted)
            );
        }
        return ApiHosting.Json(
            new WorkReport(done, [], problems),
            OrchestratorJson.Compact.WorkReport
        );
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static string Name<T>(T state)
        where T : struct, Enum => state.ToString().ToLowerInvariant();

    private static T? State<T>(string? text)
        where T : struct, Enum =>
        string.IsNullOrEmpty(text) ? null
        : Enum.GetValues<T>().Where(s => Name(s) == text).ToList() is [var state] ? state
        : throw Bodies.Refuse(
            $"state must be one of {string.Join(", ", Enum.GetValues<T>().Select(Name))}."
        );

    private static DateTimeOffset? Since(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var at
        )
            ? at
        : throw Bodies.Refuse("since must be an instant: 2026-05-04T03:02:01Z.");

    private static long? Before(string? text) =>
        string.IsNullOrEmpty(text) ? null : Bodies.Number("before", text, 0, 1, long.MaxValue);
}
