namespace Orchestrator.GrainInterfaces.Delivery;

/// <summary>A subscriber of the journal, one per kind and partition, key = <c>KIND/PARTITION</c>. Woken by a hint; reads the journal from its durable cursor.</summary>
[GrainInterfaceType("files-subscriber"), Alias("orchestrator.files-subscriber")]
public interface IFilesGrain : IGrainWithIntegerKey
{
    /// <summary>There may be facts beyond the cursor. Returns at once; the work is done in the grain's own loop.</summary>
    [Alias("wake")]
    Task WakeAsync(long position, CancellationToken cancellationToken);
}
