using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage.Postgres;

namespace Orchestrator.Silo.Storage;

/// <summary>Wires the store: the embedded one, or PostgreSQL when a connection string names it.</summary>
internal static class StorageHosting
{
    /// <summary>Registers every storage port. Nothing is opened before its first use.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="dataDirectory">Holds the embedded files.</param>
    /// <param name="connectionString">PostgreSQL; empty = embedded.</param>
    public static IServiceCollection AddStorage(
        this IServiceCollection services,
        string dataDirectory,
        string connectionString
    )
    {
        services.AddSingleton<StorePulse>();
        services.AddSingleton<StoreWatch>();
        services.AddHostedService(s => s.GetRequiredService<StoreWatch>());
        return connectionString.Length > 0
            ? services.AddPostgresStorage(connectionString)
            : services.AddSqliteStorage(dataDirectory);
    }

    /// <summary>Makes the tables or brings them up to date; before anything uses them.</summary>
    /// <param name="dataDirectory">Holds the embedded files.</param>
    /// <param name="connectionString">PostgreSQL; empty = embedded.</param>
    /// <param name="cluster">The cluster's id; one database is one cluster's.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StorageException">A schema is newer than this build knows, the database is another cluster's, or the store cannot be used.</exception>
    /// <returns>The time that the silo goes by.</returns>
    public static async Task<TimeProvider> PrepareAsync(
        string dataDirectory,
        string connectionString,
        string cluster,
        CancellationToken cancellationToken
    )
    {
        if (connectionString.Length == 0)
        {
            OrleansDatabase.Prepare(dataDirectory);
            return TimeProvider.System;
        }
        await using var source = new PostgresSource(connectionString, TimeProvider.System);
        await PostgresMigrator.MigrateAsync(
            source,
            cancellationToken,
            PostgresMigrator.Journal,
            PostgresMigrator.Orleans
        );
        await PostgresOwner.ClaimAsync(source, cluster, cancellationToken);
        var time = new StoreTime(TimeProvider.System);
        await StoreWatch.SetAsync(new PostgresProbe(source, time), time, cancellationToken);
        return time;
    }

    /// <summary>Registers every storage port over <c>journal.db</c> in the data directory. The file is opened at first use.</summary>
    public static IServiceCollection AddSqliteStorage(
        this IServiceCollection services,
        string dataDirectory
    )
    {
        services.AddSingleton(s => new SqliteStore(
            Path.Combine(dataDirectory, "journal.db"),
            "journal",
            s.GetService<StorePulse>()
        ));
        services.AddSingleton<IStoreProbe, SqliteProbe>();
        services.AddSingleton<IJournal, SqliteJournal>();
        services.AddSingleton<ITaskIndex, SqliteIndex>();
        services.AddSingleton<IBlobStore, SqliteBlobs>();
        services.AddSingleton<IUploadStore, SqliteUploads>();
        services.AddSingleton<ICursorStore, SqliteCursors>();
        services.AddSingleton<IHostRegistry, SqliteHosts>();
        services.AddSingleton<IStatsStore, SqliteStats>();
        services.AddSingleton<ISpendingStore, SqliteSpending>();
        services.AddSingleton<ITokenStore, SqliteTokens>();
        services.AddSingleton<IPolicyStore, SqlitePolicies>();
        services.AddSingleton<IWebhookInbox, SqliteWebhookInbox>();
        services.AddSingleton<IWebhookOutbox, SqliteWebhookOutbox>();
        services.AddSingleton<ITelegramStore, SqliteTelegram>();
        services.AddSingleton<IStoreChecks, SqliteChecks>();
        return services;
    }

    /// <summary>Registers every storage port over a database of PostgreSQL, whose tables <see cref="PostgresMigrator"/> has made.</summary>
    public static IServiceCollection AddPostgresStorage(
        this IServiceCollection services,
        string connectionString
    )
    {
        services.AddSingleton(s => new PostgresStore(
            new PostgresSource(connectionString, s.GetRequiredService<TimeProvider>()),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<PostgresStore>>(),
            s.GetService<StorePulse>()
        ));
        services.AddSingleton<IStoreProbe>(s => new PostgresProbe(
            s.GetRequiredService<PostgresStore>().Source,
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(s => new PostgresPresence(
            s.GetRequiredService<PostgresStore>().Source,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<PostgresPresence>>()
        ));
        services.AddSingleton<IJournal, PostgresJournal>();
        services.AddSingleton<ITaskIndex, PostgresIndex>();
        services.AddSingleton<IBlobStore, PostgresBlobs>();
        services.AddSingleton<IUploadStore, PostgresUploads>();
        services.AddSingleton<ICursorStore, PostgresCursors>();
        services.AddSingleton<IHostRegistry, PostgresHosts>();
        services.AddSingleton<IStatsStore, PostgresStats>();
        services.AddSingleton<ISpendingStore, PostgresSpending>();
        services.AddSingleton<ITokenStore, PostgresTokens>();
        services.AddSingleton<IPolicyStore, PostgresPolicies>();
        services.AddSingleton<IWebhookInbox, PostgresWebhookInbox>();
        services.AddSingleton<IWebhookOutbox, PostgresWebhookOutbox>();
        services.AddSingleton<ITelegramStore, PostgresTelegram>();
        services.AddSingleton<IStoreChecks, PostgresChecks>();
        return services;
    }
}
