using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Webhooks;

namespace Orchestrator.SystemTests.Streams;

/// <summary>A silo whose subscribers have no endpoints and no hosts of tickets to tell anything.</summary>
internal sealed class NobodyOutside : IWebhookEndpoints, ITicketHosts
{
    public IReadOnlyCollection<string> Names => [];

    public IReadOnlyCollection<ITicketHost> All => [];

    public IReadOnlyList<string> Wanting(string type) => [];

    public ITicketHost? Find(string kind) => null;

    public Task<WebhookAnswer> SendAsync(
        string endpoint,
        string messageId,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    ) => throw new InvalidOperationException($"There is no endpoint {endpoint} here.");
}
