using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// Shows that a host's silo lives by a lock that its connection holds: the server gives it back the moment the process
/// ends, long before a lease lapses. It shortens the wait only: a silo that froze, or whose machine lost its power, keeps
/// its connection, and its lease decides.
/// </summary>
internal sealed partial class PostgresPresence(
    PostgresSource source,
    TimeProvider time,
    ILogger<PostgresPresence> logger
) : IAsyncDisposable
{
    // Both halves of the lock's key; two hosts whose names hash alike hide each other's end from this look, not from the lease's.
    private const string Space = "hashtext('orchestrator-host')";
    private const string Key = "hashtext(current_schema() || ' ' || ";

    // A server that has just started has lost every connection, and each silo needs a moment to come back.
    private const string Absent = $"""
        lease_until IS NOT NULL AND pg_postmaster_start_time() < clock_timestamp() - interval '15 s' AND NOT EXISTS (
          SELECT 1 FROM pg_locks l
          WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.classid::bigint = ({Space}::bigint & 4294967295)
            AND l.objid::bigint = ({Key}name)::bigint & 4294967295))
        """;

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AgainIn = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource stop = new();
    private Task keeping = Task.CompletedTask;

    /// <summary>Takes the lock and keeps it until disposal, over broken connections. Once only.</summary>
    /// <exception cref="StorageException">The server cannot be reached.</exception>
    public async Task EnterAsync(string host, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(host, cancellationToken);
        keeping = Task.Run(() => KeepAsync(connection, host), CancellationToken.None);
    }

    /// <summary>Hosts that hold a lease while no connection of theirs is there.</summary>
    public async Task<IReadOnlyList<(string Host, long Epoch)>> ListAbsentAsync(
        CancellationToken cancellationToken
    ) =>
        await source.ReadAsync(
            $"SELECT name, epoch FROM host WHERE {Absent}",
            row => (row.GetString(0), row.GetInt64(1)),
            cancellationToken
        );

    /// <summary>Declares such a host dead: its epoch is over. False when it is there again, or in another epoch.</summary>
    public async Task<bool> FenceAbsentAsync(
        string host,
        long epoch,
        CancellationToken cancellationToken
    ) =>
        (
            await source.ReadAsync(
                $"UPDATE host SET epoch = epoch + 1, lease_until = NULL WHERE name = $1 AND epoch = $2 AND {Absent} RETURNING epoch",
                row => row.GetInt64(0),
                cancellationToken,
                host,
                epoch
            )
        ).Count > 0;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task KeepAsync(NpgsqlConnection first, string host)
    {
        var connection = first;
        while (true)
        {
            try
            {
                await using (connection)
                {
                    while (true)
                    {
                        // No notification is asked for: this ends with the period or with the connection.
                        await connection.WaitAsync(LookPeriod, stop.Token);
                        await using var look = new NpgsqlCommand("SELECT 1", connection);
                        await look.ExecuteNonQueryAsync(stop.Token);
                    }
                }
            }
            catch (Exception e)
                when (e is NpgsqlException or IOException or InvalidOperationException)
            {
                LogGone(logger, source.Name, host, e);
            }
            while (true)
            {
                try
                {
                    connection = await OpenAsync(host, stop.Token);
                    break;
                }
                catch (StorageException)
                {
                    await Task.Delay(AgainIn, time, stop.Token);
                }
            }
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string host, CancellationToken cancellationToken)
    {
        var connection = await source.OpenAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(
                $"SELECT pg_advisory_lock_shared({Space}, {Key}$1))",
                connection
            );
            command.Parameters.AddValues([host]);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            throw e is NpgsqlException ? PostgresFaults.Explain(source, e) : e;
        }
    }

    [LoggerMessage(
        EventId = 2524,
        Level = LogLevel.Warning,
        Message = "The connection to {Database} that shows that host {Host} lives broke; it is made again"
    )]
    private static partial void LogGone(
        ILogger logger,
        string database,
        string host,
        Exception exception
    );
}
