using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Webhooks;

/// <summary>GitHub's deliveries, to pull requests.</summary>
public sealed class GitHubWebhooks(IForgeEvents forge) : IWebhookHandler
{
    /// <inheritdoc />
    public string Source => "github";

    /// <inheritdoc />
    public async Task<WebhookVerdict> HandleAsync(
        InboxEntry entry,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entry);
        var reading = GitHubWebhookReader.Read(entry.Event, entry.DeliveryId, body);
        var woken = 0;
        foreach (var told in reading.Events)
        {
            woken += await forge.TellAsync(told, cancellationToken);
        }
        return reading.Events.Count == 0 ? new WebhookVerdict(false, reading.Reason)
            : woken == 0 ? new WebhookVerdict(false, "It is about no pull request of ours.")
            : new WebhookVerdict(true, $"Told to {woken} of our pull requests.");
    }
}

/// <summary>Deliveries of a host of tickets.</summary>
public abstract class TicketWebhooks(ITicketEvents tickets) : IWebhookHandler
{
    /// <inheritdoc />
    public abstract string Source { get; }

    /// <inheritdoc />
    public async Task<WebhookVerdict> HandleAsync(
        InboxEntry entry,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entry);
        var reading = Read(entry.DeliveryId, body);
        if (reading.Event is null)
        {
            return new WebhookVerdict(false, reading.Reason);
        }
        var taken = await tickets.TellAsync(reading.Event, cancellationToken);
        return taken == 0
            ? new WebhookVerdict(
                false,
                $"No task and no rule here is about {reading.Event.TicketKey}."
            )
            : new WebhookVerdict(true, $"{reading.Event.TicketKey}: told to {taken}.");
    }

    /// <summary>Reads a body of this host.</summary>
    protected abstract TicketReading Read(string deliveryId, ReadOnlyMemory<byte> body);
}

/// <summary>Linear's deliveries.</summary>
public sealed class LinearWebhooks(ITicketEvents tickets) : TicketWebhooks(tickets)
{
    /// <inheritdoc />
    public override string Source => "linear";

    /// <inheritdoc />
    protected override TicketReading Read(string deliveryId, ReadOnlyMemory<byte> body) =>
        TicketWebhookReader.Linear(deliveryId, body);
}

/// <summary>Jira's deliveries.</summary>
public sealed class JiraWebhooks(ITicketEvents tickets) : TicketWebhooks(tickets)
{
    /// <inheritdoc />
    public override string Source => "jira";

    /// <inheritdoc />
    protected override TicketReading Read(string deliveryId, ReadOnlyMemory<byte> body) =>
        TicketWebhookReader.Jira(deliveryId, body);
}

/// <summary>Stands in where nothing follows tickets: every hint is nobody's.</summary>
public sealed class NoTicketEvents : ITicketEvents
{
    /// <inheritdoc />
    public Task<int> TellAsync(TicketEvent told, CancellationToken cancellationToken) =>
        Task.FromResult(0);
}
