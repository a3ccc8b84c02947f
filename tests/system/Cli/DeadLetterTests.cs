using System.Text.Json;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>What a subscriber gave up is listed, and delivered once the reason is gone.</summary>
public sealed class DeadLetterTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task An_artifact_that_could_not_be_written_is_a_dead_letter_until_an_operator_replays_it()
    {
        // A file where the folder of the artifacts belongs.
        await using var silo = await SiloProcess.StartOnAsync(d =>
            File.WriteAllText(Path.Combine(d, "results"), "in the way")
        );
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"kept"}""", type: "analyze")
        );
        using var limit = new CancellationTokenSource(Deadline);
        Assert.Equal(TaskPhase.Done, (await task.WaitAsync(limit.Token)).Phase);

        var letter = await LetterAsync(silo, limit.Token);
        var id = letter.GetProperty("id").GetInt64().ToString();
        var still = await CliProcess.RunAsync(silo.Data, "dead-letters", "replay", id);
        File.Delete(Path.Combine(silo.Data, "results"));
        var replay = await CliProcess.RunAsync(silo.Data, "dead-letters", "replay", "--all");
        var again = await CliProcess.RunAsync(silo.Data, "dead-letters", "replay", id);
        var list = await CliProcess.RunAsync(silo.Data, "dead-letters", "list");
        var unknown = await CliProcess.RunAsync(silo.Data, "dead-letters", "replay", "999");

        Assert.Equal(
            ("files", task.TaskId),
            (
                letter.GetProperty("subscriber").GetString(),
                letter.GetProperty("task_id").GetString()
            )
        );
        Assert.Equal((1, 0, 0), (still.ExitCode, replay.ExitCode, again.ExitCode));
        Assert.True(
            File.Exists(Path.Combine(silo.Data, "results", task.TaskId + ".json")),
            replay.Output
        );
        Assert.Contains("No dead letters wait", list.Output, StringComparison.Ordinal);
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("no dead letter 999", unknown.Output, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<JsonElement> LetterAsync(SiloProcess silo, CancellationToken token)
    {
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(token))
        {
            var list = await CliProcess.RunAsync(silo.Data, "dead-letters", "list", "--json");
            Assert.Equal(0, list.ExitCode);
            using var page = JsonDocument.Parse(list.Output);
            if (
                page.RootElement.GetProperty("letters") is { } letters
                && letters.GetArrayLength() > 0
            )
            {
                return letters[0].Clone();
            }
        }
        throw new TimeoutException("No dead letter was listed.");
    }
}
