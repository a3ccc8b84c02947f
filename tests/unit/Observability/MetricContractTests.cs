using Orchestrator.Decisions.Observability;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

/// <summary>
/// Names, units and labels of the metrics are what people's own alerts and dashboards are made of: one that is there does not
/// change, and a new one is added here.
/// </summary>
public sealed class MetricContractTests
{
    [Fact]
    public void The_metrics_are_these() =>
        Assert.Equal(
            """
            orchestrator.tasks.submitted counter {task}: lane source
            orchestrator.turns.started counter {turn}: cause
            orchestrator.tasks.ended counter {turn}: type lane host outcome error_class
            orchestrator.task.duration histogram s: type outcome
            orchestrator.phase.duration histogram s: phase
            orchestrator.runs.started counter {run}: host runner
            orchestrator.runs.ended counter {run}: host runner error_class
            orchestrator.runs.cost counter USD: type model
            orchestrator.runs.tokens counter {token}: type model kind
            orchestrator.retries counter {retry}: error_class
            orchestrator.plans counter {plan}: mode
            orchestrator.policy.verdicts counter {verdict}: stage verdict
            orchestrator.approvals counter {step}: step
            orchestrator.checks counter {check}: result
            orchestrator.pauses counter {pause}: reason
            orchestrator.pull_requests counter {event}: event
            orchestrator.secrets.found counter {secret}
            orchestrator.redactions counter {hit}
            orchestrator.queue.refused counter {task}: lane
            orchestrator.intake.refused counter {file}
            orchestrator.journal.facts counter {fact}: fact
            orchestrator.journal.append.duration histogram s: outcome
            orchestrator.store.commit.duration histogram s
            orchestrator.store.batch.size histogram {operation}
            orchestrator.telemetry.dropped counter {item}: kind
            orchestrator.telemetry.spans counter {span}
            orchestrator.tasks gauge {task}: phase
            orchestrator.tasks.overdue gauge {task}
            orchestrator.queue.waiting gauge {task}: lane
            orchestrator.queue.oldest_age gauge s: lane
            orchestrator.queue.admitted gauge {task}
            orchestrator.queue.size_limit gauge {task}
            orchestrator.slots gauge {slot}: host state
            orchestrator.host.up gauge {host}: host
            orchestrator.host.disk_free gauge By: host
            orchestrator.data.disk_free gauge By
            orchestrator.outbox.waiting gauge {message}: outbox
            orchestrator.outbox.oldest_age gauge s: outbox
            orchestrator.subscriber.lag gauge {position}: subscriber
            orchestrator.subscriber.oldest_age gauge s: subscriber
            orchestrator.dead_letters gauge {letter}
            orchestrator.reports.fenced total {report}
            orchestrator.journal.chain_breaks gauge {fact}
            orchestrator.journal.chain_checked gauge {position}
            orchestrator.journal.end gauge {position}
            orchestrator.store.round_trip gauge s
            orchestrator.telemetry.sample_age gauge s
            """,
            string.Join('\n', MetricCatalogue.All.Select(Line))
        );

    [Fact]
    public void Labels_whose_values_nobody_can_list_are_these_four() =>
        Assert.Equal(["host", "runner", "model", "source"], MetricCatalogue.OpenLabels);

    [Fact]
    public void Every_metric_is_told_in_a_sentence_of_its_own() =>
        Assert.Equal(
            MetricCatalogue.All.Count,
            MetricCatalogue
                .All.Select(m => m.Description)
                .Where(d => d.Length > 10)
                .Distinct()
                .Count()
        );

    private static string Line(Metric metric)
    {
        var labels = metric.Labels.Length > 0 ? ": " + metric.Labels : "";
        return $"{metric.Name} {FactMeter.Snake(metric.Kind.ToString())} {metric.Unit}{labels}";
    }
}
