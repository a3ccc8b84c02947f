using Orchestrator.Client;
using Xunit;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>The silo is killed at random moments, while it starts and recovers too, with tasks of every kind in every state.</summary>
public sealed class RandomKillTests(ITestOutputHelper output)
{
    private static readonly int Kills = LongForm.Enabled ? 100 : 10;

    [Fact]
    public async Task A_silo_killed_at_random_moments_ends_every_task_once_and_loses_no_fact()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        output.WriteLine(
            $"seed {LongForm.Seed} (ORCHESTRATOR_TESTS_SEED repeats it), {Kills} kills"
        );
#pragma warning disable CA5394 // chance that can be repeated, not secrets
        var random = new Random(LongForm.Seed);
        await using var rig = new CrashRig(
            $"seed {LongForm.Seed}",
            $"--Runner:Contain={(random.Next(2) == 0 ? "true" : "false")}",
            "--Runner:StopGrace=00:00:01"
        );
        var rejected = await TaskLife.RejectedOnceAsync();
        TaskLife[] kinds =
        [
            TaskLife.Short,
            rejected,
            TaskLife.Cancelled,
            TaskLife.Retried,
            TaskLife.Talked,
            TaskLife.Short,
            TaskLife.TimedOut,
        ];
        var all = new Dictionary<string, TaskLife>();
        var started = 0;
        // How fast this machine is now: moments are drawn in shares of what a start takes on it.
        var begun = TimeProvider.System.GetTimestamp();
        Assert.True(await rig.StartAsync(), rig.Silo.LastWords);
        var start = TimeProvider.System.GetElapsedTime(begun);
        await rig.DieAsync(kill: true);
        for (var kill = 1; kill < Kills; kill++)
        {
            // Every fourth dies while it starts, the others while they recover and run.
            var early = random.Next(4) == 0;
            var moment = start * (random.NextDouble() * (early ? 1 : 2.5));
            rig.Silo.KillAfter = early ? moment : null;
            var open = all.Where(l => !rig.Over.Contains(l.Key)).ToList();
            for (var fresh = 0; open.Count < 6 && fresh < 3; fresh++)
            {
                var id = $"random-{all.Count:D3}";
                all.Add(id, kinds[random.Next(kinds.Length)]);
                open.Add(new(id, all[id]));
            }
            if (await rig.StartAsync())
            {
                started++;
                rig.Silo.KillIn(early ? TimeSpan.Zero : moment);
                await Task.WhenAll(open.Select(l => rig.LiveAsync(l.Key, l.Value)));
            }
            await rig.DieAsync(kill: false);
        }
#pragma warning restore CA5394
        rig.Silo.KillAfter = null;
        Assert.True(await rig.StartAsync(), rig.Silo.LastWords);
        foreach (var (id, life) in all)
        {
            Assert.True(await rig.LiveAsync(id, life), rig.Silo.LastWords);
        }
        await rig.CheckAsync();
        output.WriteLine(
            $"{rig.Deaths} kills ({rig.Deaths - started} before the silo was ready), {all.Count} tasks, ready again in {rig.RestartTimes}"
        );
        Assert.True(started > 0, "No life of the silo got as far as being ready.");
    }
}
