using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>Tasks that touch the same paths of one repository.</summary>
public sealed class OverlapTests
{
    [Fact]
    public async Task Serialised_one_waits_for_the_other_is_told_why_and_a_restart_forgets_nothing()
    {
        await using var silo = await SiloProcess.StartAsync(
            "--Queue:Overlap=serialise",
            "--Runner:Checkpoint=00:00:00.2"
        );
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var first = await SubmitAsync(silo, repository, "a.txt", """{"do":"hang","attempt":1},""");
        await FactWait.SeenAsync(silo, first, f => f is TaskFact.AgentStarted);
        var second = await SubmitAsync(silo, repository, "./A.txt", "");
        await FactWait.SeenAsync(silo, second, f => f is TaskFact.PlanMade);
        // One that meets nobody passes by: the queue has looked at both.
        var apart = await SubmitAsync(silo, repository, "b.txt", "");
        await FactWait.SeenAsync(silo, apart, f => f is TaskFact.Delivered);

        var explain = await CliProcess.RunAsync(silo.Data, "explain", second);
        Assert.Contains($"Task {first} works on", explain.Output, StringComparison.Ordinal);
        Assert.Equal(TaskPhase.Queued, (await silo.Client.GetAsync(second)).Phase);

        await silo.KillAsync();
        await silo.StartAsync();
        await FactWait.SeenAsync(silo, first, f => f is TaskFact.Delivered);
        await FactWait.SeenAsync(silo, second, f => f is TaskFact.Delivered);
        // Which of the two goes on first after the restart is open; that they are not beside each other is not.
        var (one, other) = (await LastRunAsync(silo, first), await LastRunAsync(silo, second));
        Assert.True(
            one.Ended <= other.Begun || other.Ended <= one.Begun,
            $"{first} {one}, {second} {other}"
        );
    }

    [Fact]
    public async Task Flagged_both_run_and_the_one_that_meets_the_other_says_so_by_words_and_by_work()
    {
        await using var silo = await SiloProcess.StartAsync("--Runner:Checkpoint=00:00:00.2");
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var first = await SubmitAsync(
            silo,
            repository,
            "a.txt",
            """{"do":"write","path":"shared.txt","text":"x\n"},{"do":"hang"},"""
        );
        await FactWait.SeenAsync(silo, first, f => f is TaskFact.Checkpointed);

        var named = await SubmitAsync(silo, repository, "a.txt", "");
        await FactWait.SeenAsync(silo, named, f => f is TaskFact.Delivered);
        var done = await SubmitAsync(
            silo,
            repository,
            "c.txt",
            """{"do":"write","path":"shared.txt","text":"y\n"},"""
        );
        await FactWait.SeenAsync(silo, done, f => f is TaskFact.Delivered);

        var byWords = (await silo.Client.GetAsync(named)).Overlaps.Single();
        Assert.Equal((first, "a.txt"), (byWords.TaskId, byWords.Paths.Single()));
        var byWork = (await silo.Client.GetAsync(done)).Overlaps.Single();
        Assert.Equal((first, "shared.txt"), (byWork.TaskId, byWork.Paths.Single()));
        var show = await CliProcess.RunAsync(silo.Data, "show", done);
        Assert.Contains("shared.txt", show.Output, StringComparison.Ordinal);
        var explain = await CliProcess.RunAsync(silo.Data, "explain", done);
        Assert.Contains("may conflict", explain.Output, StringComparison.Ordinal);
        await silo.Client.ActAsync(first, "cancel");
    }

    [Fact]
    public async Task A_mode_that_does_not_exist_is_refused_by_name_with_those_that_do()
    {
        await using var silo = SiloProcess.At(Path.Combine(SiloProcess.NewFolder(), "data"));
        silo.More = ["--Queue:Overlap=sometimes"];

        Assert.False(await silo.TryStartAsync());

        Assert.Equal(2, silo.ExitCode);
        Assert.Contains("Queue:Overlap", silo.LastWords, StringComparison.Ordinal);
        Assert.Contains("serialise", silo.LastWords, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string> SubmitAsync(
        SiloProcess silo,
        string repository,
        string target,
        string before
    )
    {
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                before
                    + $$"""{"do":"write","path":"{{target}}","text":"by a task\n"},{"do":"say","text":"done"}""",
                repository
            ) with
            {
                TargetFiles = [target],
            }
        );
        return task.TaskId;
    }

    private static async Task<(DateTimeOffset Begun, DateTimeOffset Ended)> LastRunAsync(
        SiloProcess silo,
        string taskId
    )
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var begun = default(DateTimeOffset);
        await foreach (var entry in silo.Client.WatchAsync(taskId, 0, limit.Token))
        {
            begun = entry.Fact is TaskFact.RunStarted ? entry.At : begun;
            if (entry.Fact is TaskFact.RunEnded)
            {
                return (begun, entry.At);
            }
        }
        throw new InvalidOperationException("The stream ended.");
    }
}
