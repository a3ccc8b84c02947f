using System.Globalization;
using Microsoft.Data.Sqlite;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage.Postgres;

namespace Orchestrator.Silo.Storage;

/// <summary>What <c>doctor</c> asks of the store beside the hash chain.</summary>
internal interface IStoreChecks
{
    /// <summary>Schema and health, one line each.</summary>
    Task<IReadOnlyList<DoctorCheck>> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Version of the journal's schema.</summary>
    Task<int> ReadSchemaAsync(CancellationToken cancellationToken);

    /// <summary>Makes a few durable commits that leave nothing behind: how long the middle one took.</summary>
    Task<TimeSpan> TryWriteAsync(CancellationToken cancellationToken);
}

/// <summary>The embedded file.</summary>
internal sealed class SqliteChecks(SqliteStore store) : IStoreChecks
{
    private const int Trials = 5;

    /// <inheritdoc />
    public Task<TimeSpan> TryWriteAsync(CancellationToken cancellationToken) =>
        Task.Run(() => TryWrite(store.Folder), cancellationToken);

    // A file of its own beside the journal, with the journal's own discipline: its writer is not disturbed.
    private static TimeSpan TryWrite(string folder)
    {
        var file = Path.Combine(folder, ".doctor-" + Guid.NewGuid().ToString("N") + ".db");
        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()
            );
            connection.Open();
            Scalar(connection, "PRAGMA journal_mode=WAL");
            Scalar(connection, "PRAGMA synchronous=FULL");
            Scalar(connection, "CREATE TABLE trial (n INTEGER)");
            var took = new List<TimeSpan>();
            for (var i = 0; i < Trials; i++)
            {
                var began = System.Diagnostics.Stopwatch.GetTimestamp();
                Scalar(connection, "INSERT INTO trial VALUES (1)");
                took.Add(System.Diagnostics.Stopwatch.GetElapsedTime(began));
            }
            took.Sort();
            return took[Trials / 2];
        }
        catch (SqliteException e)
        {
            throw new StorageException($"Nothing can be committed in {folder}: {e.Message}", e);
        }
        finally
        {
            foreach (var end in (string[])["", "-wal", "-shm"])
            {
                File.Delete(file + end);
            }
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DoctorCheck>> CheckAsync(CancellationToken cancellationToken)
    {
        var (schema, integrity) = await store.ReadAsync(
            c =>
                (
                    Scalar(c, "SELECT max(version) FROM schema_version"),
                    Scalar(c, "PRAGMA quick_check(1)")
                ),
            cancellationToken
        );
        return
        [
            new DoctorCheck("database schema", "ok", $"journal.db has version {schema}", ""),
            integrity == "ok"
                ? new DoctorCheck("database integrity", "ok", "quick_check says ok", "")
                : new DoctorCheck(
                    "database integrity",
                    "fail",
                    integrity,
                    "Stop the silo, keep the damaged file, restore a backup."
                ),
        ];
    }

    /// <inheritdoc />
    public Task<int> ReadSchemaAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(
            c =>
                int.Parse(
                    Scalar(c, "SELECT max(version) FROM schema_version"),
                    CultureInfo.InvariantCulture
                ),
            cancellationToken
        );

    private static string Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }
}

/// <summary>The database of a cluster.</summary>
internal sealed class PostgresChecks(PostgresStore store) : IStoreChecks
{
    private const int Trials = 5;

    /// <inheritdoc />
    public async Task<TimeSpan> TryWriteAsync(CancellationToken cancellationToken)
    {
        var took = new List<TimeSpan>();
        for (var i = 0; i < Trials; i++)
        {
            var began = System.Diagnostics.Stopwatch.GetTimestamp();
            // A message in the log of the server, which its commit must flush; no table knows of it.
            await store.Source.ReadAsync(
                "SELECT 1 FROM pg_logical_emit_message(true, 'orchestrator-doctor', '')",
                row => row.GetInt32(0),
                cancellationToken
            );
            took.Add(System.Diagnostics.Stopwatch.GetElapsedTime(began));
        }
        took.Sort();
        return took[Trials / 2];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DoctorCheck>> CheckAsync(CancellationToken cancellationToken)
    {
        var found = await store.Source.ReadAsync(
            "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('full_page_writes'), (SELECT max(version) FROM schema_version WHERE family = 'journal')",
            row => (row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3)),
            cancellationToken
        );
        var (version, fsync, pages, schema) = found[0];
        return
        [
            new DoctorCheck(
                "database schema",
                "ok",
                $"{store.Source.Name} has version {schema}",
                ""
            ),
            fsync == "on" && pages == "on"
                ? new DoctorCheck("database integrity", "ok", $"PostgreSQL {version}", "")
                : new DoctorCheck(
                    "database integrity",
                    "warn",
                    $"PostgreSQL {version} with fsync={fsync}, full_page_writes={pages}: a power loss may lose or damage facts",
                    "Set both to on in postgresql.conf and restart the server."
                ),
        ];
    }

    /// <inheritdoc />
    public async Task<int> ReadSchemaAsync(CancellationToken cancellationToken) =>
        (
            await store.Source.ReadAsync(
                "SELECT max(version) FROM schema_version WHERE family = 'journal'",
                row => row.GetInt32(0),
                cancellationToken
            )
        )[0];
}
