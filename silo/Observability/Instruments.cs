using System.Diagnostics;
using System.Diagnostics.Metrics;
using Orchestrator.Decisions.Observability;
using Orchestrator.Decisions.Redaction;

namespace Orchestrator.Silo.Observability;

/// <summary>
/// The instruments of the meter <c>Orchestrator</c>, made from <see cref="MetricCatalogue"/>. Counters and histograms
/// count since the process' start; gauges show what was looked at last. Thread-safe.
/// </summary>
internal sealed class Instruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Orchestrator";

    private readonly Dictionary<Metric, Action<double, TagList>> recorders = [];
    private readonly LabelLimit limit = new();
    private readonly Redactor redactor;
    private readonly TimeProvider time;
    private volatile GaugeSample sample = GaugeSample.None;

    /// <summary>Creates the instruments.</summary>
    public Instruments(IMeterFactory meters, Redactor redactor, TimeProvider time)
    {
        this.redactor = redactor;
        this.time = time;
#pragma warning disable CA2000 // the factory owns its meters
        var meter = meters.Create(MeterName);
#pragma warning restore CA2000
        foreach (var metric in MetricCatalogue.All)
        {
            Make(meter, metric);
        }
        // A counter that is there from the start shows its first step as a step.
        Record(new(MetricCatalogue.Secrets, 0));
        Record(new(MetricCatalogue.IntakeRefused, 0));
        Record(new(MetricCatalogue.SpansSent, 0));
        Record(new(MetricCatalogue.Dropped, 0, "facts"));
        Record(new(MetricCatalogue.Dropped, 0, "spans"));
    }

    /// <summary>Counts or records a value. Labels that nobody can list beforehand are capped and redacted here.</summary>
    public void Record(Measurement measurement)
    {
        var names = measurement.Metric.Labels.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var tags = new TagList();
        for (var i = 0; i < names.Length; i++)
        {
            tags.Add(names[i], Bounded(names[i], measurement.Labels[i]));
        }
        recorders[measurement.Metric](measurement.Value, tags);
    }

    /// <summary>What the gauges show from now on.</summary>
    public void Show(GaugeSample looked) => sample = looked;

    private string Bounded(string label, string value) =>
        MetricCatalogue.OpenLabels.Contains(label)
            ? limit.Of(label, value, redactor.Redact)
            : value;

    private void Make(Meter meter, Metric metric)
    {
        if (metric == MetricCatalogue.Redactions)
        {
            meter.CreateObservableCounter(
                metric.Name,
                () => redactor.Taken,
                metric.Unit,
                metric.Description
            );
            return;
        }
        switch (metric.Kind)
        {
            case MetricKind.Counter:
                var counter = meter.CreateCounter<double>(
                    metric.Name,
                    metric.Unit,
                    metric.Description
                );
                recorders[metric] = (value, tags) => counter.Add(value, tags);
                break;
            case MetricKind.Histogram:
                var histogram = meter.CreateHistogram(
                    metric.Name,
                    metric.Unit,
                    metric.Description,
                    tags: null,
                    new InstrumentAdvice<double> { HistogramBucketBoundaries = metric.Buckets }
                );
                recorders[metric] = (value, tags) => histogram.Record(value, tags);
                break;
            case MetricKind.Total:
                meter.CreateObservableCounter(
                    metric.Name,
                    () => Shown(metric),
                    metric.Unit,
                    metric.Description
                );
                break;
            default:
                meter.CreateObservableGauge(
                    metric.Name,
                    () => Shown(metric),
                    metric.Unit,
                    metric.Description
                );
                break;
        }
    }

    // Only what was looked at before: a scrape asks nobody.
    private IEnumerable<Measurement<double>> Shown(Metric metric)
    {
        var looked = sample;
        if (metric == MetricCatalogue.SampleAge && looked.At is { } at)
        {
            yield return new Measurement<double>((time.GetUtcNow() - at).TotalSeconds);
        }
        foreach (var measurement in looked.Of(metric))
        {
            var names = metric.Labels.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var tags = new KeyValuePair<string, object?>[names.Length];
            for (var i = 0; i < names.Length; i++)
            {
                tags[i] = new(names[i], Bounded(names[i], measurement.Labels[i]));
            }
            yield return new Measurement<double>(measurement.Value, tags);
        }
    }
}

/// <summary>The gauges as they were looked at.</summary>
/// <param name="At">When (UTC); null = not yet.</param>
/// <param name="Measurements">What was found.</param>
internal sealed record GaugeSample(
    DateTimeOffset? At,
    ILookup<Metric, Orchestrator.Decisions.Observability.Measurement> Measurements
)
{
    /// <summary>Before the first look.</summary>
    public static GaugeSample None { get; } = new(null, Of([]));

    /// <summary>By their metric.</summary>
    public static ILookup<Metric, Orchestrator.Decisions.Observability.Measurement> Of(
        IEnumerable<Orchestrator.Decisions.Observability.Measurement> measurements
    ) => measurements.ToLookup(m => m.Metric);

    /// <summary>Those of one metric.</summary>
    public IEnumerable<Orchestrator.Decisions.Observability.Measurement> Of(Metric metric) =>
        Measurements[metric];
}
