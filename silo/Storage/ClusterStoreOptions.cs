using System.ComponentModel.DataAnnotations;
using Npgsql;
using Orchestrator.Silo.Cluster.Tls;

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

    /// <summary>Silos with the same id on the same database form one cluster; a silo of another id is refused there. Default <c>orchestrator</c>; 1 to 64 of <c>[A-Za-z0-9._-]</c>.</summary>
    [RegularExpression(
        "^[A-Za-z0-9._-]{1,64}$",
        ErrorMessage = "Cluster:Id must be 1 to 64 of A-Z a-z 0-9 . _ -"
    )]
    public string Id { get; set; } = "orchestrator";

    /// <summary>What this silo does: <c>control</c> (tasks, queue, subscribers, task files), <c>runner</c> (agents), or both (default).</summary>
    [RegularExpression(
        "^(control|runner|control,runner|runner,control)$",
        ErrorMessage = "Cluster:Roles must be 'control', 'runner' or 'control,runner'"
    )]
    public string Roles { get; set; } = "control,runner";

    /// <summary>IP address that the other silos reach this one at. Default 127.0.0.1: all silos on this machine.</summary>
    [RegularExpression(
        "^[0-9a-fA-F.:]{2,45}$",
        ErrorMessage = "Cluster:Address must be an IP address of this machine"
    )]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Port that the other silos reach this one at. Default 11111; 0 = any free one; 0 to 65,535.</summary>
    [Range(0, 65_535, ErrorMessage = "Cluster:SiloPort must be 0 to 65535")]
    public int SiloPort { get; set; } = 11_111;

    /// <summary>Section <c>Cluster:Tls</c>.</summary>
    public SiloTlsOptions Tls { get; set; } = new();

    /// <summary>True: silos may talk over a network without encryption. Anybody on that network can then read and change what they say. Default false.</summary>
    public bool AllowPlaintext { get; set; }

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
