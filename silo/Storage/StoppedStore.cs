using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using Orchestrator.Decisions.Health;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage.Postgres;

namespace Orchestrator.Silo.Storage;

/// <summary>Looks at a store while no silo of this data directory runs: nothing is made, migrated or locked.</summary>
internal static class StoppedStore
{
    private const string Restore =
        "Keep the damaged file, restore a backup (docs/runbook.md), then start the silo.";
    private static readonly string[] Families = ["journal", "orleans"];

    /// <summary>Its lines.</summary>
    public static async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        string data,
        string connectionString,
        CancellationToken cancellationToken
    ) =>
        connectionString.Length > 0
            ? await PostgresAsync(connectionString, cancellationToken)
            : [.. Families.SelectMany(f => Sqlite(data, f))];

    private static IEnumerable<DoctorCheck> Sqlite(string data, string family)
    {
        var file = Path.Combine(data, family + ".db");
        if (!File.Exists(file))
        {
            return
            [
                MachineChecks.Ok(
                    "database schema",
                    $"{family}.db does not exist (made at the first start)"
                ),
            ];
        }
        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder
                {
                    DataSource = file,
                    Mode = SqliteOpenMode.ReadOnly,
                    Pooling = false,
                }.ToString()
            );
            connection.Open();
            var known = SqlScripts.Of("sqlite", family)[^1].Version;
            var found = Number(connection, "SELECT coalesce(max(version), 0) FROM schema_version");
            // Without the column a release wrote it that knew no newer one.
            var needed =
                Number(
                    connection,
                    "SELECT count(*) FROM pragma_table_info('schema_version') WHERE name = 'works_from'"
                ) == 0
                    ? found
                    : Number(
                        connection,
                        $"SELECT coalesce(max(coalesce(works_from, version)), 0) FROM schema_version WHERE version > {known}"
                    );
            var integrity = Convert.ToString(
                Scalar(connection, "PRAGMA quick_check(1)"),
                CultureInfo.InvariantCulture
            );
            return
            [
                MachineChecks.Schema(family + ".db", found, known, needed),
                integrity == "ok"
                    ? MachineChecks.Ok("database integrity", $"{family}.db: quick_check says ok")
                    : MachineChecks.Fail(
                        "database integrity",
                        $"{family}.db: {integrity}",
                        Restore
                    ),
            ];
        }
        catch (SqliteException e)
        {
            return [MachineChecks.Fail("database integrity", $"{family}.db: {e.Message}", Restore)];
        }
    }

    private static async Task<IReadOnlyList<DoctorCheck>> PostgresAsync(
        string connectionString,
        CancellationToken cancellationToken
    )
    {
        await using var source = new PostgresSource(connectionString, TimeProvider.System);
        try
        {
            await using var connection = await source.OpenAsync(cancellationToken);
            var known = SqlScripts.Of("postgresql", "journal")[^1].Version;
            var (found, needed) = await PostgresMigrator.ReadVersionsAsync(
                connection,
                PostgresMigrator.Journal,
                known,
                cancellationToken
            );
            return [MachineChecks.Schema(source.Name, found, known, needed)];
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return
            [
                MachineChecks.Ok(
                    "database schema",
                    $"{source.Name} answers; its tables are made at the first start"
                ),
            ];
        }
        catch (Exception e) when (e is StorageException or NpgsqlException)
        {
            return
            [
                MachineChecks.Fail(
                    "database",
                    e.Message,
                    "Start the database's server, or correct Cluster:ConnectionString."
                ),
            ];
        }
    }

    private static int Number(SqliteConnection connection, string sql) =>
        Convert.ToInt32(Scalar(connection, sql), CultureInfo.InvariantCulture);

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class and numbers
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
