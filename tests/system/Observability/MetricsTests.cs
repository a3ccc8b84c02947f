using System.Net;
using System.Text.RegularExpressions;
using Orchestrator.Decisions.Observability;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Observability;

/// <summary>What a working silo shows at /metrics.</summary>
public sealed partial class MetricsTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    [Fact]
    public async Task A_scrape_needs_a_token_that_may_read()
    {
        using var nobody = shared.Http(null);
        using var wrong = shared.Http("orc_wrong");
        using var mine = shared.Http(shared.Discovery.Token);

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await nobody.GetAsync(new Uri("/metrics", UriKind.Relative))).StatusCode
        );
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await wrong.GetAsync(new Uri("/metrics", UriKind.Relative))).StatusCode
        );
        Assert.Equal(
            HttpStatusCode.OK,
            (await mine.GetAsync(new Uri("/metrics", UriKind.Relative))).StatusCode
        );
    }

    [Fact]
    public async Task After_a_task_the_numbers_are_there_by_the_catalogues_names_and_promtool_finds_no_fault()
    {
        var task = await shared.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"hello"}""", type: "analyze")
        );
        await FactWait.SeenAsync(shared.Silo, task.TaskId, f => f is TaskFact.Delivered);

        var text = await Scrape.UntilAsync(shared.Silo, "orchestrator_tasks_ended_total{");

        var ended = text.Split('\n')
            .Single(l => l.StartsWith("orchestrator_tasks_ended_total{", StringComparison.Ordinal));
        Assert.All(
            (string[])
                [
                    "type=\"analyze\"",
                    "lane=\"medium\"",
                    "host=\"",
                    "outcome=\"success\"",
                    "error_class=\"none\"",
                    "} 1",
                ],
            part => Assert.Contains(part, ended, StringComparison.Ordinal)
        );
        Assert.Contains("orchestrator_phase_duration_seconds_count{phase=\"running\"}", text);
        Assert.Contains("orchestrator_runs_started_total{", text, StringComparison.Ordinal);
        Assert.DoesNotContain(task.TaskId, text, StringComparison.Ordinal);
        var named = Types()
            .Matches(text)
            .Select(m => m.Groups[1].Value)
            .Where(n => n.StartsWith("orchestrator_", StringComparison.Ordinal))
            .ToHashSet();
        var known = MetricCatalogue.All.Select(m => m.PrometheusName).ToHashSet();
        Assert.All(named, n => Assert.Contains(n, known));
        Assert.All(
            MetricCatalogue.All.Where(m =>
                m.Kind is MetricKind.Gauge or MetricKind.Total && m != MetricCatalogue.RoundTrip
            ),
            m => Assert.Contains(m.PrometheusName, named)
        );
        var (code, output) = await Promtool.RunAsync(".", text, "check", "metrics");
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task The_alerts_the_sample_and_their_tests_hold_before_promtool()
    {
        var folder = SiloProcess.NewFolder();
        foreach (var file in Directory.GetFiles(Promtool.Deployed()))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        await File.WriteAllTextAsync(Path.Combine(folder, "orchestrator.token"), "x");

        string[][] orders =
        [
            ["check", "rules", "alerts.yaml"],
            ["check", "config", "prometheus.yaml"],
            ["test", "rules", "alerts.test.yaml"],
        ];
        foreach (var order in orders)
        {
            var (code, output) = await Promtool.RunAsync(folder, null, order);
            Assert.True(code == 0, output);
        }
    }

    [GeneratedRegex("^# TYPE (\\w+) ", RegexOptions.Multiline)]
    private static partial Regex Types();
}
