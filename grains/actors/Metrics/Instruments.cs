using System.Diagnostics.Metrics;
using System.Text.Json;
using Orchestrator.Decisions.Metrics;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Grains.Metrics;

/// <summary>The product's instruments. They count since the process' start; history is in the rollups.</summary>
public sealed class Instruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Orchestrator";

    private readonly Counter<long> ended;
    private readonly Histogram<double> duration;
    private readonly Histogram<double> phase;
    private readonly Counter<double> cost;
    private readonly Counter<long> tokens;

    /// <summary>Creates the instruments.</summary>
    public Instruments(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
#pragma warning disable CA2000 // the factory owns its meters
        var meter = meters.Create(MeterName);
#pragma warning restore CA2000
        ended = meter.CreateCounter<long>(
            "orchestrator.tasks.ended",
            "{turn}",
            "Turns that ended, by type, outcome and error_class."
        );
        duration = meter.CreateHistogram<double>(
            "orchestrator.task.duration",
            "s",
            "Time of a turn from its first fact to its end, by type and outcome."
        );
        phase = meter.CreateHistogram<double>(
            "orchestrator.phase.duration",
            "s",
            "Time of an ended turn in one phase, by phase."
        );
        cost = meter.CreateCounter<double>(
            "orchestrator.runs.cost",
            "USD",
            "What agents' runs cost, as they report it."
        );
        tokens = meter.CreateCounter<long>(
            "orchestrator.runs.tokens",
            "{token}",
            "Tokens of agents' runs, by kind: input, output, cache_read, cache_write."
        );
    }

    /// <summary>A turn ended.</summary>
    public void Ended(EndedTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var type = Tag("type", Snake(turn.Kind.ToString()));
        var outcome = Tag("outcome", turn.Outcome);
        ended.Add(1, type, outcome, Tag("error_class", Snake(turn.ErrorClass.ToString())));
        duration.Record(turn.Seconds, type, outcome);
        foreach (var (name, seconds) in turn.PhaseSeconds)
        {
            phase.Record(seconds, Tag("phase", Snake(name.ToString())));
        }
    }

    /// <summary>A run ended and says what it used.</summary>
    public void Used(RunUsage usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        cost.Add((double)usage.CostUsd);
        tokens.Add(usage.InputTokens, Tag("kind", "input"));
        tokens.Add(usage.OutputTokens, Tag("kind", "output"));
        tokens.Add(usage.CacheReadTokens, Tag("kind", "cache_read"));
        tokens.Add(usage.CacheWriteTokens, Tag("kind", "cache_write"));
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
