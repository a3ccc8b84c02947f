using Orchestrator.Decisions.Failures;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage.Postgres;

namespace Orchestrator.Silo.Storage;

/// <summary>A small question to the store.</summary>
internal interface IStoreProbe
{
    /// <summary>What to do when it is slow.</summary>
    string Cure { get; }

    /// <summary>Asks. The store's instant, null when its clock is this machine's, and how long the answer took.</summary>
    /// <exception cref="StorageException">It did not answer.</exception>
    Task<(DateTimeOffset? Now, TimeSpan Took)> AskAsync(CancellationToken cancellationToken);
}

/// <summary>Asks the embedded file.</summary>
internal sealed class SqliteProbe(SqliteStore store, TimeProvider time) : IStoreProbe
{
    /// <inheritdoc />
    public string Cure =>
        "Look at the disk that holds the data directory (iostat, Resource Monitor) and at what else writes there, or move the data directory to a local, faster disk.";

    /// <inheritdoc />
    public async Task<(DateTimeOffset? Now, TimeSpan Took)> AskAsync(
        CancellationToken cancellationToken
    )
    {
        var began = time.GetTimestamp();
        await store.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT max(version) FROM schema_version";
                return command.ExecuteScalar();
            },
            cancellationToken
        );
        return (null, time.GetElapsedTime(began));
    }
}

/// <summary>Asks PostgreSQL for its clock.</summary>
internal sealed class PostgresProbe(PostgresSource source, TimeProvider time) : IStoreProbe
{
    /// <inheritdoc />
    public string Cure =>
        "Look at the load and the disk of the database's server, at the network to it (orchestrator doctor shows the round trip), and at who holds locks there (pg_stat_activity, pg_locks).";

    /// <inheritdoc />
    public async Task<(DateTimeOffset? Now, TimeSpan Took)> AskAsync(
        CancellationToken cancellationToken
    ) =>
        await source.RunAsync<(DateTimeOffset? Now, TimeSpan Took)>(
            async (connection, token) =>
            {
                await using var command = new Npgsql.NpgsqlCommand(
                    "SELECT clock_timestamp()",
                    connection
                );
                var began = time.GetTimestamp();
                var now = (DateTime)(await command.ExecuteScalarAsync(token))!;
                return (new DateTimeOffset(now, TimeSpan.Zero), time.GetElapsedTime(began));
            },
            cancellationToken
        );
}

/// <summary>Looks every 5 seconds at how quickly the store answers, and at its clock.</summary>
internal sealed partial class StoreWatch(
    IStoreProbe probe,
    StorePulse pulse,
    TimeProvider time,
    ILogger<StoreWatch> logger
) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SkewPause = TimeSpan.FromMinutes(10);
    private long skewToldAt;

    /// <summary>Takes the store's clock; best of three, so that a first connection does not count.</summary>
    public static async Task SetAsync(
        IStoreProbe probe,
        StoreTime time,
        CancellationToken cancellationToken
    )
    {
        for (var n = 0; n < 3; n++)
        {
            var (now, took) = await probe.AskAsync(cancellationToken);
            time.Saw(now!.Value, time.MachineNow() - took, took);
        }
    }

    /// <summary>The lines of <c>doctor</c>.</summary>
    public IEnumerable<DoctorCheck> Checks()
    {
        var trip = pulse.RoundTrip is { } took
            ? string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"round trip {took.TotalMilliseconds:0.0} ms"
            )
            : "not asked yet";
        yield return pulse.Problem is { Length: > 0 } slow
            ? new DoctorCheck("database speed", "warn", $"{trip}; {slow}", pulse.Cure)
            : new DoctorCheck("database speed", "ok", trip, "");
        if (time is StoreTime clock)
        {
            yield return clock.Problem is { Length: > 0 } wrong
                ? new DoctorCheck("clock", "warn", wrong, "Set the clock of this machine right.")
                : new DoctorCheck(
                    "clock",
                    "ok",
                    string.Create(
                        System.Globalization.CultureInfo.InvariantCulture,
                        $"{clock.Skew.TotalSeconds:0.00} s ahead of the database's"
                    ),
                    ""
                );
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        pulse.Cure = probe.Cure;
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            try
            {
                var (now, took) = await probe.AskAsync(stoppingToken);
                pulse.Answered(took);
                if (now is { } store && time is StoreTime clock)
                {
                    clock.Saw(store, clock.MachineNow() - took, took);
                    TellSkew(clock);
                }
            }
            catch (Exception e) when (LoopFault.IsOutlived(e, stoppingToken))
            {
                // Whoever writes meanwhile says why it does not answer; here only how long it kept us waiting.
                pulse.Answered(time.GetElapsedTime(began));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            pulse.Tell();
            await Task.Delay(Pause, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void TellSkew(StoreTime clock)
    {
        if (clock.Problem.Length == 0)
        {
            skewToldAt = 0;
        }
        else if (skewToldAt == 0 || time.GetElapsedTime(skewToldAt) >= SkewPause)
        {
            skewToldAt = time.GetTimestamp();
            LogSkew(logger, clock.Problem);
        }
    }

    [LoggerMessage(EventId = 2532, Level = LogLevel.Warning, Message = "{Problem}")]
    private static partial void LogSkew(ILogger logger, string problem);
}
