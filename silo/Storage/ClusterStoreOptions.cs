using Npgsql;

namespace Orchestrator.Silo.Storage;

/// <summary>Section <c>Cluster</c>.</summary>
internal sealed class ClusterStoreOptions
{
    /// <summary>The setting's key.</summary>
    public const string Key = "Cluster:ConnectionString";

    /// <summary>
    /// The PostgreSQL database that holds everything durable, as Npgsql reads it:
    /// <c>Host=db.example;Database=orchestrator;Username=orchestrator;Password=…</c>. Default: empty = the embedded SQLite
    /// files of the data directory.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>What is wrong with a connection string, or null. Never shows any of it: a slip of the pen may be the password.</summary>
    public static string? Problem(string connectionString)
    {
        if (connectionString.Length == 0)
        {
            return null;
        }
        var shape =
            $"{Key} {{0}} Write Host=SERVER;Database=NAME;Username=USER;Password=SECRET, or leave it empty for the embedded SQLite.";
        try
        {
            var parts = new NpgsqlConnectionStringBuilder(connectionString);
            var missing =
                string.IsNullOrEmpty(parts.Host) ? "Host"
                : string.IsNullOrEmpty(parts.Database) ? "Database"
                : string.IsNullOrEmpty(parts.Username) ? "Username"
                : null;
            return missing is null ? null : string.Format(null, shape, $"names no {missing}.");
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return string.Format(null, shape, "cannot be read.");
        }
    }

    /// <summary>The password in a connection string, or empty; for whoever must keep it out of texts.</summary>
    public static string PasswordOf(string? connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString ?? "").Password ?? "";
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return ""; // the start is refused for it
        }
    }

    private static bool IsUnreadable(Exception e) =>
        e is ArgumentException or FormatException or OverflowException or NotSupportedException;
}
