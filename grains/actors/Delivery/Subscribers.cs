using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.GrainInterfaces.Webhooks;

namespace Orchestrator.Grains.Delivery;

/// <summary>The kinds of subscribers there are. A new one is a row here.</summary>
public static class Subscribers
{
    /// <summary>The names of their cursors.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    ["files", "metrics", "webhooks", "tickets", "telegram", "traces"];

    /// <summary>The subscriber of a kind and partition, or null for an unknown kind.</summary>
    public static ISubscriberGrain? Of(IGrainFactory grains, string kind, int partition)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return kind switch
        {
            "files" => grains.GetGrain<IFilesGrain>(partition),
            "metrics" => grains.GetGrain<IMetricsGrain>(partition),
            "webhooks" => grains.GetGrain<IWebhooksGrain>(partition),
            "tickets" => grains.GetGrain<ITicketsGrain>(partition),
            "telegram" => grains.GetGrain<ITelegramGrain>(partition),
            "traces" => grains.GetGrain<ITracesGrain>(partition),
            _ => null,
        };
    }
}
