using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Orchestrator.Benchmarks.Workloads;

/// <summary>Processor time and bytes of this process and of a PostgreSQL on the same machine. Linux: reads <c>/proc</c>.</summary>
internal sealed class Counters(SubjectOrder order)
{
    private const double TicksPerSecond = 100;

    /// <summary>This process, user and system, seconds.</summary>
    public static double App()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>This process, MB.</summary>
    public static double ResidentMb() => Environment.WorkingSet / 1_048_576.0;

    /// <summary>All processes of PostgreSQL, ended ones included, seconds; 0 without one.</summary>
    public double Postgres()
    {
        if (order.Postmaster == 0)
        {
            return 0;
        }
        double ticks = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                !int.TryParse(
                    Path.GetFileName(folder),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var pid
                ) || Stat(pid) is not { } fields
            )
            {
                continue;
            }
            // Fields of proc(5), counted from the state: parent 1, own time 11 and 12, ended children's 13 and 14.
            if (pid == order.Postmaster)
            {
                ticks += fields[11] + fields[12] + fields[13] + fields[14];
            }
            else if (fields[1] == order.Postmaster)
            {
                ticks += fields[11] + fields[12];
            }
        }
        return ticks / TicksPerSecond;
    }

    /// <summary>Bytes of the write-ahead log so far; 0 without one.</summary>
    public double Wal() => Number("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')");

    /// <summary>Bytes of the database; 0 without one.</summary>
    public double Database() => Number("SELECT pg_database_size(current_database())");

    /// <summary>Flushes what is dirty, so that no run pays for another one's pages.</summary>
    public void Checkpoint() => Number("CHECKPOINT");

    /// <summary>A full collection of this process.</summary>
    public static void Collect()
    {
#pragma warning disable S1215, IDE0079 // the workload asks for it
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
#pragma warning restore S1215, IDE0079
    }

    private double Number(string sql)
    {
        if (!order.OnPostgres)
        {
            return 0;
        }
        using var connection = new NpgsqlConnection(order.Connection + ";Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToDouble(command.ExecuteScalar() ?? 0, CultureInfo.InvariantCulture);
    }

    private static double[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")
            );
            return
            [
                .. text[(text.LastIndexOf(')') + 2)..]
                    .Split(' ')
                    .Take(15)
                    .Select(f =>
                        double.TryParse(
                            f,
                            NumberStyles.Float,
                            CultureInfo.InvariantCulture,
                            out var n
                        )
                            ? n
                            : 0
                    ),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile
        }
    }
}
