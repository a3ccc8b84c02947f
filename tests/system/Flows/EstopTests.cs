using System.Diagnostics;
using System.Text.Json;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>The emergency stop, and what a task that waits is told about its hosts.</summary>
public sealed class EstopTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task One_command_ends_what_runs_and_holds_what_waits_over_a_restart_until_it_is_released()
    {
        await using var silo = await SiloProcess.StartAsync();
        var running = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"hang","attempt":1},{"do":"say","text":"second life"}""",
                type: "analyze"
            )
        );
        await FactWait.SeenAsync(silo, running.TaskId, f => f is TaskFact.AgentStarted);

        var stop = await CliProcess.RunAsync(silo.Data, "estop");
        var retry = (TaskFact.RetryScheduled)
            await FactWait.SeenAsync(silo, running.TaskId, f => f is TaskFact.RetryScheduled);
        await FactWait.SeenAsync(silo, running.TaskId, f => f is TaskFact.Released);

        Assert.True(stop.ExitCode == 0, stop.Error);
        Assert.False(retry.CountsAsTry);
        Assert.Empty(Assert.Single((await silo.Client.ListHostsAsync()).Hosts).Runs);
        var again = await CliProcess.RunAsync(silo.Data, "estop", "--json");
        using (var json = JsonDocument.Parse(again.Output))
        {
            Assert.Equal(0, json.RootElement.GetProperty("done").GetArrayLength());
            Assert.Equal(1, json.RootElement.GetProperty("skipped").GetArrayLength());
        }

        await silo.KillAsync();
        await silo.StartAsync();
        var waiting = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze")
        );
        await FactWait.SeenAsync(silo, waiting.TaskId, f => f is TaskFact.PlanMade);
        var status = await CliProcess.RunAsync(silo.Data, "status");
        var explain = await CliProcess.RunAsync(silo.Data, "explain", waiting.TaskId);

        Assert.Contains("EMERGENCY STOP since", status.Output, StringComparison.Ordinal);
        Assert.Contains("emergency stop holds all work", explain.Output, StringComparison.Ordinal);
        Assert.Equal(TaskPhase.Queued, (await silo.Client.GetAsync(waiting.TaskId)).Phase);

        var release = await CliProcess.RunAsync(silo.Data, "estop", "--release");
        Assert.True(release.ExitCode == 0, release.Error);
        await FactWait.SeenAsync(silo, running.TaskId, f => f is TaskFact.Delivered);
        await FactWait.SeenAsync(silo, waiting.TaskId, f => f is TaskFact.Delivered);
        Assert.Null((await silo.Client.GetStatusAsync()).Queue!.StoppedAt);
    }

    [Fact]
    public async Task A_check_that_runs_is_ended_too_and_its_work_is_done_again_after_the_release()
    {
        var mark = Path.Combine(SiloProcess.NewFolder(), "checked");
        await using var silo = await SiloProcess.StartAsync(
            // Hangs at its first run only.
            $"--Verify:Commands:0=test -e {mark} || {{ touch {mark}; sleep 600; }}"
        );
        var repository = await SiloProcess.RepositoryAsync(("README.md", "x\n"));
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"write","path":"a.txt","text":"a"}""",
                repository: repository
            )
        );
        await FolderWait.FileAsync(mark);

        var stop = await CliProcess.RunAsync(silo.Data, "estop");
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.RetryScheduled);
        Assert.True(stop.ExitCode == 0, stop.Error);

        await silo.Client.StopEverythingAsync(stopped: false);
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
    }

    [Fact]
    public async Task A_task_waits_for_a_host_with_its_label_and_says_which_one_is_missing()
    {
        await using var silo = await SiloProcess.StartAsync("--Runner:Labels:0=pool=backend");
        var script = SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze");
        var typo = await silo.Client.SubmitAsync(script with { Labels = ["pool=backnd"] });
        var right = await silo.Client.SubmitAsync(script with { Labels = ["pool=backend"] });

        await FactWait.SeenAsync(silo, right.TaskId, f => f is TaskFact.Delivered);
        await FactWait.SeenAsync(silo, typo.TaskId, f => f is TaskFact.PlanMade);
        var explain = await CliProcess.RunAsync(silo.Data, "explain", typo.TaskId);
        var submit = await CliProcess.RunAsync(
            silo.Data,
            "submit",
            "Look around",
            "--type",
            "analyze",
            "--label",
            "os=none",
            "--label",
            "pool=backend",
            "--json"
        );
        using var answer = JsonDocument.Parse(submit.Output);
        var id = answer.RootElement.GetProperty("task_id").GetString()!;
        var fact = await FactWait.SeenAsync(silo, id, f => f is TaskFact.Submitted);

        Assert.Equal(["os=none", "pool=backend"], ((TaskFact.Submitted)fact).Spec.Labels);
        Assert.Equal(TaskPhase.Queued, (await silo.Client.GetAsync(typo.TaskId)).Phase);
        Assert.Contains("'pool=backnd'", explain.Output, StringComparison.Ordinal);
        Assert.Contains("pool=backend", explain.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_label_that_the_host_sets_itself_is_refused_at_the_start()
    {
        using var silo = Process.Start(
            new ProcessStartInfo(
                SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo"),
                ["--data", SiloProcess.NewFolder(), "--Runner:Labels:0=os=windows"]
            )
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        var output = silo.StandardOutput.ReadToEndAsync();
        var error = silo.StandardError.ReadToEndAsync();
        await silo.WaitForExitAsync().WaitAsync(Deadline);

        Assert.NotEqual(0, silo.ExitCode);
        Assert.Contains(
            "Runner:Labels holds 'os=windows'",
            await output + await error,
            StringComparison.Ordinal
        );
    }
}
