using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Benchmarks;

/// <summary>
/// Acknowledged appends a second into the SQLite journal (fact, head, hash, commit with synchronous=FULL) with 1, 8 and
/// 64 writers; in each round also the raw limit of the same store: one row of the same size per transaction.
/// </summary>
internal static class JournalBenchmark
{
    private static readonly int[] Writers = [1, 8, 64];

    public static async Task RunAsync(int rounds, TimeSpan length)
    {
        var raw = new List<double>();
        var rates = Writers.Select(_ => new List<double>()).ToArray();
        var cpu = Writers.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            raw.Add(RawLimit(length));
            for (var i = 0; i < Writers.Length; i++)
            {
                var (rate, cpuPerThousand) = await AppendAsync(Writers[i], length);
                rates[i].Add(rate);
                cpu[i].Add(cpuPerThousand);
            }
        }
        Figures.Head(
            $"journal appends ({rounds} rounds of {length.TotalSeconds:N0} s)",
            "writers",
            "appends/s (median)",
            "min to max",
            "of the raw limit, same round",
            "CPU ms per 1,000"
        );
        Figures.Row(
            "raw: one row a transaction",
            Figures.N(Figures.Median(raw)),
            $"{Figures.N(raw.Min())} to {Figures.N(raw.Max())}",
            "1.00",
            ""
        );
        for (var i = 0; i < Writers.Length; i++)
        {
            Figures.Row(
                $"{Writers[i]}",
                Figures.N(Figures.Median(rates[i])),
                $"{Figures.N(rates[i].Min())} to {Figures.N(rates[i].Max())}",
                Figures.N(Figures.Median(rates[i].Zip(raw, (a, b) => a / b))),
                Figures.N(Figures.Median(cpu[i]))
            );
        }
    }

    private static async Task<(double Rate, double CpuMsPerThousand)> AppendAsync(
        int writers,
        TimeSpan length
    )
    {
        using var folder = new ScratchFolder();
        using var store = new SqliteStore(Path.Combine(folder.Path, "journal.db"), "journal");
        var journal = new SqliteJournal(store, TimeProvider.System);
        return await AppendAsync(journal, "task_bench", writers, length);
    }

    /// <summary>So many writers, each with a task of its own, for so long a time: appends a second, CPU of this process per 1,000.</summary>
    public static async Task<(double Rate, double CpuMsPerThousand)> AppendAsync(
        IJournal journal,
        string prefix,
        int writers,
        TimeSpan length
    )
    {
        var cpu = Figures.CpuSeconds();
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(
            Enumerable
                .Range(0, writers)
                .Select(w => Task.Run(() => WriteAsync(journal, $"{prefix}_{w}", clock, length)))
        );
        var seconds = clock.Elapsed.TotalSeconds;
        var total = counts.Sum();
        return (total / seconds, (Figures.CpuSeconds() - cpu) * 1e6 / total);
    }

    private static async Task<long> WriteAsync(
        IJournal journal,
        string task,
        Stopwatch clock,
        TimeSpan length
    )
    {
        long version = 0;
        while (clock.Elapsed < length)
        {
            var at = TimeProvider.System.GetUtcNow();
            TaskFact fact = new TaskFact.CommitMade(
                "orchestrator/bench",
                new string('a', 120),
                "bench",
                false
            );
            var head = new TaskHead
            {
                TaskId = task,
                Version = version + 1,
                Phase = TaskPhase.Running,
                CreatedAt = at,
                UpdatedAt = at,
            };
            var outcome = await journal.AppendAsync(
                new AppendRequest(task, version, at, [fact], head),
                Durability.Wait,
                CancellationToken.None
            );
            version++;
            if (outcome != AppendOutcome.Appended)
            {
                throw new InvalidOperationException($"An append was answered {outcome}.");
            }
        }
        return version;
    }

    private static double RawLimit(TimeSpan length)
    {
        using var folder = new ScratchFolder();
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(folder.Path, "raw.db")};Pooling=False"
        );
        connection.Open();
        using var setup = connection.CreateCommand();
        setup.CommandText =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE fact (position INTEGER PRIMARY KEY, task_id TEXT, sequence INTEGER, payload BLOB)";
        setup.ExecuteNonQuery();
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO fact (task_id, sequence, payload) VALUES ($t, $s, $p)";
        var task = insert.Parameters.Add("$t", SqliteType.Text);
        var sequence = insert.Parameters.Add("$s", SqliteType.Integer);
        var payload = insert.Parameters.Add("$p", SqliteType.Blob);
        task.Value = "task_bench_0";
        payload.Value = new byte[300];
        var clock = Stopwatch.StartNew();
        long rows = 0;
        while (clock.Elapsed < length)
        {
            sequence.Value = ++rows;
            insert.ExecuteNonQuery(); // autocommit: one transaction, one flush
        }
        return rows / clock.Elapsed.TotalSeconds;
    }
}

/// <summary>A folder that is deleted at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // Left to the system's cleaning of its temporary folder: a figure must not fail for it.
        }
    }
}
