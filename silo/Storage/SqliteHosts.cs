using System.Globalization;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>
/// Host epochs and leases on SQLite. The clock is read inside the operation, on the writer thread: what is compared and
/// what is written are one instant of one clock.
/// </summary>
internal sealed class SqliteHosts(SqliteStore store, TimeProvider time) : IHostRegistry
{
    private const string Fenced = "fenced";
    private static readonly string[] BeginNames = ["$n", "$e", "$s", "$l", "$u"];
    private static readonly string[] RenewNames = ["$n", "$e", "$u"];
    private static readonly string[] HostNames = ["$n", "$e"];

    /// <inheritdoc />
    public Task<long> BeginEpochAsync(
        string host,
        long expectedEpoch,
        bool takeOver,
        int slots,
        IReadOnlyList<string> labels,
        TimeSpan lease,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            s =>
            {
                var (epoch, until) = Row(s, host);
                var now = time.GetUtcNow().UtcTicks;
                if (epoch != expectedEpoch || (!takeOver && until > now))
                {
                    return 0;
                }
                s.Execute(
                    "INSERT INTO host (name, epoch, slots, labels, lease_until) VALUES ($n, $e, $s, $l, $u) ON CONFLICT (name) DO UPDATE SET epoch = $e, slots = $s, labels = $l, lease_until = $u",
                    BeginNames,
                    host,
                    epoch + 1,
                    slots,
                    string.Join(';', labels),
                    now + lease.Ticks
                );
                return epoch + 1;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<bool> RenewAsync(
        string host,
        long epoch,
        TimeSpan lease,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            s =>
                s.Execute(
                    "UPDATE host SET lease_until = $u WHERE name = $n AND epoch = $e",
                    RenewNames,
                    host,
                    epoch,
                    time.GetUtcNow().UtcTicks + lease.Ticks
                ),
            cancellationToken
        ) > 0;

    /// <inheritdoc />
    public Task ReleaseAsync(string host, long epoch, CancellationToken cancellationToken) =>
        store.WriteAsync(
            s =>
                s.Execute(
                    "UPDATE host SET lease_until = 0 WHERE name = $n AND epoch = $e",
                    HostNames,
                    host,
                    epoch
                ),
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<bool> FenceLapsedAsync(
        string host,
        long epoch,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            s =>
                s.Execute(
                    "UPDATE host SET epoch = epoch + 1, lease_until = 0 WHERE name = $n AND epoch = $e AND lease_until > 0 AND lease_until <= $u",
                    RenewNames,
                    host,
                    epoch,
                    time.GetUtcNow().UtcTicks
                ),
            cancellationToken
        ) > 0;

    /// <inheritdoc />
    public Task<IReadOnlyList<HostRow>> ListAsync(CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<HostRow>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    "SELECT name, epoch, slots, labels, lease_until FROM host ORDER BY name";
                var now = time.GetUtcNow().UtcTicks;
                var hosts = new List<HostRow>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    var until = row.GetInt64(4);
                    hosts.Add(
                        new HostRow(
                            row.GetString(0),
                            row.GetInt64(1),
                            row.GetInt32(2),
                            row.GetString(3).Split(';', StringSplitOptions.RemoveEmptyEntries),
                            until == 0 ? null : new DateTimeOffset(until, TimeSpan.Zero),
                            until > now
                        )
                    );
                }
                return hosts;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<long> GetEpochAsync(string host, CancellationToken cancellationToken) =>
        ScalarAsync(
            "SELECT coalesce(max(epoch), 0) FROM host WHERE name = $a",
            host,
            cancellationToken
        );

    /// <inheritdoc />
    public Task CountFencedAsync(CancellationToken cancellationToken) =>
        store.PostAsync(CountFenced, cancellationToken);

    /// <inheritdoc />
    public Task<long> ReadFencedAsync(CancellationToken cancellationToken) =>
        ScalarAsync(
            "SELECT coalesce(max(n), 0) FROM counter WHERE name = $a",
            Fenced,
            cancellationToken
        );

    /// <summary>The host's epoch inside a running operation.</summary>
    public static long EpochOf(SqliteStore s, string host) => Row(s, host).Epoch;

    /// <summary>Counts a refused write inside the operation that refuses it.</summary>
    public static int CountFenced(SqliteStore s) =>
        s.Execute(
            "INSERT INTO counter (name, n) VALUES ($n, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1",
            ["$n"],
            Fenced
        );

    private static (long Epoch, long Until) Row(SqliteStore s, string host)
    {
        var command = s.Command("SELECT epoch, lease_until FROM host WHERE name = $n", "$n");
        command.Parameters[0].Value = host;
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), row.GetInt64(1)) : (0, 0);
    }

    private Task<long> ScalarAsync(string sql, string value, CancellationToken cancellationToken) =>
        store.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
                command.CommandText = sql;
#pragma warning restore CA2100
                command.Parameters.AddWithValue("$a", value);
                return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
            },
            cancellationToken
        );
}
