using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.Benchmarks.Workloads;

/// <summary>Runs one workload on one subject, in the subject's process.</summary>
internal sealed class WorkloadRun(Subject subject, SubjectOrder order)
{
    private const int ParkLoops = 16;
    private static readonly TimeSpan TaskMax = TimeSpan.FromMinutes(3);
    private readonly Counters counters = new(order);

    /// <summary>Runs it.</summary>
    public Task<WorkloadResult> RunAsync() =>
        order.Workload switch
        {
            "w1" => ClosedLoopAsync(),
            "w2" => IdleAsync(),
            "w3" => ParkedAsync(),
            "w4" => CrashedAsync(),
            _ => throw new ArgumentException($"'{order.Workload}' is no workload."),
        };

    private WorkloadResult Start() =>
        new()
        {
            Workload = order.Workload,
            Subject = subject.Name,
            Store = order.Store,
            Tasks = order.Tasks,
            Flight = order.Flight,
        };

    // W1: so many loops, each hands a task in, waits for its eighth acknowledgment, takes the next.
    private async Task<WorkloadResult> ClosedLoopAsync()
    {
        subject.Ledger = new Ledger(order.Warm + order.Tasks);
        await subject.StartAsync(order);
        await LoopAsync(0, order.Warm, [], []);
        await subject.SettleAsync();
        counters.Checkpoint();
        var (accepts, wholes) = (new ConcurrentBag<double>(), new ConcurrentBag<double>());
        var (wal, size) = (counters.Wal(), Size());
        var (app, pg) = (Counters.App(), counters.Postgres());
        var clock = Stopwatch.StartNew();
        await LoopAsync(order.Warm, order.Tasks, accepts, wholes);
        var seconds = clock.Elapsed.TotalSeconds;
        var atAck = Counters.App() - app + counters.Postgres() - pg;
        await subject.SettleAsync();
        var (appCpu, pgCpu) = (Counters.App() - app, counters.Postgres() - pg);
        var walBytes = counters.Wal() - wal;
        counters.Checkpoint();
        var grown = Size() - size;
        var (doubled, lost) = subject.Ledger.Count(order.Warm, order.Tasks);
        return Start() with
        {
            Seconds = seconds,
            TasksPerSecond = order.Tasks / seconds,
            TransitionsPerSecond = order.Tasks * Payload.Steps / seconds,
            WholeP50Ms = Samples.Percentile(wholes, 0.5),
            WholeP99Ms = Samples.Percentile(wholes, 0.99),
            AcceptP50Ms = Samples.Percentile(accepts, 0.5),
            CpuSecondsPer1k = (appCpu + pgCpu) * 1_000 / order.Tasks,
            AppCpuSecondsPer1k = appCpu * 1_000 / order.Tasks,
            PgCpuSecondsPer1k = pgCpu * 1_000 / order.Tasks,
            CpuSecondsPer1kAtLastAck = atAck * 1_000 / order.Tasks,
            WalBytesPerTask = order.OnPostgres ? walBytes / order.Tasks : null,
            DbBytesPerTask = grown / order.Tasks,
            RssMb = Counters.ResidentMb(),
            DoubledSteps = doubled,
            LostSteps = lost,
            Findings = await subject.CheckAsync(order.Warm, order.Tasks),
        };
    }

    private Task LoopAsync(
        int from,
        int tasks,
        ConcurrentBag<double> accepts,
        ConcurrentBag<double> wholes
    )
    {
        var next = from;
        async Task OneAsync()
        {
            while (Interlocked.Increment(ref next) - 1 is var task && task < from + tasks)
            {
                var called = Stopwatch.GetTimestamp();
                await subject.SubmitAsync(task);
                accepts.Add(Stopwatch.GetElapsedTime(called).TotalMilliseconds);
                await subject.Ledger.WaitAsync(task, TaskMax);
                wholes.Add(Stopwatch.GetElapsedTime(called).TotalMilliseconds);
            }
        }
        return Task.WhenAll(
            Enumerable.Range(0, Math.Min(order.Flight, tasks)).Select(_ => Task.Run(OneAsync))
        );
    }

