using System.Net.Sockets;

namespace Orchestrator.Silo.Cluster;

/// <summary>
/// Marks members whose process is gone as dead before this silo joins. A joining silo must hear from every active member;
/// when all silos died at once, nobody is left who could vote them out, and each start waited some 15 s for their ghosts.
/// </summary>
internal static partial class DeadMembers
{
    private const int RoundsMax = 16;
    private static readonly TimeSpan ConnectMax = TimeSpan.FromMilliseconds(500);

    /// <summary>Marks them; what cannot be marked now is left to the members' votes.</summary>
    public static async Task SweepAsync(
        IMembershipTable table,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        await table.InitializeMembershipTableAsync(true, cancellationToken);
        for (var round = 0; round < RoundsMax; round++)
        {
            var members = await table.ReadAllAsync(cancellationToken);
            var dead = await FirstDeadAsync(members, cancellationToken);
            if (dead is null)
            {
                return;
            }
            var (entry, etag) = (dead.Item1, dead.Item2);
            entry.Status = SiloStatus.Dead;
            // Each write moves the table's version; whoever was faster wins, and the table is read again.
            if (await table.UpdateRowAsync(entry, etag, members.Version.Next(), cancellationToken))
            {
                LogDead(logger, entry.SiloAddress);
            }
        }
    }

    /// <summary>True when the silo's machine itself says that nothing listens there any more. Silence says nothing.</summary>
    public static async Task<bool> IsRefusedAsync(
        SiloAddress silo,
        CancellationToken cancellationToken
    )
    {
        using var socket = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectMax);
        try
        {
            await socket.ConnectAsync(silo.Endpoint, limit.Token);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task<Tuple<MembershipEntry, string>?> FirstDeadAsync(
        MembershipTableData members,
        CancellationToken cancellationToken
    )
    {
        // One that is only joining may not listen yet.
        foreach (var member in members.Members.Where(m => m.Item1.Status == SiloStatus.Active))
        {
            if (await IsRefusedAsync(member.Item1.SiloAddress, cancellationToken))
            {
                return member;
            }
        }
        return null;
    }

    [LoggerMessage(
        EventId = 2035,
        Level = LogLevel.Warning,
        Message = "Member {Silo} is gone: its machine refuses connections to it; it is marked dead before this silo joins"
    )]
    private static partial void LogDead(ILogger logger, SiloAddress silo);
}
