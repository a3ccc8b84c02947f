using Npgsql;
using Orchestrator.Grains.Storage;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// One database: its pool of connections, its name for people (never with the password), and the retries of what may
/// be done twice. Opening a connection and reading may; a write whose answer was lost may not.
/// </summary>
internal sealed class PostgresSource : IAsyncDisposable, IDisposable
{
    /// <summary>Connections of one silo to the journal: writer, listener, readers and blobs.</summary>
    public const int ConnectionsMax = 16;

    private const int ConnectSecondsMax = 5;
    private const int OrleansConnectSecondsMax = 15;
    private const int CommandSecondsMax = 15;
    private const int PreparedMax = 64;
    private static readonly TimeSpan OpeningMax = TimeSpan.FromSeconds(8);

    private readonly NpgsqlDataSource source;
    private readonly NpgsqlDataSource lasting;
    private readonly ResiliencePipeline opening;
    private readonly ResiliencePipeline reading;

    /// <summary>Connects to nothing yet.</summary>
    /// <exception cref="StorageException">The connection string cannot be read.</exception>
    public PostgresSource(string connectionString, TimeProvider time)
    {
        if (ClusterStoreOptions.Problem(connectionString) is { } problem)
        {
            throw new StorageException(problem);
        }
        var parts = Tuned(connectionString, "orchestrator");
        parts.MaxPoolSize = ConnectionsMax - 2;
        Name = $"PostgreSQL database '{parts.Database}' at {parts.Host}:{parts.Port}";
        DatabaseName = parts.Database!;
        User = parts.Username!;
        source = Build(parts.ToString());
        parts.Pooling = false;
        lasting = Build(parts.ToString());
        opening = Retries(time, 6)
            .AddTimeout(new TimeoutStrategyOptions { Timeout = TimeSpan.FromSeconds(6) })
            .Build();
        reading = Retries(time, 3).Build();
    }

    /// <summary>Database, host and port, for messages.</summary>
    public string Name { get; }

    /// <summary>The database, for messages.</summary>
    public string DatabaseName { get; }

    /// <summary>The user, for messages.</summary>
    public string User { get; }

    /// <summary>How Orleans' own providers connect: they open a connection per call, so what is prepared must outlive it.</summary>
    public static string ForOrleans(string connectionString)
    {
        var parts = Tuned(connectionString, "orchestrator-orleans");
        if (parts.Host?.Contains(',') != true)
        {
            // Orleans asks once at the start, and a machine without a free processor is no reason not to start.
            parts.Timeout = OrleansConnectSecondsMax;
        }
        return parts.ToString();
    }

    /// <summary>Opens a connection outside the pool: closing it ends it for certain. A server that restarts is waited for, about 5 seconds.</summary>
    /// <exception cref="StorageException">It cannot be had; says why and what to do.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(OpeningMax);
            return await opening.ExecuteAsync(
                async token => await lasting.OpenConnectionAsync(token),
                limit.Token
            );
        }
        catch (Exception e) when (IsFault(e, cancellationToken))
        {
            throw PostgresFaults.Explain(this, e);
        }
    }

    /// <summary>Runs what may be run twice: a read, or a write that says the same whenever it is said.</summary>
    public async Task<T> RunAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await reading.ExecuteAsync(
                async token =>
                {
                    await using var connection = await source.OpenConnectionAsync(token);
                    return await work(connection, token);
                },
                cancellationToken
            );
        }
        catch (Exception e) when (IsFault(e, cancellationToken))
        {
            throw PostgresFaults.Explain(this, e);
        }
    }

    /// <summary>Reads rows.</summary>
    public Task<List<T>> ReadAsync<T>(
        string sql,
        Func<NpgsqlDataReader, T> take,
        CancellationToken cancellationToken,
        params object?[] values
    ) =>
        RunAsync(
            async (connection, token) =>
            {
#pragma warning disable CA2100 // constants of this folder
                await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
                command.Parameters.AddValues(values);
                var rows = new List<T>();
                await using var reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token))
                {
                    rows.Add(take(reader));
                }
                return rows;
            },
            cancellationToken
        );

    /// <summary>Reads one number.</summary>
    public async Task<long> ReadLongAsync(
        string sql,
        CancellationToken cancellationToken,
        params object?[] values
    ) => (await ReadAsync(sql, row => row.GetInt64(0), cancellationToken, values))[0];

    /// <inheritdoc />
    public void Dispose()
    {
        source.Dispose();
        lasting.Dispose();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await lasting.DisposeAsync();
    }

    private static NpgsqlDataSource Build(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        var wanted = Wanted(parts.TargetSessionAttributes);
        if (parts.Host!.Contains(','))
        {
            parts.TargetSessionAttributes = null;
        }
        var builder = new NpgsqlDataSourceBuilder(parts.ToString());
        builder.UsePhysicalConnectionInitializer(Settle, SettleAsync);
        // Npgsql takes the wanted kind of server for several hosts by code only.
        return wanted is { } kind && builder.ConnectionStringBuilder.Host!.Contains(',')
            ? builder.BuildMultiHost().WithTargetSession(kind)
            : builder.Build();
    }

    private static TargetSessionAttributes? Wanted(string? text) =>
        text is null ? null
        : Enum.TryParse<TargetSessionAttributes>(
            text.Replace("-", "", StringComparison.Ordinal),
            ignoreCase: true,
            out var kind
        )
            ? kind
        : null;

    private static bool IsFault(Exception e, CancellationToken cancellationToken) =>
        e is NpgsqlException or TimeoutException or TimeoutRejectedException or IOException
        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static NpgsqlConnectionStringBuilder Tuned(string connectionString, string name)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = PreparedMax,
            AutoPrepareMinUsages = 2,
            // Nobody leaves anything behind on a connection that goes back to the pool.
            NoResetOnClose = true,
            Timeout = ConnectSecondsMax,
            CommandTimeout = CommandSecondsMax,
            Enlist = false,
            IncludeErrorDetail = false,
        };
        if (parts.Host?.Contains(',') == true)
        {
            // A standby that was promoted is believed to be one for no longer than this.
            parts.HostRecheckSeconds = 1;
        }
        parts.ApplicationName ??= name;
        return parts;
    }

    // Durable on return is a promise of this product: a server that does not wait for its disk by default does so for it.
    private const string Settlement =
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

    private static void Settle(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Settlement, connection);
        command.ExecuteNonQuery();
    }

    private static async Task SettleAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Settlement, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static ResiliencePipelineBuilder Retries(TimeProvider time, int tries) =>
        new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(
            new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(PostgresFaults.Passes),
                MaxRetryAttempts = tries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(1),
            }
        );
}

/// <summary>Values in the order of <c>$1</c>, <c>$2</c>, ….</summary>
internal static class PostgresParameters
{
    /// <summary>Adds each value; null becomes NULL.</summary>
    public static void AddValues(
        this NpgsqlParameterCollection parameters,
        IEnumerable<object?> values
    )
    {
        foreach (var value in values)
        {
            parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }
}
