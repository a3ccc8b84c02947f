using System.Text;

namespace Orchestrator.Decisions.Observability;

/// <summary>How a metric grows.</summary>
public enum MetricKind
{
    /// <summary>Counts up from the process' start.</summary>
    Counter = 0,

    /// <summary>A distribution of values since the process' start.</summary>
    Histogram = 1,

    /// <summary>A value as it was looked at last.</summary>
    Gauge = 2,

    /// <summary>A count over all history that the store keeps; each silo shows the same one.</summary>
    Total = 3,
}

/// <summary>A metric of the product.</summary>
/// <param name="Name">Dotted: <c>orchestrator.tasks.ended</c>.</param>
/// <param name="Kind">How it grows.</param>
/// <param name="Unit">Of UCUM: <c>s</c>, <c>By</c>; in braces what is counted.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Labels">Names of its labels, <c>a b</c>; empty = none.</param>
public sealed record Metric(
    string Name,
    MetricKind Kind,
    string Unit,
    string Description,
    string Labels = ""
)
{
    /// <summary>Upper bounds of a histogram's buckets, ascending.</summary>
    public IReadOnlyList<double> Buckets { get; init; } = [];

    /// <summary>Its name as Prometheus sees it: <c>orchestrator_tasks_ended_total</c>. A histogram has <c>_bucket</c>, <c>_sum</c> and <c>_count</c> of it.</summary>
    public string PrometheusName
    {
        get
        {
            var name = new StringBuilder(Name.Replace('.', '_'));
            var unit = Unit switch
            {
                "s" => "seconds",
                "By" => "bytes",
                ['{', ..] or "" => "",
                _ => Unit,
            };
            if (unit.Length > 0)
            {
                name.Append('_').Append(unit);
            }
            if (Kind is MetricKind.Counter or MetricKind.Total)
            {
                name.Append("_total");
            }
            return name.ToString();
        }
    }
}

/// <summary>One value of a metric. Labels are in the order of the metric's.</summary>
/// <param name="Metric">Which.</param>
/// <param name="Value">A counter's step, a histogram's value.</param>
/// <param name="Labels">Values of its labels.</param>
public readonly record struct Measurement(
    Metric Metric,
    double Value,
    params IReadOnlyList<string> Labels
)
{
    /// <summary><c>orchestrator.runs.started{ host=h1 runner=scripted } 1</c>.</summary>
    public override string ToString()
    {
        var labels = Metric.Labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Zip(Labels);
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Metric.Name}{{{string.Join(' ', labels.Select(l => l.First + "=" + l.Second))}}} {Value}"
        );
    }
}
