using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Rounds;

/// <summary>The rounds as Markdown: medians, and ratios taken inside a round.</summary>
internal static class RoundTables
{
    private const double Tolerance = 0.30;

    // What well-tuned peers cost beside the bare log of the same round (W1, PostgreSQL, CPU): measured for this table's
    // definitions with 16 and 256 in flight.
    private static readonly Dictionary<(string Subject, int Flight), double> Expected = new()
    {
        [("wolverine", 16)] = 4.9,
        [("hangfire", 16)] = 103,
        [("quartz", 16)] = 52,
        [("wolverine", 256)] = 5.6,
    };

    /// <summary>Prints a table for each store.</summary>
    public static void Print(RoundOptions options, IReadOnlyList<WorkloadResult> results)
    {
        foreach (var store in results.GroupBy(r => r.Store))
        {
            var title = $"{options.Workload.ToUpperInvariant()} on {store.Key}";
            switch (options.Workload)
            {
                case "w1":
                    ClosedLoop($"{title}, {options.Flight} in flight", [.. store]);
                    break;
                case "w2":
                    Idle(title, [.. store]);
                    break;
                case "w4":
                    Crashed(title, [.. store]);
                    break;
                default:
                    Parked(title, [.. store]);
                    break;
            }
        }
        RoundTargets.Print(options, results);
        Findings(results);
    }

    private static void ClosedLoop(string title, List<WorkloadResult> all)
    {
        Figures.Head(
            $"{title} ({all.Max(r => r.Round)} rounds; medians, ratios inside a round)",
            "engine (tasks)",
            "CPU s/1k (app + PG; at last ack)",
            "÷ row at a time",
            "÷ bare log",
            "÷ Wolverine",
            "tasks/s (÷ Wolverine)",
            "transitions/s",
            "p50 / p99 ms",
            "accept p50 ms",
            "WAL B/task (÷ payload)",
            "DB B/task",
            "RSS MB",
            "doubled / lost"
        );
        foreach (var rows in all.GroupBy(r => r.Subject))
        {
            string Of(Func<WorkloadResult, double?> value) => RoundRatios.Text(rows, value);
            Figures.Row(
                $"{rows.Key} ({rows.First().Tasks:N0})",
                $"{Of(r => r.CpuSecondsPer1k)} ({Of(r => r.AppCpuSecondsPer1k)} + {Of(r => r.PgCpuSecondsPer1k)}; {Of(r => r.CpuSecondsPer1kAtLastAck)})",
                RoundRatios.Ratio(all, rows, "row at a time", r => r.CpuSecondsPer1k),
                RoundRatios.Ratio(all, rows, "bare log", r => r.CpuSecondsPer1k),
                RoundRatios.Ratio(all, rows, "wolverine", r => r.CpuSecondsPer1k),
                $"{Of(r => r.TasksPerSecond)} ({RoundRatios.Ratio(all, rows, "wolverine", r => r.TasksPerSecond)})",
                Of(r => r.TransitionsPerSecond),
                $"{Of(r => r.WholeP50Ms)} / {Of(r => r.WholeP99Ms)}",
                Of(r => r.AcceptP50Ms),
                $"{Of(r => r.WalBytesPerTask)} ({Of(r => r.WalBytesPerTask / Payload.BytesPerTask)})",
                Of(r => r.DbBytesPerTask),
                Of(r => r.RssMb),
                $"{rows.Sum(r => r.DoubledSteps)} / {rows.Sum(r => r.LostSteps)}"
            );
        }
        foreach (var rows in all.GroupBy(r => r.Subject))
        {
            if (
                Expected.TryGetValue((rows.Key, rows.First().Flight), out var expected)
                && RoundRatios.Of(all, rows, "bare log", r => r.CpuSecondsPer1k)
                    is { Count: > 0 } ratios
                && RoundRatios.Median(ratios) is var ratio
                && Math.Abs((ratio / expected) - 1) > Tolerance
            )
            {
                Console.WriteLine(
                    $"\n{rows.Key} is mis-tuned, or the bare log is: its CPU is {Figures.N(ratio)} times the bare log's, and {Figures.N(expected)} within 30 % is expected."
                );
            }
        }
    }

