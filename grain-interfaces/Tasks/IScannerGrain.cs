namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>The scanner as people see it.</summary>
/// <param name="LastScanAt">End of the last whole look, UTC; null = none yet.</param>
/// <param name="Woken">Tasks woken since its activation.</param>
/// <param name="Rescued">How often its guard found it standing still and set it going again, since its activation.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.scanner-status")]
public sealed record ScannerStatus(
    [property: Id(0)] DateTimeOffset? LastScanAt,
    [property: Id(1)] long Woken,
    [property: Id(2)] long Rescued
);

#if !CLIENT_PACKAGE
/// <summary>The one scanner, key 0: wakes tasks that are due or owe something, and those of a host whose lease lapsed. One reminder guards it.</summary>
[GrainInterfaceType("scanner"), Alias("orchestrator.scanner")]
public interface IScannerGrain : IGrainWithIntegerKey
{
    /// <summary>Makes sure that it scans and that its guard stands. Idempotent.</summary>
    [Alias("watch")]
    Task WatchAsync(CancellationToken cancellationToken);

    /// <summary>For status and the Orleans dashboard.</summary>
    [Alias("get-state")]
    Task<ScannerStatus> GetState();
}
#endif
