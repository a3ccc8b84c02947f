using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Wires the embedded store.</summary>
internal static class StorageHosting
{
    /// <summary>Registers every storage port over <c>journal.db</c> in the data directory. The file is opened at first use.</summary>
    public static IServiceCollection AddSqliteStorage(
        this IServiceCollection services,
        string dataDirectory
    )
    {
        services.AddSingleton(_ => new SqliteStore(
            Path.Combine(dataDirectory, "journal.db"),
            "journal"
        ));
        services.AddSingleton<IJournal, SqliteJournal>();
        services.AddSingleton<ITaskIndex, SqliteIndex>();
        services.AddSingleton<IBlobStore, SqliteBlobs>();
        services.AddSingleton<ICursorStore, SqliteCursors>();
        services.AddSingleton<IHostRegistry, SqliteHosts>();
        services.AddSingleton<IStatsStore, SqliteStats>();
        services.AddSingleton<ITokenStore, SqliteTokens>();
        return services;
    }
}
