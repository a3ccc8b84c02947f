using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>Hosts say how they are, and one without room takes no work until it has some.</summary>
public sealed class HostHealthTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_host_without_free_disk_takes_no_run_and_everybody_says_why()
    {
        await using var silo = await SiloProcess.StartAsync("--Runner:DiskFreeMinMiB=1048576");
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze")
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.PlanMade);

        var explain = await CliProcess.RunAsync(silo.Data, "explain", task.TaskId);
        var hosts = await CliProcess.RunAsync(silo.Data, "hosts");

        Assert.Contains("Runner:DiskFreeMinMiB", explain.Output, StringComparison.Ordinal);
        Assert.Contains("unfit", hosts.Output, StringComparison.Ordinal);
        Assert.Contains("GiB free", hosts.Output, StringComparison.Ordinal);
        Assert.Equal(TaskPhase.Queued, (await task.GetAsync()).Phase);

        await silo.KillAsync();
        silo.More = ["--Runner:DiskFreeMinMiB=0"];
        await silo.StartAsync();
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
    }

    [Fact]
    public async Task Hosts_name_their_runners_with_version_and_login()
    {
        await using var silo = await SiloProcess.StartAsync(
            "--Runner:ClaudeCode:Environment:ANTHROPIC_AUTH_TOKEN=test-token",
            "--Runner:ClaudeCode:Executable=" + LockedClaude.Path()
        );
        using var limit = new CancellationTokenSource(Deadline);
        // The program's version comes with a later look; a registration brings it.
        GrainInterfaces.Api.RunnerInfo? claude;
        do
        {
            var shown = await CliProcess.RunAsync(silo.Data, "hosts", "--json");
            var host = Assert.Single(
                JsonSerializer.Deserialize(shown.Output, OrchestratorJson.Default.HostList)!.Hosts
            );
            Assert.Equal(("online", ""), (host.State, host.Problem));
            Assert.True(host.DiskFreeBytes > 0);
            Assert.Contains(host.Runners, r => r.Kind == "scripted");
            claude = host.Runners.Single(r => r.Kind == "claude-code");
            Assert.Equal(("ANTHROPIC_AUTH_TOKEN", ""), (claude.Login, claude.Problem));
        } while (claude.Version.Length == 0 && !limit.IsCancellationRequested);

        Assert.Matches(@"^\d+\.\d+\.\d+$", claude.Version);
    }
}
