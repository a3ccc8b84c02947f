#if !CLIENT_PACKAGE
using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.GrainInterfaces.Telegram;

/// <summary>Writes what chats are told of tasks.</summary>
[GrainInterfaceType("telegram-subscriber"), Alias("orchestrator.telegram-subscriber")]
public interface ITelegramGrain : ISubscriberGrain;

/// <summary>Asks Telegram for updates and stores them, one in the cluster; its key is 0.</summary>
[GrainInterfaceType("telegram-poller"), Alias("orchestrator.telegram-poller")]
public interface ITelegramPollerGrain : IGrainWithIntegerKey
{
    /// <summary>Makes sure that it asks. Returns at once; the work is done in the grain's own loop.</summary>
    [Alias("wake")]
    Task WakeAsync(CancellationToken cancellationToken);

    /// <summary>What keeps it from asking, in words; empty = nothing does.</summary>
    [Alias("get-problem")]
    Task<string> GetProblemAsync(CancellationToken cancellationToken);
}

/// <summary>Answers stored updates, those of a chat in their order, one in the cluster; its key is 0.</summary>
[GrainInterfaceType("telegram-desk"), Alias("orchestrator.telegram-desk")]
public interface ITelegramDeskGrain : IGrainWithIntegerKey
{
    /// <summary>Something may wait. Returns at once; the work is done in the grain's own loop.</summary>
    [Alias("wake")]
    Task WakeAsync(CancellationToken cancellationToken);
}

/// <summary>Sends what waits for chats, at the pace that Telegram allows, one in the cluster; its key is 0.</summary>
[GrainInterfaceType("telegram-sender"), Alias("orchestrator.telegram-sender")]
public interface ITelegramSenderGrain : IGrainWithIntegerKey
{
    /// <summary>Something may wait. Returns at once; the work is done in the grain's own loop.</summary>
    [Alias("wake")]
    Task WakeAsync(CancellationToken cancellationToken);
}
#endif
