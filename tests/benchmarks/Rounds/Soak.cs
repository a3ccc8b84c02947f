using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Orchestrator.Benchmarks.Limits;
using Orchestrator.Benchmarks.Product;
using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Rounds;

/// <summary>
/// The loops of w1 on the product for a long time, at a part of what the machine does: memory, latency and drift, a line a
/// minute. What it does flat out is found first, and not counted.
/// </summary>
internal sealed class Soak(RoundOptions options)
{
    private const int LedgerSlots = 65_536;
    private const int FlatOutMinutes = 2;
    private static readonly TimeSpan TaskMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan OneMinute = TimeSpan.FromMinutes(1);
    private readonly List<Minute> minutes = [];
    private int next;

    /// <summary>Runs it; 0 = every check passed.</summary>
    public async Task<int> RunAsync()
    {
        using var folder = new ScratchFolder();
        var store = options.Stores[0];
        await using var server =
            store == "postgresql" ? await PrivatePostgres.StartAsync(folder.Path) : null;
        var order = new SubjectOrder(
            "product",
            "soak",
            0,
            0,
            options.Flight,
            store,
            server is null ? "" : await server.MakeDatabaseAsync("b_soak"),
            server?.Postmaster ?? 0,
            folder.Path,
            "",
            options.Park
        );
        await using var subject = new ProductSubject(watched: 0)
        {
            Ledger = new Ledger(LedgerSlots),
        };
        await subject.StartAsync(order);
        Figures.Head(
            $"soak on {store}, {options.Flight} in flight, {options.Minutes} minutes at {options.Load} % of the load before them",
            "minute",
            "tasks",
            "tasks/s",
            "p50 / p99 ms",
            "CPU s/1k",
            "RSS MB",
            "managed heap MB",
            "database MB"
        );
        var counters = new Counters(order);
        for (var minute = 1 - FlatOutMinutes; minute <= 0; minute++)
        {
            await MinuteAsync(subject, counters, minute, TimeSpan.Zero);
        }
        var pace = TimeSpan.FromSeconds(100 / (minutes[^1].Rate * options.Load));
        minutes.Clear();
        for (var minute = 1; minute <= options.Minutes; minute++)
        {
            await MinuteAsync(subject, counters, minute, pace);
        }
        await subject.SettleAsync();
        var findings = await subject.CheckAsync(0, 0);
        Drift();
        foreach (var finding in findings)
        {
            Console.WriteLine("- " + finding);
        }
        return findings.Count == 0 ? 0 : 1;
    }

    // Pace: the time from one task's start to the next one's, in whichever loop; zero = flat out.
    private async Task MinuteAsync(
        ProductSubject subject,
        Counters counters,
        int minute,
        TimeSpan pace
    )
    {
        var wholes = new ConcurrentBag<double>();
        var cpu = Counters.App() + counters.Postgres();
        var clock = Stopwatch.StartNew();
        var turn = -1;
        async Task LoopAsync()
        {
            while (clock.Elapsed < OneMinute)
            {
                var left = pace * Interlocked.Increment(ref turn) - clock.Elapsed;
                if (left > TimeSpan.Zero)
                {
                    await Rest.ForAsync(left);
                }
                var task = Interlocked.Increment(ref next) - 1;
                subject.Ledger.Renew(task);
                var called = Stopwatch.GetTimestamp();
                await subject.SubmitAsync(task);
                await subject.Ledger.WaitAsync(task, TaskMax);
                wholes.Add(Stopwatch.GetElapsedTime(called).TotalMilliseconds);
            }
        }
        await Task.WhenAll(Enumerable.Range(0, options.Flight).Select(_ => Task.Run(LoopAsync)));
        var spent = Counters.App() + counters.Postgres() - cpu;
        var line = new Minute(
            wholes.Count / clock.Elapsed.TotalSeconds,
            Samples.Percentile(wholes, 0.5),
            Samples.Percentile(wholes, 0.99),
            Counters.ResidentMb()
        );
        minutes.Add(line);
        Figures.Row(
            minute.ToString(CultureInfo.InvariantCulture),
            wholes.Count.ToString("N0", CultureInfo.InvariantCulture),
            Figures.N(line.Rate),
            $"{Figures.N(line.P50)} / {Figures.N(line.P99)}",
            Figures.N(spent * 1_000 / Math.Max(1, wholes.Count)),
            Figures.N(line.Resident),
            Figures.N(GC.GetTotalMemory(forceFullCollection: false) / 1_048_576.0),
            Figures.N((subject.EmbeddedBytes() ?? counters.Database()) / 1_048_576.0)
        );
    }

    // By the second half: the first one fills caches and compiles.
    private void Drift()
    {
        var half = minutes.Skip(minutes.Count / 2).ToList();
        var tenth = Math.Max(1, minutes.Count / 10);
        var slope =
            half.Count > 1
                ? (half[^1].Resident - half[0].Resident) / (half.Count - 1) * 60
                : double.NaN;
        Console.WriteLine(
            $"\nResident memory over the second half: {Figures.N(slope)} MB an hour. p99 of the last tenth: {Figures.N(RoundRatios.Median([.. minutes.TakeLast(tenth).Select(m => m.P99)]) / RoundRatios.Median([.. minutes.Take(tenth).Select(m => m.P99)]))} times the first tenth's."
        );
    }

    private sealed record Minute(double Rate, double P50, double P99, double Resident);
}
