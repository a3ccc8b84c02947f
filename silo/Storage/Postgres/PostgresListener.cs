using System.Globalization;
using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// Learns of other silos' commits. A notification is a wake-up only: after each connect, and whenever none came for a
/// while, it looks where the journal ends.
/// </summary>
internal sealed partial class PostgresListener : IAsyncDisposable
{
    private static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TroubledPause = TimeSpan.FromSeconds(1);

    private readonly PostgresSource source;
    private readonly CommitSignals signals;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;

    public PostgresListener(
        PostgresSource source,
        CommitSignals signals,
        TimeProvider time,
        ILogger logger
    )
    {
        this.source = source;
        this.signals = signals;
        this.time = time;
        this.logger = logger;
        loop = Task.Run(LoopAsync);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task LoopAsync()
    {
        var troubled = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenAsync(stop.Token);
                connection.Notification += (_, e) => PostgresAppends.Announce(signals, e.Payload);
                await ListenAsync(connection);
                troubled = false;
                while (true)
                {
                    await CatchUpAsync(connection);
                    while (await connection.WaitAsync(PollPeriod, stop.Token)) { }
                }
            }
            catch (Exception e)
                when (e
                        is NpgsqlException
                            or StorageException
                            or IOException
                            or TimeoutException
                            or InvalidOperationException
                )
            {
                if (!troubled)
                {
                    LogDeaf(logger, source.Name, e);
                }
                troubled = true;
            }
            catch (OperationCanceledException)
            {
                // The end, or a read that was cut off by it.
            }
            await Task.Delay(TroubledPause, time, stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(NpgsqlConnection connection)
    {
        await using var name = new NpgsqlCommand(
            $"SELECT quote_ident({PostgresAppends.Channel})",
            connection
        );
        var channel = (string)(await name.ExecuteScalarAsync(stop.Token))!;
#pragma warning disable CA2100 // quoted by the server itself
        await using var listen = new NpgsqlCommand("LISTEN " + channel, connection);
#pragma warning restore CA2100
        await listen.ExecuteNonQueryAsync(stop.Token);
    }

    private async Task CatchUpAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            "SELECT p, (SELECT max(position) FROM fact WHERE partition = p::smallint) FROM generate_series(0, $1) p",
            connection
        );
        command.Parameters.AddValues([JournalPartitions.Count - 1]);
        await using var row = await command.ExecuteReaderAsync(stop.Token);
        while (await row.ReadAsync(stop.Token))
        {
            if (!await row.IsDBNullAsync(1, stop.Token))
            {
                signals.Announce(
                    Convert.ToInt32(row.GetValue(0), CultureInfo.InvariantCulture),
                    row.GetInt64(1)
                );
            }
        }
    }

    [LoggerMessage(
        EventId = 2523,
        Level = LogLevel.Warning,
        Message = "Commits of other silos to {Database} are not heard; subscribers here wait until the connection is back"
    )]
    private static partial void LogDeaf(ILogger logger, string database, Exception exception);
}
