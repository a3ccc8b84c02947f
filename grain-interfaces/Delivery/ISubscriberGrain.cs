using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.GrainInterfaces.Delivery;

#if !CLIENT_PACKAGE
/// <summary>
/// A subscriber of the journal, one per kind and partition, key = the partition. It is subscribed to the partition's
/// stream implicitly, is woken by its hints, and reads the journal from its durable cursor.
/// </summary>
[GrainInterfaceType("subscriber"), Alias("orchestrator.subscriber")]
public interface ISubscriberGrain : IGrainWithIntegerKey
{
    /// <summary>There may be facts beyond the cursor. Returns at once; the work is done in the grain's own loop.</summary>
    /// <param name="position">The last fact's place in the journal; one that was read already wakes nobody. 0 = not known: it looks.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [Alias("wake")]
    Task WakeAsync(long position, CancellationToken cancellationToken);

    /// <summary>Delivers a buried fact again; null = delivered (now or by an earlier replay), else why not. The letter stays when it fails.</summary>
    [Alias("replay")]
    Task<Failure?> ReplayAsync(long letterId, CancellationToken cancellationToken);

    /// <summary>For the Orleans dashboard: how far it is. Reads, changes nothing, wakes nobody.</summary>
    [Alias("get-state")]
    Task<SubscriberStatus> GetState();
}

/// <summary>How far a subscriber is.</summary>
/// <param name="Subscriber">Its kind.</param>
/// <param name="Partition">0 to 7.</param>
/// <param name="Cursor">Place in the journal up to which it has worked; 0 = it has not begun.</param>
/// <param name="Waiting">Facts of its partition beyond that, at most 500: its lag.</param>
/// <param name="Working">True while its loop runs.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.subscriber-status")]
public sealed record SubscriberStatus(
    [property: Id(0)] string Subscriber,
    [property: Id(1)] int Partition,
    [property: Id(2)] long Cursor,
    [property: Id(3)] int Waiting,
    [property: Id(4)] bool Working
);

/// <summary>Exports results, summaries and events as files.</summary>
[GrainInterfaceType("files-subscriber"), Alias("orchestrator.files-subscriber")]
public interface IFilesGrain : ISubscriberGrain;

/// <summary>Keeps <c>logs/metrics.json</c>.</summary>
[GrainInterfaceType("metrics-subscriber"), Alias("orchestrator.metrics-subscriber")]
public interface IMetricsGrain : ISubscriberGrain;

/// <summary>Exports the spans of turns.</summary>
[GrainInterfaceType("traces-subscriber"), Alias("orchestrator.traces-subscriber")]
public interface ITracesGrain : ISubscriberGrain;

/// <summary>Tells the tickets of tasks where their work is.</summary>
[GrainInterfaceType("tickets-subscriber"), Alias("orchestrator.tickets-subscriber")]
public interface ITicketsGrain : ISubscriberGrain;
#endif
