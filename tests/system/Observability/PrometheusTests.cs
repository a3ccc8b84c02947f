using System.Diagnostics;
using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Observability;

/// <summary>A real Prometheus on a working silo, with an Alertmanager of the test's own.</summary>
public sealed class PrometheusTests
{
    private const string Alert = "OrchestratorQueueOld";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_task_that_waits_too_long_raises_our_alert_and_its_slot_ends_it()
    {
        var program = Promtool.Require("prometheus");
        await using var silo = await SiloProcess.StartAsync(
            "--Runner:Slots=1",
            "--Telemetry:SampleEvery=00:00:01"
        );
        await using var manager = HttpReceiver.Start();
        var folder = await LayOutAsync(silo, manager);
        using var prometheus = Process.Start(
            new ProcessStartInfo(
                program,
                [
                    "--config.file=prometheus.yaml",
                    "--storage.tsdb.path=data",
                    "--web.listen-address=127.0.0.1:0",
                ]
            )
            {
                WorkingDirectory = folder,
                RedirectStandardError = true,
            }
        )!;
        var words = prometheus.StandardError.ReadToEndAsync();
        try
        {
            // One holds the only slot, the other waits.
            var first = await silo.Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"hang"}""", type: "analyze")
            );
            await FactWait.SeenAsync(silo, first.TaskId, f => f is TaskFact.AgentStarted);
            var second = await silo.Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"say","text":"at last"}""", type: "analyze")
            );

            await manager.UntilAsync(
                got => Told(got).Any(a => a.Lane == "medium" && !a.Over),
                Longest,
                () => $"{Alert} was not raised. {Last(manager)}"
            );
            await first.CancelAsync("the test");
            await FactWait.SeenAsync(silo, second.TaskId, f => f is TaskFact.Delivered);
            await manager.UntilAsync(
                got => Told(got).Any(a => a.Lane == "medium" && a.Over),
                Longest,
                () => $"{Alert} did not end. {Last(manager)}"
            );
        }
        finally
        {
            prometheus.Kill();
        }
        await prometheus.WaitForExitAsync();
        Assert.DoesNotContain("level=error", await words, StringComparison.Ordinal);
    }

    // Our own rule with a short patience, our own sample with this silo's address.
    private static async Task<string> LayOutAsync(SiloProcess silo, HttpReceiver manager)
    {
        var folder = SiloProcess.NewFolder();
        var token = JsonSerializer
            .Deserialize(
                await File.ReadAllBytesAsync(Path.Combine(silo.Data, "silo.json")),
                OrchestratorJson.Default.SiloDiscovery
            )!
            .Token;
        await File.WriteAllTextAsync(Path.Combine(folder, "orchestrator.token"), token);
        var rules = await File.ReadAllTextAsync(Path.Combine(Promtool.Deployed(), "alerts.yaml"));
        var config = await File.ReadAllTextAsync(
            Path.Combine(Promtool.Deployed(), "prometheus.yaml")
        );
        await File.WriteAllTextAsync(
            Path.Combine(folder, "alerts.yaml"),
            Changed(
                rules,
                (
                    "(orchestrator_queue_oldest_age_seconds) > 900\n        for: 5m",
                    "(orchestrator_queue_oldest_age_seconds) > 2\n        for: 1s"
                )
            )
        );
        await File.WriteAllTextAsync(
            Path.Combine(folder, "prometheus.yaml"),
            Changed(
                config,
                ("127.0.0.1:5140", silo.Address.Authority),
                ("scrape_interval: 15s", "scrape_interval: 1s"),
                ("evaluation_interval: 15s", "evaluation_interval: 1s"),
                ("# alerting:", "alerting:"),
                ("#   alertmanagers:", "  alertmanagers:"),
                ("#     - static_configs:", "    - static_configs:"),
                (
                    "#         - targets: [\"127.0.0.1:9093\"]",
                    $"        - targets: [\"{manager.Address.Authority}\"]"
                )
            )
        );
        return folder;
    }

    private static string Changed(string text, params (string From, string To)[] changes)
    {
        foreach (var (from, to) in changes)
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }
        return text;
    }

    private static IEnumerable<(string Lane, bool Over)> Told(IReadOnlyList<Received> got)
    {
        foreach (var received in got.Where(g => g.Path == "/api/v2/alerts"))
        {
            using var json = JsonDocument.Parse(received.Body);
            foreach (var alert in json.RootElement.EnumerateArray())
            {
                var labels = alert.GetProperty("labels");
                if (labels.GetProperty("alertname").GetString() == Alert)
                {
                    yield return (
                        labels.GetProperty("lane").GetString()!,
                        alert.GetProperty("endsAt").GetDateTimeOffset()
                            <= TimeProvider.System.GetUtcNow()
                    );
                }
            }
        }
    }

    private static string Last(HttpReceiver manager) =>
        manager.Got.Count == 0 ? "Nothing came." : manager.Got[^1].Body;
}
