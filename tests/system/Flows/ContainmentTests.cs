using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>D2 on both Linux paths: in a process namespace, and without one.</summary>
public sealed class ContainmentTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private static int next = Environment.ProcessId * 100;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task D2_Cancel_timeout_and_a_killed_silo_leave_no_process_whatever_it_did_to_leave(
        bool contain
    )
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        await using var silo = await SiloProcess.StartAsync("--Runner:Contain=" + contain);

        var (cancelled, first) = await StartAsync(silo, 0);
        await cancelled.CancelAsync("test");
        Assert.Equal(TaskPhase.Cancelled, (await EndAsync(cancelled)).Phase);
        Assert.Empty(Alive(first));

        var (late, second) = await StartAsync(silo, 10);
        var ended = await FactAsync<TaskFact.RunEnded>(late, _ => true);
        Assert.Equal((1, ErrorClass.Timeout), (ended.Attempt, ended.Result.ErrorClass));
        Assert.Empty(Alive(second));

        var (_, third) = await StartAsync(silo, 0);
        await silo.KillAsync();
        await silo.StartAsync();
        Assert.Empty(Alive(third));
    }

    // Three that leave: a daemon in a session of its own, a child without the run's variables, and a plain one.
    private static async Task<(TaskHandle Task, string Mark)> StartAsync(
        SiloProcess silo,
        int seconds
    )
    {
        var mark = "7" + Interlocked.Increment(ref next).ToString(CultureInfo.InvariantCulture);
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                $$"""
                {"do":"run","attempt":1,"command":["/bin/sh","-c","setsid -f sleep {{mark}}.1 >/dev/null 2>&1 </dev/null"]},
                {"do":"run","attempt":1,"command":["/bin/sh","-c","env -i /usr/bin/setsid /bin/sleep {{mark}}.2 >/dev/null 2>&1 </dev/null & sleep 1.5"]},
                {"do":"run","attempt":1,"command":["/bin/sh","-c","sleep {{mark}}.3 >/dev/null 2>&1 </dev/null &"]},
                {"do":"grandchild","attempt":1,"milliseconds":600000},
                {"do":"say","attempt":1,"text":"all left"},
                {"do":"hang","attempt":1}
                """
            ) with
            {
                TimeoutSec = seconds == 0 ? null : seconds,
            }
        );
        // On a slow machine the time limit may come before the last word.
        await FactAsync<TaskFact>(
            task,
            f =>
                f is TaskFact.Progressed { Step.Text: "all left" }
                || (seconds > 0 && f is TaskFact.RunEnded)
        );
        Assert.True(seconds > 0 || Alive(mark).Count == 3, string.Join('\n', Alive(mark)));
        return (task, mark);
    }

    private static async Task<T> FactAsync<T>(TaskHandle task, Func<T, bool> wanted)
        where T : TaskFact
    {
        using var limit = new CancellationTokenSource(Deadline);
        await foreach (var entry in task.WatchAsync(0, limit.Token))
        {
            if (entry.Fact is T fact && wanted(fact))
            {
                return fact;
            }
        }
        throw new TimeoutException($"Task {task.TaskId} never told the {typeof(T).Name}.");
    }

    private static async Task<TaskSnapshot> EndAsync(TaskHandle task)
    {
        using var limit = new CancellationTokenSource(Deadline);
        return await task.WaitAsync(limit.Token);
    }

    private static List<string> Alive(string mark)
    {
        var alive = new List<string>();
        foreach (
            var folder in Directory
                .EnumerateDirectories("/proc")
                .Where(f => int.TryParse(Path.GetFileName(f), out _))
        )
        {
            try
            {
                var line = File.ReadAllText(folder + "/cmdline").Replace('\0', ' ');
                if (
                    line.Contains("sleep " + mark, StringComparison.Ordinal)
                    && !line.Contains("-c", StringComparison.Ordinal)
                )
                {
                    alive.Add(line);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // it ended while we looked
            }
        }
        return alive;
    }
}
