using Orchestrator.Decisions.Observability;
using Orchestrator.Decisions.Telegram;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Telegram;
using Orchestrator.Grains.Webhooks;

namespace Orchestrator.SystemTests.Streams;

/// <summary>A silo whose subscribers have no endpoints, no hosts of tickets and no chats to tell anything.</summary>
internal sealed class NobodyOutside : IWebhookEndpoints, ITicketHosts, IChatHost, ISpanSink
{
    public ChatDoor Door { get; } =
        new(
            false,
            false,
            default,
            0,
            new QuietHours(default, default, default),
            TimeZoneInfo.Utc,
            "en"
        );

    public bool Wanted => false;

    public IReadOnlyCollection<string> Names => [];

    public IReadOnlyCollection<ITicketHost> All => [];

    public IReadOnlyList<string> Wanting(string type) => [];

    public ITicketHost? Find(string kind) => null;

    public Task<ChatAnswer> PrepareAsync(CancellationToken cancellationToken) => throw NoChat();

    public Task<ChatPoll> PollAsync(long offset, CancellationToken cancellationToken) =>
        throw NoChat();

    public Task<ChatAnswer> SendAsync(
        long chat,
        ChatSend send,
        ReadOnlyMemory<byte> document,
        CancellationToken cancellationToken
    ) => throw NoChat();

    public Task<ChatAnswer> EditAsync(
        long chat,
        long messageId,
        ChatSend send,
        CancellationToken cancellationToken
    ) => throw NoChat();

    public Task SendAsync(IReadOnlyList<TraceSpan> spans, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("There is no collector here.");

    private static InvalidOperationException NoChat() => new("There is no chat here.");

    public Task<WebhookAnswer> SendAsync(
        string endpoint,
        string messageId,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    ) => throw new InvalidOperationException($"There is no endpoint {endpoint} here.");
}