    private static void Idle(string title, List<WorkloadResult> all)
    {
        Figures.Head(
            $"{title} ({all.Max(r => r.Round)} rounds; medians; ms, p50 / p99)",
            "engine (tasks)",
            "call → first step",
            "return → first step",
            "call → agent's run",
            "call → return p50",
            "whole task",
            "doubled / lost"
        );
        foreach (var rows in all.GroupBy(r => r.Subject))
        {
            string Of(Func<WorkloadResult, double?> value) => RoundRatios.Text(rows, value);
            Figures.Row(
                $"{rows.Key} ({rows.First().Tasks:N0})",
                $"{Of(r => r.CallToStepP50Ms)} / {Of(r => r.CallToStepP99Ms)}",
                $"{Of(r => r.ReturnToStepP50Ms)} / {Of(r => r.ReturnToStepP99Ms)}",
                $"{Of(r => r.CallToRunP50Ms)} / {Of(r => r.CallToRunP99Ms)}",
                Of(r => r.AcceptP50Ms),
                $"{Of(r => r.WholeP50Ms)} / {Of(r => r.WholeP99Ms)}",
                $"{rows.Sum(r => r.DoubledSteps)} / {rows.Sum(r => r.LostSteps)}"
            );
        }
    }

    private static void Parked(string title, List<WorkloadResult> all)
    {
        Figures.Head(
            $"{title} ({all.Max(r => r.Round)} rounds; medians)",
            "engine (tasks)",
            "parked/s",
            "CPU ms each",
            "DB B each",
            "heap B each",
            "active objects",
            "RSS MB",
            "idle before, % of a core: app / PG",
            "idle after: app / PG"
        );
        foreach (var rows in all.GroupBy(r => r.Subject))
        {
            string Of(Func<WorkloadResult, double?> value) => RoundRatios.Text(rows, value);
            Figures.Row(
                $"{rows.Key} ({rows.First().Tasks:N0})",
                Of(r => r.TasksPerSecond),
                Of(r => r.CpuSecondsPer1k),
                Of(r => r.DbBytesPerTask),
                Of(r => r.HeapBytesEach),
                Of(r => r.Active),
                Of(r => r.RssMb),
                $"{Of(r => r.EmptyIdleAppPercent)} / {Of(r => r.EmptyIdlePgPercent)}",
                $"{Of(r => r.IdleAppPercent)} / {Of(r => r.IdlePgPercent)}"
            );
        }
    }

    private static void Crashed(string title, List<WorkloadResult> all)
    {
        Figures.Head(
            $"{title} ({all.Max(r => r.Round)} rounds; medians; s after the last step before the kill)",
            "engine",
            "first step",
            "interrupted steps",
            "of them run again",
            "run again: half / all",
            "tasks finished within 60 s",
            "steps repeated"
        );
        foreach (var rows in all.GroupBy(r => r.Subject))
        {
            string Of(Func<WorkloadResult, double?> value) => RoundRatios.Text(rows, value);
            Figures.Row(
                rows.Key,
                Of(r => r.FirstStepSeconds),
                Of(r => r.Interrupted),
                Of(r => r.RunAgain),
                $"{Of(r => r.RunAgainP50Seconds)} / {Of(r => r.RunAgainMostSeconds)}",
                $"{Of(r => r.Finished)} of {rows.First().Tasks}",
                Of(r => r.RepeatedSteps)
            );
        }
    }

    private static void Findings(IReadOnlyList<WorkloadResult> results)
    {
        var findings = results
            .SelectMany(r =>
                r.Findings.Select(f => $"{r.Subject} on {r.Store}, round {r.Round}: {f}")
            )
            .ToList();
        Console.WriteLine(
            findings.Count == 0
                ? "\nAfter every run of the product the hash chains verified, all subscribers' cursors were at the end, no delivery was given up and no sampled payload was missing."
                : "\nFindings:\n" + string.Join('\n', findings.Take(50).Select(f => "- " + f))
        );
    }
}
