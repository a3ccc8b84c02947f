using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage.Postgres;
using Orleans.Configuration;
using Orleans.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>
/// <c>orleans.db</c>, or tables beside the journal's on PostgreSQL: small grain state and reminders, written rarely, through
/// Orleans' ADO.NET providers. Facts, heads and cursors never go here: these providers open a connection per call, and on
/// SQLite they wait for a busy file by sleeping.
/// </summary>
internal static class OrleansDatabase
{
    // Orleans knows Microsoft.Data.Sqlite's factory by this name.
    private const string SqliteInvariant = "System.Data.SQLite";
    internal const string PostgresInvariant = "Npgsql";

    /// <summary>Adds grain storage <see cref="GrainStorageNames.Orleans"/> and reminders; opened at their first use, after <see cref="StorageHosting.PrepareAsync"/>.</summary>
    /// <param name="silo">Where to.</param>
    /// <param name="dataDirectory">Holds the embedded file.</param>
    /// <param name="postgres">Connection string; empty = embedded.</param>
    public static ISiloBuilder AddOrleansDatabase(
        this ISiloBuilder silo,
        string dataDirectory,
        string postgres = ""
    )
    {
        var (invariant, connectionString) =
            postgres.Length > 0
                ? (PostgresInvariant, PostgresSource.ForOrleans(postgres))
                : (SqliteInvariant, ConnectionString(dataDirectory));
        silo.AddAdoNetGrainStorage(
            GrainStorageNames.Orleans,
            o =>
            {
                o.Invariant = invariant;
                o.ConnectionString = connectionString;
                o.GrainStorageSerializer = new JsonStateSerializer();
            }
        );
        silo.UseAdoNetReminderService(o =>
        {
            o.Invariant = invariant;
            o.ConnectionString = connectionString;
        });
        return silo;
    }

    /// <summary>Creates the file or brings its schema up to date; before anything uses it.</summary>
    /// <exception cref="StorageException">The file's schema is newer than this build knows, or the file cannot be used.</exception>
    public static void Prepare(string dataDirectory)
    {
        var connectionString = ConnectionString(dataDirectory);
        try
        {
            using var connection = new SqliteConnection(connectionString);
            connection.Open();
            using var pragma = connection.CreateCommand();
            pragma.CommandText = "PRAGMA journal_mode=WAL";
            pragma.ExecuteNonQuery();
            SqliteMigrator.Migrate(connection, "orleans");
        }
        catch (SqliteException e)
        {
            throw new StorageException(
                $"{File(dataDirectory)} cannot be used: {e.Message} It holds only which hosts are drained and one reminder: when it is damaged, move it away, and it is made anew.",
                e
            );
        }
    }

    /// <summary>How the file is opened.</summary>
    public static string ConnectionString(string dataDirectory) =>
        new SqliteConnectionStringBuilder
        {
            DataSource = File(dataDirectory),
            DefaultTimeout = 10,
        }.ToString();

    private static string File(string dataDirectory) => Path.Combine(dataDirectory, "orleans.db");

    /// <summary>State as readable JSON.</summary>
    private sealed class JsonStateSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) =>
            new(JsonSerializer.SerializeToUtf8Bytes(input, JsonSerializerOptions.Web));

        public T Deserialize<T>(BinaryData input) =>
            JsonSerializer.Deserialize<T>(input.ToMemory().Span, JsonSerializerOptions.Web)!;
    }
}
