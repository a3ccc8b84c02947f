using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Decisions.Observability;
using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

public sealed partial class MetricCatalogueTests
{
    [Fact]
    public void Every_metric_has_a_name_of_its_own_words_and_bounds_that_grow()
    {
        Assert.True(MetricCatalogue.All.Count > 40);
        Assert.Equal(
            MetricCatalogue.All.Count,
            MetricCatalogue.All.Select(m => m.PrometheusName).Distinct().Count()
        );
        Assert.All(
            MetricCatalogue.All,
            m =>
            {
                Assert.Matches("^orchestrator(\\.[a-z_]+)+$", m.Name);
                Assert.EndsWith(".", m.Description, StringComparison.Ordinal);
                Assert.Equal(m.Kind == MetricKind.Histogram, m.Buckets.Count > 0);
                Assert.Equal(m.Buckets.Order().Distinct(), m.Buckets);
            }
        );
    }

    [Theory]
    [InlineData("orchestrator.tasks.ended", "orchestrator_tasks_ended_total")]
    [InlineData("orchestrator.phase.duration", "orchestrator_phase_duration_seconds")]
    [InlineData("orchestrator.data.disk_free", "orchestrator_data_disk_free_bytes")]
    [InlineData("orchestrator.runs.cost", "orchestrator_runs_cost_USD_total")]
    [InlineData("orchestrator.queue.waiting", "orchestrator_queue_waiting")]
    public void Prometheus_knows_it_by_this_name(string name, string expected) =>
        Assert.Equal(expected, MetricCatalogue.All.Single(m => m.Name == name).PrometheusName);

    [Fact]
    public void Alerts_their_tests_and_the_dashboard_name_only_metrics_that_there_are()
    {
        var known = MetricCatalogue
            .All.SelectMany(m =>
                m.Kind == MetricKind.Histogram
                    ? (string[])
                        [
                            m.PrometheusName + "_bucket",
                            m.PrometheusName + "_sum",
                            m.PrometheusName + "_count",
                        ]
                    : [m.PrometheusName]
            )
            .ToHashSet();
        string[] expressions =
        [
            Repository.Read("deploy/observability/alerts.yaml"),
            Repository.Read("deploy/observability/alerts.test.yaml"),
            .. Expressions(),
        ];
        var named = expressions
            .SelectMany(e => Names().Matches(e).Select(m => m.Value))
            .Distinct()
            .ToList();

        Assert.True(named.Count > 30, $"only {named.Count} names were found");
        Assert.All(named, n => Assert.Contains(n, known));
    }

    [Fact]
    public void Every_alert_is_tested_and_says_what_to_do()
    {
        var rules = Repository.Read("deploy/observability/alerts.yaml");
        var tests = Repository.Read("deploy/observability/alerts.test.yaml");
        var alerts = Alerts().Matches(rules).Select(m => m.Groups[1].Value).ToList();

        Assert.True(alerts.Count >= 10);
        Assert.All(
            alerts,
            a =>
            {
                Assert.Contains($"alertname=\"{a}\", alertstate=\"firing\"}}", tests);
                Assert.Contains($"ALERTS{{alertname=\"{a}\", alertstate=\"firing\", sev", tests);
            }
        );
        Assert.Equal(alerts.Count, rules.Split("          action: ").Length - 1);
    }

    private static List<string> Expressions()
    {
        using var dashboard = JsonDocument.Parse(
            Repository.Read("deploy/observability/dashboard.json")
        );
        return
        [
            .. dashboard
                .RootElement.GetProperty("panels")
                .EnumerateArray()
                .SelectMany(p => p.GetProperty("targets").EnumerateArray())
                .Select(t => t.GetProperty("expr").GetString()!),
        ];
    }

    [GeneratedRegex("orchestrator_[A-Za-z_]+")]
    private static partial Regex Names();

    [GeneratedRegex("- alert: (\\w+)")]
    private static partial Regex Alerts();
}
