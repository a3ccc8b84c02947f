using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>
/// Rounds in which a host goes away while it runs a task, and comes back at some moment of the attempt that took over.
/// Whatever it reports of its own attempt then is refused, its run is ended, and it takes work again.
/// </summary>
/// <param name="steady">The silo that stays.</param>
/// <param name="away">The host that goes; its name is <see cref="Away"/>.</param>
/// <param name="output">Where each round's figures go.</param>
internal sealed class AwayHostRounds(SiloProcess steady, KeptSilo away, ITestOutputHelper output)
    : IAsyncDisposable
{
    public const string Steady = "b-steady";
    public const string Away = "a-away";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly FactFollower facts = new(steady.Client);

    /// <summary>When the host comes back: each is a moment in the life of the attempt that took over.</summary>
    private enum Return
    {
        WhenItsAttemptIsOver,
        WhenAnotherHostRuns,
        WhenAllIsDone,
    }

    /// <summary>Rounds of the long form, or of the short one.</summary>
    public static int Count => LongForm.Enabled ? 30 : 3;

    public ValueTask DisposeAsync() => facts.DisposeAsync();

    /// <summary>Plays a round.</summary>
    /// <param name="round">From 0.</param>
    /// <param name="leave">Makes the host go away.</param>
    /// <param name="whileAway">Looked at before it comes back; the task and its attempt there.</param>
    /// <param name="comeBack">Brings it back.</param>
    public async Task PlayAsync(
        int round,
        Func<Task> leave,
        Func<string, Task> whileAway,
        Func<Task> comeBack
    )
    {
        await steady.Client.DrainAsync(Steady);
        var task = await steady.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"sleep","milliseconds":1500,"attempt":1},{"do":"say","text":"done"}"""
            ) with
            {
                Type = "analyze",
            }
        );
        var lives = away.Lives;
        var run = await LeaveInRunAsync(task.TaskId, round, leave, comeBack);
        await steady.Client.DrainAsync(Steady, drained: false);
        await SeenAsync(
            task.TaskId,
            $"what was waited for in round {round}",
            (Return)(round % 3) switch
            {
                Return.WhenItsAttemptIsOver => f =>
                    f is TaskFact.RetryScheduled retry && retry.Attempt == run.Attempt,
                Return.WhenAnotherHostRuns => f =>
                    f is TaskFact.AgentStarted started && started.Attempt > run.Attempt,
                _ => f => f is TaskFact.Delivered,
            }
        );
        await whileAway($"{task.TaskId}-{run.Attempt}");
        await comeBack();
        await SeenAsync(task.TaskId, "its delivery", f => f is TaskFact.Delivered);
        await BackAsync(run.Epoch);

        Assert.Empty(ProcessHunter.OfTask(task.TaskId));
        var own = Facts(task.TaskId);
        var over = own.FindIndex(f =>
            f is TaskFact.RetryScheduled retry && retry.Attempt == run.Attempt
        );
        Assert.DoesNotContain(
            own.Skip(over),
            f =>
                f is TaskFact.RunEnded ended && ended.Attempt == run.Attempt
                || f is TaskFact.WorkspaceReady ready && ready.Attempt == run.Attempt
                || f is TaskFact.Progressed progressed && progressed.Attempt == run.Attempt
                || f is TaskFact.Checkpointed kept && kept.Attempt == run.Attempt
                || f is TaskFact.Verified verified && verified.Attempt == run.Attempt
        );
        Assert.Single(own, f => f is TaskFact.Delivered);
        Assert.All(own.OfType<TaskFact.RetryScheduled>(), f => Assert.False(f.CountsAsTry));
        output.WriteLine(
            $"round {round}: attempts {own.OfType<TaskFact.RunStarted>().Count()}, restarted {away.Lives - lives} times"
        );
    }

    /// <summary>After the last round: says what was refused; what doctor finds of the journal's chains, <c>ok</c> or worse.</summary>
    public async Task<string> EndAsync()
    {
        var status = await steady.Client.GetStatusAsync();
        output.WriteLine($"{Count} rounds, 0 stale reports accepted, {status.Fenced} refused");
        var doctor = await steady.Client.GetDoctorAsync();
        return doctor.Checks.Single(c => c.Name == "journal").Level;
    }

    // Once its agent is at work there. When the silo's end (it was voted out in the round before) was faster, with the
    // next attempt.
    private async Task<TaskFact.RunStarted> LeaveInRunAsync(
        string taskId,
        int round,
        Func<Task> leave,
        Func<Task> comeBack
    )
    {
        for (var after = 0; ; )
        {
            await SeenAsync(
                taskId,
                $"an agent past attempt {after} in round {round}",
                f => f is TaskFact.AgentStarted started && started.Attempt > after
            );
            var (lives, run) = (away.Lives, Facts(taskId).OfType<TaskFact.RunStarted>().Last());
            if (!away.Silo.Ended.IsCompleted)
            {
                await leave();
                if (
                    lives == away.Lives
                    && Facts(taskId).OfType<TaskFact.AgentStarted>().Last().Attempt == run.Attempt
                )
                {
                    Assert.Equal(Away, run.Host);
                    return run;
                }
                await comeBack();
            }
            after = run.Attempt;
        }
    }

    // It was given up: it takes work again in a new epoch, in the same life or in the next.
    private async Task BackAsync(long epoch)
    {
        var task = await steady.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"back"}""", type: "analyze") with
            {
                Labels = ["host=" + Away],
            }
        );
        await SeenAsync(task.TaskId, "work of the host that is back", f => f is TaskFact.Delivered);
        Assert.True(Facts(task.TaskId).OfType<TaskFact.RunStarted>().Last().Epoch > epoch);
    }

    private List<TaskFact> Facts(string taskId) =>
        [.. facts.Entries.Where(e => e.TaskId == taskId).Select(e => e.Fact)];

    private async Task SeenAsync(string taskId, string missing, Func<TaskFact, bool> wanted)
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
            output.WriteLine(string.Join('\n', Facts(taskId)));
            output.WriteLine(steady.LastWords);
            throw;
        }
    }
}
