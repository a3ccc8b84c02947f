using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.GrainInterfaces.Webhooks;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Webhooks;

/// <summary>Writes a message into the outbox for each endpoint that wants a fact. It sends nothing itself, so that no endpoint holds it up.</summary>
[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace), OnControlSilos]
public sealed class WebhooksGrain(
    SubscriberServices services,
    IWebhookOutbox outbox,
    IWebhookEndpoints endpoints,
    Redactor redactor,
    TimeProvider time,
    ILogger<WebhooksGrain> logger
) : SubscriberGrain(services, logger), IWebhooksGrain
{
    /// <inheritdoc />
    protected override string Kind => "webhooks";

    /// <inheritdoc />
    protected override async Task<bool> HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        bool replay,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (endpoints.Names.Count == 0)
        {
            return false;
        }
        var now = time.GetUtcNow();
        var told = new HashSet<string>();
        var writes = new List<Task>();
        foreach (var entry in entries)
        {
            if (
                (!replay && now - entry.At > OutboundText.NewsMax)
                || OutboundText.TypeOf(entry.Fact) is not { } type
                || endpoints.Wanting(type) is not { Count: > 0 } wanting
            )
            {
                continue;
            }
            var body = Encoding.UTF8.GetBytes(redactor.Redact(OutboundText.Write(entry)!));
            foreach (var endpoint in wanting)
            {
                told.Add(endpoint);
                // Side by side, so that they share a commit.
                writes.Add(
                    outbox.AddAsync(
                        new OutboxMessage(
                            endpoint,
                            OutboundText.IdOf(endpoint, entry.Position),
                            type,
                            body,
                            now,
                            now + WebhookSchedule.OutboundMax
                        ),
                        cancellationToken
                    )
                );
            }
        }
        await Task.WhenAll(writes);
        foreach (var endpoint in told)
        {
            await GrainFactory.GetGrain<IWebhookOutboxGrain>(endpoint).WakeAsync(cancellationToken);
        }
        return writes.Count > 0;
    }
}
