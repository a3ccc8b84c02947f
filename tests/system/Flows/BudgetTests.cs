using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>Budgets through the built silo and command line: what is used up pauses and asks, and a yes lets it go on.</summary>
public sealed class BudgetTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_task_that_used_up_its_money_pauses_before_its_next_run_and_goes_on_when_told()
    {
        await using var silo = await SiloProcess.StartAsync("--Budgets:Task:CostUsd=0.5");
        using var limit = new CancellationTokenSource(Deadline);
        var task = await silo.Client.SubmitAsync(Costing(0.75));
        Assert.Equal(TaskPhase.Done, (await task.WaitAsync(limit.Token)).Phase);

        await silo.Client.ActAsync(task.TaskId, "retry");
        var paused = (TaskFact.Paused)
            await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Paused);
        Assert.Equal(("task", null), (paused.Budget, paused.Until));
        var explain = await CliProcess.RunAsync(silo.Data, "explain", task.TaskId);
        Assert.Contains("0.75 of 0.50 US dollars", explain.Output, StringComparison.Ordinal);

        // A pause outlives the silo, and holds no slot.
        await silo.KillAsync();
        await silo.StartAsync();
        Assert.Equal(TaskPhase.Paused, (await silo.Client.GetAsync(task.TaskId)).Phase);
        Assert.Equal(0, (await silo.Client.GetStatusAsync()).Queue!.SlotsUsed);

        Assert.Equal(0, (await CliProcess.RunAsync(silo.Data, "approve", task.TaskId)).ExitCode);
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered { Turn: 2 });
        var end = await silo.Client.GetAsync(task.TaskId);
        Assert.Equal((TaskPhase.Done, 2), (end!.Phase, end.Attempt));
    }

    [Fact]
    public async Task A_day_that_is_used_up_holds_the_requesters_turns_and_shows_in_budgets()
    {
        await using var silo = await SiloProcess.StartAsync("--Budgets:RequesterDay:Runs=2");
        using var limit = new CancellationTokenSource(Deadline);
        for (var n = 0; n < 2; n++)
        {
            var task = await silo.Client.SubmitAsync(Costing(0.25));
            Assert.Equal(TaskPhase.Done, (await task.WaitAsync(limit.Token)).Phase);
        }
        var held = await silo.Client.SubmitAsync(Costing(0.25));
        var paused = (TaskFact.Paused)
            await FactWait.SeenAsync(silo, held.TaskId, f => f is TaskFact.Paused);
        Assert.Equal("day", paused.Budget);
        Assert.Equal(TimeSpan.Zero, paused.Until!.Value.TimeOfDay);

        var shown = await CliProcess.RunAsync(silo.Data, "budgets", "--json");
        var report = JsonSerializer.Deserialize(
            shown.Output,
            OrchestratorJson.Default.BudgetReport
        )!;
        var line = Assert.Single(report.Lines, l => l.Scope == "requester");
        Assert.Equal(
            (2L, 0.5m, 2L, true),
            (line.Runs, line.CostUsd, line.Limit.Runs, line.Reached)
        );
        Assert.False(Assert.Single(report.Lines, l => l.Scope == "all").Reached);
        var words = await CliProcess.RunAsync(silo.Data, "budgets");
        Assert.Contains("used up", words.Output, StringComparison.Ordinal);
        Assert.Contains("2 of 2 runs", words.Output, StringComparison.Ordinal);

        Assert.Equal(0, (await CliProcess.RunAsync(silo.Data, "resume", held.TaskId)).ExitCode);
        Assert.Equal(TaskPhase.Done, (await held.WaitAsync(limit.Token)).Phase);
    }

    [Theory]
    [InlineData("--Budgets:Task:CostUsd=-1", "US dollars")]
    [InlineData("--Budgets:Day:Runs=many", "a whole number")]
    [InlineData("--Budgets:Week:Runs=1", "Budgets:Week:Runs is unknown")]
    public async Task A_wrong_budget_is_refused_at_the_start(string argument, string words)
    {
        await using var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            argument
        );

        Assert.False(await silo.TryStartAsync());

        Assert.Contains(words, silo.LastWords, StringComparison.Ordinal);
    }

    private static SubmitRequest Costing(double usd) =>
        SiloProcess.Scripted(
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $$$"""{"do":"say","text":"ok"},{"do":"result","fields":{"total_cost_usd":{{{usd}}}}}"""
            ),
            type: "analyze"
        );
}
