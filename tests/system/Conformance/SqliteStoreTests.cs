using Microsoft.Data.Sqlite;
using Orchestrator.Silo.Storage;

namespace Orchestrator.SystemTests.Conformance;

public sealed class SqliteStoreTests : StoreConformance
{
    private protected override string NewerSchema(string worksFrom) =>
        $"INSERT INTO schema_version (version, works_from) VALUES (998, 1), (999, {worksFrom})";

    private protected override Task<string> PlaceAsync() =>
        Task.FromResult(Path.Combine(SiloProcess.NewFolder(), "journal.db"));

    private protected override Task<OpenStore> OpenAsync(string place)
    {
        SqliteStore Open() => new(place, "journal");
        return Task.Run(() =>
        {
            var store = Open();
            return new OpenStore(
                new SqliteJournal(store, TimeProvider.System),
                new SqliteIndex(store),
                new SqliteBlobs(store),
                new SqliteUploads(store),
                new SqliteCursors(store),
                new SqliteHosts(store, TimeProvider.System),
                new SqliteStats(store),
                new SqliteSpending(store),
                new SqliteTokens(store),
                new SqlitePolicies(store),
                new SqliteWebhookInbox(store),
                new SqliteWebhookOutbox(store),
                new SqliteTelegram(store),
                () =>
                {
                    store.Dispose();
                    return ValueTask.CompletedTask;
                }
            );
        });
    }

    private protected override async Task ExecuteAsync(string place, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={place};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // texts of the tests
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
