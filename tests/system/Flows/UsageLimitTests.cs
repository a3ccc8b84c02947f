using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>A usage limit holds all work of its account, and nobody's try is counted.</summary>
public sealed class UsageLimitTests(ITestOutputHelper output)
{
    private const int Tasks = 50;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Fifty_queued_tasks_wait_for_the_reset_without_a_start_and_all_go_on_after_it()
    {
        await using var silo = await SiloProcess.StartAsync();
        await using var facts = new FactFollower(silo.Client);
        var reset = DateTimeOffset.FromUnixTimeSeconds(
            TimeProvider.System.GetUtcNow().AddSeconds(15).ToUnixTimeSeconds()
        );
        var first = await silo.Client.SubmitAsync(Limited($"|{reset.ToUnixTimeSeconds()}"));
        var paused = (TaskFact.Paused)
            await FactWait.SeenAsync(silo, first.TaskId, f => f is TaskFact.Paused);
        Assert.Equal(reset, paused.Until);

        var all = await Task.WhenAll(
            Enumerable
                .Range(0, Tasks)
                .Select(_ =>
                    silo.Client.SubmitAsync(
                        SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze")
                    )
                )
        );
        var waiting = all[^1].TaskId;
        await FactWait.SeenAsync(silo, waiting, f => f is TaskFact.PlanMade);
        var explain = await CliProcess.RunAsync(silo.Data, "explain", waiting);
        var status = await CliProcess.RunAsync(silo.Data, "status");
        Assert.Contains("usage limit of agent account", explain.Output, StringComparison.Ordinal);
        Assert.Contains("Usage limit of account", status.Output, StringComparison.Ordinal);

        var done = new HashSet<string>();
        await facts.UntilAsync(
            "the end of all tasks",
            Deadline,
            e => e.Fact is TaskFact.Delivered && done.Add(e.TaskId) && done.Count == Tasks + 1
        );
        var starts = facts
            .Entries.Where(e => e.Fact is TaskFact.RunStarted)
            .OrderBy(e => e.At)
            .ToList();
        output.WriteLine(
            $"last of {starts.Count} starts {(starts[^1].At - reset).TotalSeconds:F1} s after the reset"
        );
        // One met the limit; from then on each task began once, and none before the reset.
        Assert.Equal(Tasks + 2, starts.Count);
        Assert.All(
            starts.Skip(1),
            s => Assert.True(s.At >= reset, $"{s.At:O} is before the reset")
        );
        Assert.True(starts[^1].At < reset.AddSeconds(60), $"{starts[^1].At:O} is late");
        Assert.Equal(1, (await first.GetAsync()).Tries);
    }

    [Fact]
    public async Task A_limit_without_an_end_holds_the_account_over_a_restart_until_a_person_opens_it()
    {
        await using var silo = await SiloProcess.StartAsync("--Runner:Account=team-a");
        var first = await silo.Client.SubmitAsync(Limited(""));
        await FactWait.SeenAsync(silo, first.TaskId, f => f is TaskFact.Paused);
        await silo.KillAsync();
        await silo.StartAsync();
        var second = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze")
        );
        await FactWait.SeenAsync(silo, second.TaskId, f => f is TaskFact.PlanMade);

        var explain = await CliProcess.RunAsync(silo.Data, "explain", second.TaskId);
        var typo = await CliProcess.RunAsync(silo.Data, "accounts", "open", "team-b");
        var list = await CliProcess.RunAsync(silo.Data, "accounts");
        var open = await CliProcess.RunAsync(silo.Data, "accounts", "open", "team-a");
        await FactWait.SeenAsync(silo, second.TaskId, f => f is TaskFact.Delivered);
        var after = await CliProcess.RunAsync(silo.Data, "accounts");

        Assert.Contains("nobody said until when", explain.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, typo.ExitCode);
        Assert.Contains("Known: team-a", typo.Error, StringComparison.Ordinal);
        Assert.Contains("limited team-a", list.Output, StringComparison.Ordinal);
        Assert.Equal((0, "Open: team-a. Its work goes on.\n"), (open.ExitCode, open.Output));
        Assert.Contains("open    team-a", after.Output, StringComparison.Ordinal);
    }

    private static GrainInterfaces.Api.SubmitRequest Limited(string end) =>
        SiloProcess.Scripted(
            $$$"""{"do":"say","text":"done"},{"do":"result","attempt":1,"text":"Claude AI usage limit reached{{{end}}}","fields":{"is_error":true}}""",
            type: "analyze"
        );
}
