using System.Diagnostics;
using System.Globalization;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Benchmarks;

/// <summary>
/// What the SQLite store's answers cost with a long history against a short one, in the same file: it is loaded through the
/// product's own journal (60 facts a task), measured at the first size, loaded on, and measured again.
/// </summary>
internal static class FlatnessBenchmark
{
    private const int FactsPerTask = 60;
    private const int Loaders = 256;
    private const int Samples = 400;
    private const int Tail = 50;

    /// <summary>Measures at both numbers of facts.</summary>
    public static async Task RunAsync(int few, int many)
    {
        using var folder = new ScratchFolder();
        using var store = new SqliteStore(Path.Combine(folder.Path, "journal.db"), "journal");
        var journal = new SqliteJournal(store, TimeProvider.System);
        var index = new SqliteIndex(store);
        var stats = new SqliteStats(store);
        await LoadAsync(journal, 0, few / FactsPerTask);
        var before = await MeasureAsync(journal, index, stats, few / FactsPerTask, "a");
        var clock = Stopwatch.StartNew();
        await LoadAsync(journal, few / FactsPerTask, many / FactsPerTask);
        var rate = (many - few) / clock.Elapsed.TotalSeconds;
        var after = await MeasureAsync(journal, index, stats, many / FactsPerTask, "b");
        Figures.Head(
            string.Create(
                CultureInfo.InvariantCulture,
                $"answers at {many:N0} facts against {few:N0} (SQLite, FULL; loaded at {rate:N0} facts/s)"
            ),
            "what",
            "p50 ms, few",
            "p50 ms, many",
            "ratio"
        );
        foreach (var (what, first) in before)
        {
            Figures.Row(
                what,
                first.ToString("0.000", CultureInfo.InvariantCulture),
                after[what].ToString("0.000", CultureInfo.InvariantCulture),
                Figures.N(after[what] / first)
            );
        }
    }

    private static async Task LoadAsync(SqliteJournal journal, int from, int to) =>
        await Parallel.ForEachAsync(
            Enumerable.Range(from, to - from),
            new ParallelOptions { MaxDegreeOfParallelism = Loaders },
            async (n, _) =>
                await AppendAsync(
                    journal,
                    TaskOf(n),
                    0,
                    FactsPerTask,
                    TaskPhase.Done,
                    Durability.Wait
                )
        );

    private static async Task<Dictionary<string, double>> MeasureAsync(
        SqliteJournal journal,
        SqliteIndex index,
        SqliteStats stats,
        int tasks,
        string round
    )
    {
        // Spread over all history, and not the most recent alone.
        string Some(int n) => TaskOf((int)(n * 7_919L % tasks));
        var found = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["accept"] = await TimeAsync(n =>
                AppendAsync(journal, $"new_{round}_{n}", 0, 1, TaskPhase.Received, Durability.Wait)
            ),
            ["transition"] = await TimeAsync(n =>
                AppendAsync(journal, $"new_{round}_{n}", 1, 1, TaskPhase.Running, Durability.Wait)
            ),
            ["status (one task's head)"] = await TimeAsync(n =>
                index.FindAsync(Some(n), CancellationToken.None)
            ),
            ["status (tasks by phase)"] = await TimeAsync(_ =>
                index.CountAsync(CancellationToken.None)
            ),
            ["tail (a task's last 50 facts)"] = await TimeAsync(n =>
                journal.ReadTaskAsync(Some(n), FactsPerTask - Tail, Tail, CancellationToken.None)
            ),
            ["stats"] = await TimeAsync(_ => stats.ReadAsync(CancellationToken.None)),
        };
        return found;
    }

    private static async Task<double> TimeAsync(Func<int, Task> work)
    {
        var samples = new List<double>(Samples);
        for (var n = 0; n < Samples; n++)
        {
            var began = Stopwatch.GetTimestamp();
            await work(n);
            samples.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return Figures.Median(samples);
    }

    private static async Task AppendAsync(
        SqliteJournal journal,
        string task,
        long version,
        int count,
        TaskPhase phase,
        Durability durability
    )
    {
        var at = TimeProvider.System.GetUtcNow();
        var facts = new TaskFact[count];
        Array.Fill(
            facts,
            new TaskFact.CommitMade("orchestrator/bench", new string('a', 120), "bench", false)
        );
        var head = new TaskHead
        {
            TaskId = task,
            Version = version + count,
            Phase = phase,
            CreatedAt = at,
            UpdatedAt = at,
        };
        var outcome = await journal.AppendAsync(
            new AppendRequest(task, version, at, facts, head),
            durability,
            CancellationToken.None
        );
        if (outcome != AppendOutcome.Appended)
        {
            throw new InvalidOperationException($"An append was answered {outcome}.");
        }
    }

    private static string TaskOf(int n) =>
        string.Create(CultureInfo.InvariantCulture, $"task_{n:D8}");
}
