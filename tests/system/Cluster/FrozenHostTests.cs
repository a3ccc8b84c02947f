using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>A host that stands still (SIGSTOP) while it runs a task, and goes on later (SIGCONT).</summary>
public sealed class FrozenHostTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    /// <summary>When the host goes on: each is a moment in the life of the attempt that took over.</summary>
    private enum Thaw
    {
        WhenItsAttemptIsOver,
        WhenAnotherHostRuns,
        WhenAllIsDone,
    }

    [Fact]
    public async Task What_a_host_that_stood_still_reports_later_is_refused_and_its_run_is_ended()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var steady = Silo(database, "b-steady");
        await steady.StartAsync();
        // A silo that stood still long enough was voted out: it ends itself, and its service manager starts it again.
        await using var frozen = await KeptSilo.StartAsync(Silo(database, "a-frozen"));
        await using var facts = new FactFollower(steady.Client);
        var rounds = LongForm.Enabled ? 30 : 3;
        for (var round = 0; round < rounds; round++)
        {
            await steady.Client.DrainAsync("b-steady");
            var task = await steady.Client.SubmitAsync(
                SiloProcess.Scripted(
                    """{"do":"sleep","milliseconds":1500,"attempt":1},{"do":"say","text":"done"}"""
                ) with
                {
                    Type = "analyze",
                }
            );
            var lives = frozen.Lives;
            var run = await FreezeInRunAsync(steady, frozen, facts, task.TaskId, round);
            await steady.Client.DrainAsync("b-steady", drained: false);
            await SeenAsync(
                steady,
                facts,
                task.TaskId,
                $"what was waited for in round {round}",
                (Thaw)(round % 3) switch
                {
                    Thaw.WhenItsAttemptIsOver => f =>
                        f is TaskFact.RetryScheduled retry && retry.Attempt == run.Attempt,
                    Thaw.WhenAnotherHostRuns => f =>
                        f is TaskFact.AgentStarted started && started.Attempt > run.Attempt,
                    _ => f => f is TaskFact.Delivered,
                }
            );
            frozen.Silo.Signal(18);
            await SeenAsync(
                steady,
                facts,
                task.TaskId,
                "its delivery",
                f => f is TaskFact.Delivered
            );
            await BackAsync(steady, facts, run.Epoch);

            Assert.Empty(ProcessHunter.OfTask(task.TaskId));
            var own = Facts(facts, task.TaskId);
            var over = own.FindIndex(f =>
                f is TaskFact.RetryScheduled retry && retry.Attempt == run.Attempt
            );
            Assert.DoesNotContain(
                own.Skip(over),
                f =>
                    f is TaskFact.RunEnded ended && ended.Attempt == run.Attempt
                    || f is TaskFact.WorkspaceReady ready && ready.Attempt == run.Attempt
                    || f is TaskFact.Progressed progressed && progressed.Attempt == run.Attempt
                    || f is TaskFact.Verified verified && verified.Attempt == run.Attempt
            );
            Assert.Single(own, f => f is TaskFact.Delivered);
            Assert.All(own.OfType<TaskFact.RetryScheduled>(), f => Assert.False(f.CountsAsTry));
            output.WriteLine(
                $"round {round}: attempts {own.OfType<TaskFact.RunStarted>().Count()}, restarted {frozen.Lives - lives} times"
            );
        }
        var status = await steady.Client.GetStatusAsync();
        output.WriteLine($"{rounds} rounds, 0 stale reports accepted, {status.Fenced} refused");
        var doctor = await steady.Client.GetDoctorAsync();
        Assert.Equal("ok", doctor.Checks.Single(c => c.Name == "journal").Level);
    }

    // Once its agent is at work there. When the silo's end (it was voted out in the round before) was faster, with the
    // next attempt.
    private async Task<TaskFact.RunStarted> FreezeInRunAsync(
        SiloProcess steady,
        KeptSilo frozen,
        FactFollower facts,
        string taskId,
        int round
    )
    {
        for (var after = 0; ; )
        {
            await SeenAsync(
                steady,
                facts,
                taskId,
                $"an agent past attempt {after} in round {round}",
                f => f is TaskFact.AgentStarted started && started.Attempt > after
            );
            var (lives, run) = (
                frozen.Lives,
                Facts(facts, taskId).OfType<TaskFact.RunStarted>().Last()
            );
            if (!frozen.Silo.Ended.IsCompleted)
            {
                frozen.Silo.Signal(19);
                if (
                    lives == frozen.Lives
                    && Facts(facts, taskId).OfType<TaskFact.AgentStarted>().Last().Attempt
                        == run.Attempt
                )
                {
                    Assert.Equal("a-frozen", run.Host);
                    return run;
                }
                frozen.Silo.Signal(18);
            }
            after = run.Attempt;
        }
    }

    // It was given up: it takes work again in a new epoch, in the same life or in the next.
    private async Task BackAsync(SiloProcess steady, FactFollower facts, long epoch)
    {
        var task = await steady.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"back"}""", type: "analyze") with
            {
                Labels = ["host=a-frozen"],
            }
        );
        await SeenAsync(
            steady,
            facts,
            task.TaskId,
            "work of the host that is back",
            f => f is TaskFact.Delivered
        );
        Assert.True(Facts(facts, task.TaskId).OfType<TaskFact.RunStarted>().Last().Epoch > epoch);
    }

    private static List<TaskFact> Facts(FactFollower facts, string taskId) =>
        [.. facts.Entries.Where(e => e.TaskId == taskId).Select(e => e.Fact)];

    private async Task SeenAsync(
        SiloProcess steady,
        FactFollower facts,
        string taskId,
        string missing,
        Func<TaskFact, bool> wanted
    )
    {
        try
        {
            await facts.UntilAsync(
                $"{missing} of {taskId}",
                Deadline,
                e => e.TaskId == taskId && wanted(e.Fact)
            );
        }
        catch (TimeoutException)
        {
            var status = await steady.Client.GetStatusAsync();
            var hosts = await steady.Client.ListHostsAsync();
            var why = await steady.Client.ExplainAsync(taskId);
            output.WriteLine($"{status}\n{string.Join('\n', hosts.Hosts)}\n{why}");
            output.WriteLine(string.Join('\n', Facts(facts, taskId)));
            output.WriteLine(steady.LastWords);
            throw;
        }
    }

    private static SiloProcess Silo(string database, string host) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Runner:Host=" + host,
            "--Runner:Slots=1"
        );
}
