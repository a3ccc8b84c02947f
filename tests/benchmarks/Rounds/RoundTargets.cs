using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Rounds;

/// <summary>What the product is to reach, beside what it reached. Printed, never a gate: machines are noisy.</summary>
internal static class RoundTargets
{
    private const string Product = "product";
    private const string Wolverine = "wolverine";

    /// <summary>Prints a line for each target that these rounds can judge.</summary>
    public static void Print(RoundOptions options, IReadOnlyList<WorkloadResult> results)
    {
        var product = results.Where(r => r.Subject == Product).ToList();
        var postgres = product.Where(r => r.Store == "postgresql").ToList();
        double Ratio(Func<WorkloadResult, double?> value) =>
            RoundRatios.Median(RoundRatios.Of(results, postgres, Wolverine, value));
        double Median(IEnumerable<WorkloadResult> rows, Func<WorkloadResult, double?> value) =>
            RoundRatios.Median([.. rows.Select(value).OfType<double>()]);
        Console.WriteLine();
        switch (options.Workload)
        {
            case "w1":
                Most(
                    $"CPU of Wolverine, {options.Flight} in flight",
                    Ratio(r => r.CpuSecondsPer1k),
                    options.Flight > 16 ? 0.40 : 0.35
                );
                Least("tasks/s of Wolverine", Ratio(r => r.TasksPerSecond), 3);
                Most(
                    "log bytes per payload byte",
                    Median(postgres, r => r.WalBytesPerTask / Payload.BytesPerTask),
                    1.6
                );
                Most(
                    "CPU on SQLite beside PostgreSQL, same round",
                    RoundRatios.Median([
                        .. product
                            .Where(r => r.Store == "sqlite")
                            .SelectMany(r =>
                                postgres
                                    .Where(p => p.Round == r.Round)
                                    .Select(p => r.CpuSecondsPer1k / p.CpuSecondsPer1k)
                                    .OfType<double>()
                            ),
                    ]),
                    0.6
                );
                break;
            case "w2":
                foreach (var store in product.GroupBy(r => r.Store))
                {
                    Most(
                        $"p99 from call to the agent's run on {store.Key}, ms",
                        Median(store, r => r.CallToRunP99Ms),
                        10
                    );
                }
                Most(
                    "p50 from call to the first step, of Wolverine",
                    Ratio(r => r.CallToStepP50Ms),
                    1
                );
                Most("p50 of the whole task, of Wolverine", Ratio(r => r.WholeP50Ms), 1);
                break;
            case "w4":
                foreach (var store in product.GroupBy(r => r.Store))
                {
                    Most(
                        $"until every interrupted step ran again in place, on {store.Key}, s",
                        Median(
                            store,
                            r =>
                                r.RunAgain == r.Interrupted
                                    ? r.RunAgainMostSeconds
                                    : double.PositiveInfinity
                        ),
                        1.5
                    );
                }
                Least("tasks finished of 64", product.Min(r => r.Finished ?? 0), 64);
                break;
            default:
                Most("task grains active for parked tasks", Median(product, r => r.Active), 0);
                Most(
                    "idle, % of a core, application and PostgreSQL",
                    Median(product, r => r.IdleAppPercent + (r.IdlePgPercent ?? 0)),
                    1
                );
                Most("bytes of the database each", Median(product, r => r.DbBytesPerTask), 2_048);
                break;
        }
    }

    private static void Most(string what, double value, double most) =>
        Line(what, value, "≤", most, value <= most);

    private static void Least(string what, double value, double least) =>
        Line(what, value, "≥", least, value >= least);

    private static void Line(string what, double value, string sign, double bound, bool met)
    {
        if (!double.IsNaN(value))
        {
            Console.WriteLine(
                $"- {what}: {Figures.N(value)} ({sign} {Figures.N(bound)}: {(met ? "met" : "missed")})"
            );
        }
    }
}
