using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Cluster;

/// <summary>
/// Keeps the instants in the table of members in the cluster's time. Orleans writes and compares them by each machine's own
/// clock (10.4: <c>MembershipTableManager</c>, <c>MembershipAgent</c>), and takes a member whose clock is minutes off for one
/// that is silent, or that has been joining for too long. Written: corrected; read: as this machine's clock would have it.
/// </summary>
internal sealed class MembershipClock(IMembershipTable table, StoreTime time) : IMembershipTable
{
    /// <inheritdoc />
    public Task InitializeMembershipTable(bool tryInitTableVersion) =>
        table.InitializeMembershipTableAsync(tryInitTableVersion);

    /// <inheritdoc />
    public Task DeleteMembershipTableEntries(string clusterId) =>
        table.DeleteMembershipTableEntriesAsync(clusterId);

    /// <inheritdoc />
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) =>
        table.CleanupDefunctSiloEntriesAsync(beforeDate + time.Correction);

    /// <inheritdoc />
    public async Task<MembershipTableData> ReadRow(SiloAddress key) =>
        Own(await table.ReadRowAsync(key));

    /// <inheritdoc />
    public async Task<MembershipTableData> ReadAll() => Own(await table.ReadAllAsync());

    /// <inheritdoc />
    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        table.InsertRowAsync(Cluster(entry), tableVersion);

    /// <inheritdoc />
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        table.UpdateRowAsync(Cluster(entry), etag, tableVersion);

    /// <inheritdoc />
    public Task UpdateIAmAlive(MembershipEntry entry) => table.UpdateIAmAliveAsync(Cluster(entry));

    // The rows were made for this call: nobody else holds them. When a silo began is only compared with the corrected time.
    private MembershipTableData Own(MembershipTableData data)
    {
        var correction = time.Correction;
        if (correction != TimeSpan.Zero)
        {
            foreach (var (entry, _) in data.Members)
            {
                entry.IAmAliveTime -= correction;
                entry.SuspectTimes = Moved(entry.SuspectTimes, -correction);
            }
        }
        return data;
    }

    // A copy: Orleans keeps the entry.
    private MembershipEntry Cluster(MembershipEntry entry)
    {
        var correction = time.Correction;
        return correction == TimeSpan.Zero
            ? entry
            : new MembershipEntry
            {
                SiloAddress = entry.SiloAddress,
                Status = entry.Status,
                SuspectTimes = Moved(entry.SuspectTimes, correction),
                ProxyPort = entry.ProxyPort,
                HostName = entry.HostName,
                SiloName = entry.SiloName,
                RoleName = entry.RoleName,
                UpdateZone = entry.UpdateZone,
                FaultZone = entry.FaultZone,
                StartTime = entry.StartTime + correction,
                IAmAliveTime = entry.IAmAliveTime + correction,
            };
    }

    private static List<Tuple<SiloAddress, DateTime>>? Moved(
        List<Tuple<SiloAddress, DateTime>>? votes,
        TimeSpan by
    ) => votes?.ConvertAll(v => Tuple.Create(v.Item1, v.Item2 + by));
}
