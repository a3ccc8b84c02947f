using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.GrainInterfaces.Webhooks;

#if !CLIENT_PACKAGE
/// <summary>Writes messages for the endpoints of webhooks.</summary>
[GrainInterfaceType("webhooks-subscriber"), Alias("orchestrator.webhooks-subscriber")]
public interface IWebhooksGrain : ISubscriberGrain;

/// <summary>Handles the deliveries of the inbox, one in the cluster; its key is 0.</summary>
[GrainInterfaceType("webhook-inbox"), Alias("orchestrator.webhook-inbox")]
public interface IWebhookInboxGrain : IGrainWithIntegerKey
{
    /// <summary>Something may wait. Returns at once; the work is done in the grain's own loop.</summary>
    [Alias("wake")]
    Task WakeAsync(CancellationToken cancellationToken);
}

/// <summary>Sends the messages of one endpoint; its key is the endpoint's name.</summary>
[GrainInterfaceType("webhook-outbox"), Alias("orchestrator.webhook-outbox")]
public interface IWebhookOutboxGrain : IGrainWithStringKey
{
    /// <summary>Something may wait. Returns at once; the work is done in the grain's own loop.</summary>
    [Alias("wake")]
    Task WakeAsync(CancellationToken cancellationToken);
}
#endif
