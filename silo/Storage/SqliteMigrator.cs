using System.Globalization;
using Microsoft.Data.Sqlite;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>
/// Numbered forward-only scripts, embedded, applied once each inside one transaction that takes the write lock first. A file
/// that a newer release has migrated is used as it is when that release wrote down that this one still works on it.
/// </summary>
internal static class SqliteMigrator
{
    /// <summary>Brings a file's schema to the newest version this build knows.</summary>
    /// <exception cref="StorageException">The file's schema is newer than this build knows.</exception>
    public static void Migrate(SqliteConnection connection, string family)
    {
        var scripts = SqlScripts.Of("sqlite", family);
        using var transaction = connection.BeginTransaction(deferred: false);
        Execute(
            connection,
            transaction,
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"
        );
        var found = Convert.ToInt32(
            Scalar(connection, transaction, "SELECT coalesce(max(version), 0) FROM schema_version"),
            CultureInfo.InvariantCulture
        );
        var known = scripts.Count == 0 ? 0 : scripts[^1].Version;
        if (!HasColumn(connection, transaction))
        {
            Execute(
                connection,
                transaction,
                "ALTER TABLE schema_version ADD COLUMN works_from INTEGER"
            );
        }
        var needed = Convert.ToInt32(
            Scalar(
                connection,
                transaction,
                $"SELECT coalesce(max(coalesce(works_from, version)), 0) FROM schema_version WHERE version > {known}"
            ),
            CultureInfo.InvariantCulture
        );
        if (needed > known)
        {
            throw new StorageException(
                $"{connection.DataSource} has schema version {found}; this build knows {known}. Start the newer release that wrote it, or restore a backup made with this one."
            );
        }
        foreach (var script in scripts.Where(s => s.Version > found))
        {
            Execute(connection, transaction, script.Sql);
            Execute(
                connection,
                transaction,
                $"INSERT INTO schema_version (version, works_from) VALUES ({script.Version}, {script.WorksFrom})"
            );
        }
        transaction.Commit();
    }

    private static bool HasColumn(SqliteConnection connection, SqliteTransaction transaction) =>
        Convert.ToInt32(
            Scalar(
                connection,
                transaction,
                "SELECT count(*) FROM pragma_table_info('schema_version') WHERE name = 'works_from'"
            ),
            CultureInfo.InvariantCulture
        ) > 0;

    // The texts are this build's own resources; nothing from outside is ever concatenated into them.
#pragma warning disable CA2100
    private static void Execute(
        SqliteConnection connection,
        SqliteTransaction transaction,
        string sql
    )
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(
        SqliteConnection connection,
        SqliteTransaction transaction,
        string sql
    )
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
#pragma warning restore CA2100
}