    // W2: one task after the other on an idle system.
    private async Task<WorkloadResult> IdleAsync()
    {
        var all = order.Warm + order.Tasks;
        subject.Ledger = new Ledger(all);
        await subject.StartAsync(order);
        List<double> calls = [];
        List<double> returns = [];
        List<double> runs = [];
        List<double> wholes = [];
        List<double> accepts = [];
        for (var task = 0; task < all; task++)
        {
            // 20 to 119 ms, the same row of pauses in every run.
            var pause = TimeSpan.FromMilliseconds(20 + (task * 7_919L % 100));
            await Rest.ForAsync(pause);
            var called = Stopwatch.GetTimestamp();
            await subject.SubmitAsync(task);
            var returned = Stopwatch.GetTimestamp();
            await subject.Ledger.WaitAsync(task, TaskMax);
            var ended = Stopwatch.GetTimestamp();
            if (task < order.Warm)
            {
                continue;
            }
            calls.Add(Ms(subject.Ledger.BeganAt(task) - called));
            returns.Add(Ms(subject.Ledger.BeganAt(task) - returned));
            accepts.Add(Ms(returned - called));
            wholes.Add(Ms(ended - called));
            if (subject.Ledger.RanAt(task) is var ran and > 0)
            {
                runs.Add(Ms(ran - called));
            }
        }
        await subject.SettleAsync();
        var (doubled, lost) = subject.Ledger.Count(order.Warm, order.Tasks);
        return Start() with
        {
            CallToStepP50Ms = Samples.Percentile(calls, 0.5),
            CallToStepP99Ms = Samples.Percentile(calls, 0.99),
            ReturnToStepP50Ms = Samples.Percentile(returns, 0.5),
            ReturnToStepP99Ms = Samples.Percentile(returns, 0.99),
            CallToRunP50Ms = runs.Count > 0 ? Samples.Percentile(runs, 0.5) : null,
            CallToRunP99Ms = runs.Count > 0 ? Samples.Percentile(runs, 0.99) : null,
            AcceptP50Ms = Samples.Percentile(accepts, 0.5),
            WholeP50Ms = Samples.Percentile(wholes, 0.5),
            WholeP99Ms = Samples.Percentile(wholes, 0.99),
            DoubledSteps = doubled,
            LostSteps = lost,
            RssMb = Counters.ResidentMb(),
            Findings = await subject.CheckAsync(order.Warm, order.Tasks),
        };
    }

    // W3: what a task costs that waits for tomorrow.
    private async Task<WorkloadResult> ParkedAsync()
    {
        subject.Ledger = new Ledger(1);
        await subject.StartAsync(order);
        var (emptyApp, emptyPg) = await RestAsync(
            TimeSpan.FromSeconds(2),
            TimeSpan.FromSeconds(10)
        );
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        var size = Size();
        var cpu = Counters.App() + counters.Postgres();
        var clock = Stopwatch.StartNew();
        var next = 0;
        async Task OneAsync()
        {
            while (Interlocked.Increment(ref next) - 1 is var task && task < order.Tasks)
            {
                await subject.ParkAsync(task);
                if (task > 0 && task % 10_000 == 0)
                {
                    await Console.Error.WriteLineAsync(
                        $"  {subject.Name}: {task} parked after {clock.Elapsed.TotalSeconds:N0} s"
                    );
                }
            }
        }
        await Task.WhenAll(Enumerable.Range(0, ParkLoops).Select(_ => Task.Run(OneAsync)));
        await subject.SettleAsync();
        var seconds = clock.Elapsed.TotalSeconds;
        var spent = Counters.App() + counters.Postgres() - cpu;
        counters.Checkpoint();
        var grown = Size() - size;
        var (idleApp, idlePg) = await RestAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));
        return Start() with
        {
            Seconds = seconds,
            TasksPerSecond = order.Tasks / seconds,
            CpuSecondsPer1k = spent * 1_000 / order.Tasks,
            DbBytesPerTask = grown / order.Tasks,
            HeapBytesEach =
                (GC.GetTotalMemory(forceFullCollection: true) - heap) / (double)order.Tasks,
            Active = await subject.ActiveAsync(),
            RssMb = Counters.ResidentMb(),
            EmptyIdleAppPercent = emptyApp,
            EmptyIdlePgPercent = order.OnPostgres ? emptyPg : null,
            IdleAppPercent = idleApp,
            IdlePgPercent = order.OnPostgres ? idlePg : null,
            Findings = await subject.CheckAsync(0, 0),
        };
    }

    // W4: the first life hands everything in and is killed from outside; the second one goes on with what is there.
    private async Task<WorkloadResult> CrashedAsync()
    {
        using var effects = new Effects(order.Effects, order.Flight);
        subject.Ledger = new Ledger(order.Tasks) { Effects = effects };
        await subject.StartAsync(order);
        if (!order.Again)
        {
            await Task.WhenAll(Enumerable.Range(0, order.Tasks).Select(subject.SubmitAsync));
            await File.WriteAllTextAsync(order.Accepted, "");
        }
        while (!File.Exists(order.Over))
        {
            await Rest.ForAsync(TimeSpan.FromMilliseconds(50));
        }
        await subject.SettleAsync();
        return Start() with { Findings = await subject.CheckAsync(0, 0) };
    }

    private async Task<(double App, double Pg)> RestAsync(TimeSpan settle, TimeSpan idle)
    {
        await Rest.ForAsync(settle);
        Counters.Collect();
        var (app, pg) = (Counters.App(), counters.Postgres());
        await Rest.ForAsync(idle);
        return (
            (Counters.App() - app) / idle.TotalSeconds * 100,
            (counters.Postgres() - pg) / idle.TotalSeconds * 100
        );
    }

    private double Size() => subject.EmbeddedBytes() ?? counters.Database();

    private static double Ms(long ticks) => ticks * 1_000.0 / Stopwatch.Frequency;
}
