using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// Numbered forward-only scripts, embedded, applied once each in one transaction under a lock: silos may start together. A
/// schema that a newer release has migrated is used as it is when that release wrote down that this one still works on it,
/// so that silos can be upgraded, and taken back, one by one.
/// </summary>
internal static class PostgresMigrator
{
    /// <summary>Facts, heads and all that belongs to them.</summary>
    public const string Journal = "journal";

    /// <summary>Orleans' membership, grain storage and reminders.</summary>
    public const string Orleans = "orleans";

    private const string Lock =
        "SET LOCAL lock_timeout = '30s'; SELECT pg_advisory_xact_lock(hashtext('orchestrator-schema'), hashtext(current_schema()))";

    /// <summary>Brings the families' schemas to the newest versions this build knows.</summary>
    /// <exception cref="StorageException">A schema is newer than this build knows, or the database cannot be used.</exception>
    public static async Task MigrateAsync(
        PostgresSource source,
        CancellationToken cancellationToken,
        params string[] families
    )
    {
        await using var connection = await source.OpenAsync(cancellationToken);
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await RunAsync(connection, Lock, cancellationToken);
            await RequireUtf8Async(source, connection, cancellationToken);
            // Asked first: making it needs a right that a silo on a finished schema may lack.
            if (
                await ScalarAsync(
                    connection,
                    "SELECT to_regclass('schema_version')::text",
                    cancellationToken
                )
                is not string
            )
            {
                await RunAsync(
                    connection,
                    "CREATE TABLE schema_version (family text NOT NULL, version integer NOT NULL, applied timestamptz NOT NULL DEFAULT now(), works_from integer, PRIMARY KEY (family, version))",
                    cancellationToken
                );
            }
            else if (
                await ScalarAsync(
                    connection,
                    "SELECT attname::text FROM pg_attribute WHERE attrelid = 'schema_version'::regclass AND attname = 'works_from'",
                    cancellationToken
                )
                is not string
            )
            {
                await RunAsync(
                    connection,
                    "ALTER TABLE schema_version ADD COLUMN works_from integer",
                    cancellationToken
                );
            }
            foreach (var family in families)
            {
                await MigrateAsync(source, connection, family, cancellationToken);
            }
            await transaction.CommitAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw PostgresFaults.Explain(source, e);
        }
    }

    private static async Task MigrateAsync(
        PostgresSource source,
        NpgsqlConnection connection,
        string family,
        CancellationToken cancellationToken
    )
    {
        var scripts = SqlScripts.Of("postgresql", family);
        var known = scripts[^1].Version;
        var (found, needed) = await ReadVersionsAsync(connection, family, known, cancellationToken);
        if (needed > known)
        {
            throw new StorageException(
                $"{source.Name}: schema '{family}' has version {found}; this build knows {known}. Start the newer release that wrote it, or restore a backup made with this one."
            );
        }
        foreach (var script in scripts.Where(s => s.Version > found))
        {
            await RunAsync(connection, script.Sql, cancellationToken);
            await using var note = new NpgsqlCommand(
                "INSERT INTO schema_version (family, version, works_from) VALUES ($1, $2, $3)",
                connection
            );
            note.Parameters.AddValues([family, script.Version, script.WorksFrom]);
            await note.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>The newest version there, and what a release must know to work on it.</summary>
    internal static async Task<(int Found, int Needed)> ReadVersionsAsync(
        NpgsqlConnection connection,
        string family,
        int known,
        CancellationToken cancellationToken
    )
    {
        await using var read = new NpgsqlCommand(
            "SELECT coalesce(max(version), 0), coalesce(max(coalesce(works_from, version)) FILTER (WHERE version > $2), 0) FROM schema_version WHERE family = $1",
            connection
        );
        read.Parameters.AddValues([family, known]);
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt32(0), row.GetInt32(1));
    }

    private static async Task RequireUtf8Async(
        PostgresSource source,
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        var encoding = await ScalarAsync(connection, "SHOW server_encoding", cancellationToken);
        if (encoding is not "UTF8")
        {
            throw new StorageException(
                $"{source.Name} has encoding {encoding}; texts of any language need UTF8. Create the database anew: createdb --encoding=UTF8 --template=template0 {source.DatabaseName}."
            );
        }
    }

    // The texts are this build's own resources and constants; nothing from outside is ever concatenated into them.
#pragma warning disable CA2100
    private static async Task RunAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
#pragma warning restore CA2100
}
