namespace Orchestrator.Grains.Storage;

/// <summary>A host as the store knows it.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Epoch">Grows each time its runner starts, and each time it is declared dead.</param>
/// <param name="Slots">Agents at once.</param>
/// <param name="Labels">What it offers.</param>
/// <param name="LeaseUntil">End of its lease, UTC; null = given back.</param>
/// <param name="Alive">True while the lease holds, by the store's clock.</param>
public sealed record HostRow(
    string Host,
    long Epoch,
    int Slots,
    IReadOnlyList<string> Labels,
    DateTimeOffset? LeaseUntil,
    bool Alive
);

/// <summary>
/// Host epochs and leases, judged by the store's clock. Every write is one compare-and-swap on (host, epoch) and rides in
/// the group's commit; none of them wakes a subscriber.
/// </summary>
public interface IHostRegistry
{
    /// <summary>
    /// Begins a new epoch with a lease; every older one is fenced from here on. Returns the epoch; 0 = lost: the present
    /// epoch is not <paramref name="expectedEpoch"/> (another host of the same name was first), or its lease still holds
    /// and <paramref name="takeOver"/> is false. Take over only where the former life is known to be gone.
    /// </summary>
    Task<long> BeginEpochAsync(
        string host,
        long expectedEpoch,
        bool takeOver,
        int slots,
        IReadOnlyList<string> labels,
        TimeSpan lease,
        CancellationToken cancellationToken
    );

    /// <summary>Renews the lease from now on; false = the epoch is over. A lapsed lease that nobody fenced is renewed.</summary>
    Task<bool> RenewAsync(
        string host,
        long epoch,
        TimeSpan lease,
        CancellationToken cancellationToken
    );

    /// <summary>Gives the lease back at a graceful end; a no-op when the epoch is over.</summary>
    Task ReleaseAsync(string host, long epoch, CancellationToken cancellationToken);

    /// <summary>Declares a host dead: its epoch is over. False when it renewed meanwhile, gave its lease back or began a new epoch.</summary>
    Task<bool> FenceLapsedAsync(string host, long epoch, CancellationToken cancellationToken);

    /// <summary>Every host that ever was, by name.</summary>
    Task<IReadOnlyList<HostRow>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The host's present epoch; 0 = unknown host.</summary>
    Task<long> GetEpochAsync(string host, CancellationToken cancellationToken);

    /// <summary>Counts a report that was refused as out of date; joins the next commit.</summary>
    Task CountFencedAsync(CancellationToken cancellationToken);

    /// <summary>Reports and writes refused as out of date, all history.</summary>
    Task<long> ReadFencedAsync(CancellationToken cancellationToken);
}
