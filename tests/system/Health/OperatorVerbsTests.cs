using System.Text.Json;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Health;

/// <summary>What operators ask a real silo: numbers by day, what happened, whether it may pass a gate, its last events.</summary>
public sealed class OperatorVerbsTests
{
    private const string Say = """{"do":"say","text":"x"}""";

    [Fact]
    public async Task Numbers_progress_gate_and_events_tell_of_the_same_tasks()
    {
        await using var silo = await SiloProcess.StartAsync(
            "--Slo:EventsMin=1",
            "--Slo:SuccessRatio=1",
            "--Task:TriesMax=1"
        );
        var (good, bad) = (await EndAsync(silo, Say), "");
        var before = await CliProcess.RunAsync(silo.Data, "health", "--gate");
        var task = await silo.Client.SubmitAsync(SiloProcess.Scripted(Say, type: "analyze"));
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
        bad = (
            await silo.Client.SubmitAsync(
                SiloProcess.Scripted(Say, "/srv/is-not-there", type: "fix")
            )
        ).TaskId;
        await FactWait.SeenAsync(silo, bad, f => f is TaskFact.Failed);

        var by = await CliProcess.RunAsync(silo.Data, "stats", "--by", "type", "--since", "7d");
        var host = await CliProcess.RunAsync(silo.Data, "stats", "--by", "host", "--json");
        var after = await CliProcess.RunAsync(silo.Data, "health", "--gate", "--json");
        var look = await CliProcess.RunAsync(silo.Data, "health");
        var progress = await CliProcess.RunAsync(silo.Data, "progress", "--since", "1h");
        var none = await CliProcess.RunAsync(silo.Data, "progress", "--since", "2999-01-01");
        var wrong = await CliProcess.RunAsync(silo.Data, "stats", "--since", "yesterday");

        Assert.True(before.ExitCode == 0, before.Output + before.Error);
        Assert.Equal(0, by.ExitCode);
        Assert.Matches(@"analyze +2 +2 success, 0 failed", by.Output);
        Assert.Matches(@"fix +1 +0 success, 1 failed", by.Output);
        Assert.DoesNotContain('\u001b', by.Output);
        using var hosts = JsonDocument.Parse(host.Output);
        Assert.Equal(
            2,
            hosts.RootElement.GetProperty("lines")[0].GetProperty("success").GetInt32()
        );
        Assert.Equal((1, 0), (after.ExitCode, look.ExitCode));
        using var gate = JsonDocument.Parse(after.Output);
        var burnt = Assert.Single(
            gate.RootElement.GetProperty("checks").EnumerateArray(),
            c => c.GetProperty("level").GetString() == "fail"
        );
        Assert.Equal("slo success", burnt.GetProperty("name").GetString());
        Assert.Contains("orchestrator stats", burnt.GetProperty("cure").GetString());
        Assert.Equal(3, progress.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains(good, progress.Output, StringComparison.Ordinal);
        Assert.Matches(bad + " +failed .* failed", progress.Output);
        Assert.Contains("Nothing happened", none.Output, StringComparison.Ordinal);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("Examples", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_filtered_by_task_type_and_time_and_the_newest_file_comes_first()
    {
        var data = SiloProcess.NewFolder();
        var logs = Directory.CreateDirectory(Path.Combine(data, "logs")).FullName;
        static string Line(int n, string name) =>
            $$"""{"timestamp":"2026-03-0{{n}}T00:00:00Z","event":"{{name}}","task_id":"t{{n % 2}}"}""";
        await File.WriteAllLinesAsync(
            Path.Combine(logs, "events.ndjson.1"),
            [Line(1, "retry"), Line(2, "parsed")]
        );
        await File.WriteAllLinesAsync(
            Path.Combine(logs, "events.ndjson"),
            [Line(3, "retry"), Line(4, "timeout"), Line(5, "retry")]
        );
        async Task<string> DaysAsync(params string[] more)
        {
            var run = await CliProcess.RunAsync(data, ["tail-events", "--json", .. more]);
            Assert.True(run.ExitCode == 0, run.Error);
            return string.Concat(
                run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l[23])
            );
        }

        Assert.Equal("12345", await DaysAsync());
        Assert.Equal("345", await DaysAsync("--lines", "3"));
        Assert.Equal("45", await DaysAsync("--lines", "2"));
        Assert.Equal("135", await DaysAsync("--type", "retry"));
        Assert.Equal("35", await DaysAsync("--type", "retry", "--lines", "2"));
        Assert.Equal("1345", await DaysAsync("--type", "retry", "timeout"));
        Assert.Equal("45", await DaysAsync("--since", "2026-03-04"));
        Assert.Equal("24", await DaysAsync("--task", "t0"));
        Assert.Equal("", await DaysAsync("--lines", "0"));
    }

    private static async Task<string> EndAsync(SiloProcess silo, string steps)
    {
        var task = await silo.Client.SubmitAsync(SiloProcess.Scripted(steps, type: "analyze"));
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
        return task.TaskId;
    }
}
