using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Webhooks;

/// <summary>Hands the deliveries of one host on.</summary>
public interface IWebhookHandler
{
    /// <summary>The host: <c>github</c>.</summary>
    string Source { get; }

    /// <summary>Hands one on. May see it twice. An exception means: try again later, a bounded number of times.</summary>
    Task<WebhookVerdict> HandleAsync(
        InboxEntry entry,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    );
}

/// <summary>What became of a delivery.</summary>
/// <param name="Taken">Somebody took it; else it is ignored.</param>
/// <param name="Words">By how many, or why it is ignored.</param>
public sealed record WebhookVerdict(bool Taken, string Words);
