using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Rounds;

/// <summary>Medians over rounds, and ratios between two engines inside a round.</summary>
internal static class RoundRatios
{
    /// <summary>The middle; between two, their mean. NaN without any.</summary>
    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0
            ? double.NaN
            : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The median of a figure as text; <c>-</c> when nobody measured it.</summary>
    public static string Text(IEnumerable<WorkloadResult> rows, Func<WorkloadResult, double?> value)
    {
        var values = rows.Select(value).OfType<double>().ToList();
        return values.Count == 0 ? "-" : Figures.N(Median(values));
    }

    /// <summary>One ratio for each round that has both.</summary>
    public static List<double> Of(
        IReadOnlyList<WorkloadResult> all,
        IEnumerable<WorkloadResult> rows,
        string other,
        Func<WorkloadResult, double?> value
    ) =>
        [
            .. rows.SelectMany(r =>
                all.Where(o => o.Subject == other && o.Round == r.Round && o.Store == r.Store)
                    .Select(o => value(r) / value(o))
                    .OfType<double>()
            ),
        ];

    /// <summary>The median ratio as text.</summary>
    public static string Ratio(
        IReadOnlyList<WorkloadResult> all,
        IEnumerable<WorkloadResult> rows,
        string other,
        Func<WorkloadResult, double?> value
    ) => Of(all, rows, other, value) is { Count: > 0 } ratios ? Figures.N(Median(ratios)) : "-";
}
