using System.Net.Sockets;
using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>Reads the errors of PostgreSQL and of the way to it. Codes: PostgreSQL manual, appendix A.</summary>
internal static class PostgresFaults
{
    private const string IdleInTransaction = "25P03";

    /// <summary>True for what passes by itself: a restart, a lost connection, a deadlock.</summary>
    public static bool Passes(Exception e) =>
        e is PostgresException p
            ? p.IsTransient && p.SqlState != PostgresErrorCodes.DiskFull || IsShutdown(p)
            : e is NpgsqlException { IsTransient: true };

    /// <summary>True when the server refused the batch and lives: everything in it is undone for certain.</summary>
    public static bool IsUndone(Exception e) =>
        e is PostgresException { InvariantSeverity: not ("FATAL" or "PANIC") } p && !IsShutdown(p);

    /// <summary>True when the connection or the wait for it ended: what was sent may stand or not.</summary>
    public static bool IsOfTheWay(Exception e) =>
        e is NpgsqlException or IOException or TimeoutException or OperationCanceledException;

    /// <summary>True when the refusal may be due to one operation alone: its data, its constraints, its text.</summary>
    public static bool IsOneOperations(Exception e) =>
        e is PostgresException p && p.SqlState[..2] is "22" or "23" or "42" or "54" or "0A" or "P0";

    /// <summary>True when it was another's turn: a lock that was not had in time, a deadlock, a serialization failure.</summary>
    public static bool IsAnothersTurn(Exception e) =>
        e
            is PostgresException
            {
                SqlState: PostgresErrorCodes.LockNotAvailable
                    or PostgresErrorCodes.DeadlockDetected
                    or PostgresErrorCodes.SerializationFailure
            };

    /// <summary>A sentence that names the database and the cure.</summary>
    public static StorageException Explain(PostgresSource source, Exception e) =>
        new(Sentence(source, e), e);

    /// <summary>The sentence for a batch whose answer did not come.</summary>
    public static StorageException Unknown(PostgresSource source, Exception e) =>
        new(
            $"The connection to {source.Name} broke while something was being written; whether it stands is not known. Read again before repeating it.",
            e
        );

    private static bool IsShutdown(PostgresException e) =>
        e.SqlState
            is PostgresErrorCodes.AdminShutdown
                or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.CannotConnectNow
                or IdleInTransaction;

    private static string Sentence(PostgresSource source, Exception e)
    {
        var name = source.Name;
        if (e is not PostgresException p)
        {
            return e is NpgsqlException { InnerException: SocketException s }
                    ? $"{name} cannot be reached: {s.Message}. Check that it runs and that {ClusterStoreOptions.Key} names it."
                : e is TimeoutException or NpgsqlException { InnerException: TimeoutException }
                || e is OperationCanceledException or Polly.Timeout.TimeoutRejectedException
                    ? $"{name} did not answer in time. Check that it runs, that the network leads to it, and that {ClusterStoreOptions.Key} names it."
                : e is NpgsqlException or InvalidOperationException or IOException
                    ? $"The connection to {name} broke: {e.Message.TrimEnd('.')}. The same request works again when the database does."
                : $"{name}: {e.Message} The same request works again when the database does.";
        }
        return p.SqlState switch
        {
            "28P01" or "28000" =>
                $"{name} does not let user '{source.User}' in. Correct Username and Password in {ClusterStoreOptions.Key}, or the server's pg_hba.conf.",
            "3D000" =>
                $"{name} does not exist. Create it (createdb {source.DatabaseName}), or correct Database in {ClusterStoreOptions.Key}.",
            "42501" =>
                $"{name}: user '{source.User}' lacks a right: {p.MessageText}. Let the user own the database, or grant CREATE on its schema.",
            "42P01" or "42703" or "3F000" =>
                $"{name} lacks a table of this product: {p.MessageText}. Restart the silo, which makes it, or restore a backup.",
            "53100" =>
                $"The disk of {name} is full. Free space there; the same request works again then.",
            "53300" =>
                $"{name} has no connection left. Raise max_connections, or end what holds them; one silo takes up to {PostgresSource.ConnectionsMax}, and as many for Orleans.",
            "25006" =>
                $"{name} is read-only: a standby, or a server that was set so. Name the primary in {ClusterStoreOptions.Key} (Host=a,b;Target Session Attributes=primary).",
            "55P03" =>
                $"{name}: another silo held the journal's lock for too long. The same request works again.",
            "57P01" or "57P02" or "57P03" =>
                $"{name} is being restarted. The same request works again when it is back.",
            _ => $"{name}: {p.MessageText} ({p.SqlState}).",
        };
    }
}
