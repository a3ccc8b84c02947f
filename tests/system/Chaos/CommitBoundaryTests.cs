using System.Globalization;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>The silo dies before and after every single commit of a task's life.</summary>
public sealed class CommitBoundaryTests(ITestOutputHelper output)
{
    // Far more than any of these lives has: a life that never ends would otherwise never end the test.
    private const int CommitsMax = 200;
    private const int RoundsMax = 3;

    [Fact]
    public async Task A_silo_that_dies_at_any_commit_of_a_short_life_ends_the_task_once_and_loses_no_fact()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        TaskPhase[] all =
        [
            TaskPhase.Received,
            TaskPhase.Mediating,
            TaskPhase.Queued,
            TaskPhase.Preparing,
            TaskPhase.Running,
            TaskPhase.Validating,
            TaskPhase.Done,
        ];
        var phases = new HashSet<TaskPhase>();
        if (LongForm.Enabled)
        {
            phases.UnionWith(await EveryBoundaryAsync(TaskLife.Short, _ => true, contain: true));
            phases.UnionWith(await EveryBoundaryAsync(TaskLife.Short, _ => false, contain: false));
        }
        else
        {
            phases.UnionWith(await EveryBoundaryAsync(TaskLife.Short, _ => true, contain: true));
            // Other commits come between, in another order each time: a phase may be passed over by chance.
            for (var more = 0; more < RoundsMax && !phases.IsSupersetOf(all); more++)
            {
                phases.UnionWith(
                    await EveryBoundaryAsync(TaskLife.Short, _ => true, contain: true)
                );
            }
        }
        Assert.All(all, p => Assert.Contains(p, phases));
    }

    [Theory]
    [InlineData("rejected")]
    [InlineData("cancelled")]
    [InlineData("timed out")]
    [InlineData("retried")]
    [InlineData("paused")]
    public async Task A_silo_that_dies_at_any_commit_of_a_longer_life_ends_the_task_once_and_loses_no_fact(
        string life
    )
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        var played = life switch
        {
            "rejected" => await TaskLife.RejectedOnceAsync(),
            "cancelled" => TaskLife.Cancelled,
            "timed out" => TaskLife.TimedOut,
            "retried" => TaskLife.Retried,
            _ => TaskLife.Paused,
        };
        if (LongForm.Enabled)
        {
            _ = await EveryBoundaryAsync(played, _ => true, contain: false);
            _ = await EveryBoundaryAsync(played, _ => false, contain: true);
            return;
        }
        // The short form takes a sample, another one in each run.
        var first = 3 + (LongForm.Seed % 9);
        _ = await EveryBoundaryAsync(played, n => n % 2 == 0, contain: false, first, 9);
    }

    private async Task<IReadOnlySet<TaskPhase>> EveryBoundaryAsync(
        TaskLife life,
        Func<int, bool> after,
        bool contain,
        int first = 1,
        int step = 1
    )
    {
        await using var rig = new CrashRig(
            life.Name,
            $"--Runner:Contain={(contain ? "true" : "false")}",
            "--Runner:StopGrace=00:00:01"
        );
        var victim = "";
        var alive = false;
        var commit = first;
        for (; commit < CommitsMax; commit += step)
        {
            var next = string.Create(CultureInfo.InvariantCulture, $"boundary-{commit:D3}");
            Assert.True(
                await rig.StartAsync(new CrashPoint(next, commit, after(commit))),
                rig.Silo.LastWords
            );
            Assert.True(
                victim.Length == 0 || await rig.LiveAsync(victim, life),
                rig.Silo.LastWords
            );
            victim = next;
            alive = await rig.LiveAsync(victim, life);
            if (alive)
            {
                break; // it was over before it came to this commit: all boundaries are behind us
            }
            await rig.DieAsync(kill: false);
            rig.NotePhase(victim);
        }
        var deaths = rig.Deaths;
        if (alive)
        {
            // The last life's crash point is still ahead: without it, or the silo dies while it is looked at.
            await rig.DieAsync(kill: true);
        }
        Assert.True(await rig.StartAsync(), rig.Silo.LastWords);
        Assert.True(await rig.LiveAsync(victim, life), rig.Silo.LastWords);
        await rig.CheckAsync();
        output.WriteLine(
            $"{life.Name}: {deaths} deaths at commits {first}..{commit - step} (step {step}; e.g. {(after(1) ? "after" : "before")} commit 1), {(contain ? "contained" : "by marker")}, phases {string.Join(' ', rig.PhasesAtDeath)}, ready again in {rig.RestartTimes}"
        );
        Assert.True(deaths > 0, "The silo died at no commit: the crash point is not reached.");
        return rig.PhasesAtDeath;
    }
}
