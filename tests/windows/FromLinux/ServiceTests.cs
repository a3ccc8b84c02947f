using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests;
using Xunit;

namespace Orchestrator.WindowsTests.FromLinux;

/// <summary>The silo as a service of Wine's service manager. Session, account and recovery are shown by Windows alone.</summary>
public sealed class ServiceTests(ITestOutputHelper output)
{
    private const string Name = "OrchestratorWineTest";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_silo_runs_as_a_service_serves_a_task_and_stops_when_it_is_told()
    {
        WineBuild.Require();
        var data = Path.Combine(SiloProcess.NewFolder(), "data");
        var discovery = Path.Combine(data, "silo.json");
        await ScAsync(
            "create",
            Name,
            "binPath=",
            $"{WineBuild.SiloPath} --data {WineBuild.Windows(data)} --urls http://127.0.0.1:0",
            "start=",
            "demand"
        );
        await ScAsync("start", Name);
        await FolderWait.FileAsync(discovery);
        await UntilAsync("RUNNING");
        var silo = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(discovery),
            OrchestratorJson.Default.SiloDiscovery
        )!;
        using (var client = new OrchestratorClient(silo.Address, silo.Token))
        {
            var task = await client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"say","text":"served"}""", type: "analyze")
            );
            await using var facts = new FactFollower(client);
            await facts.UntilAsync("its end", Deadline, e => e.Fact is TaskFact.Delivered);
            Assert.Equal("served", (await task.GetAsync()).Result?.ResultText);
        }

        await ScAsync("stop", Name);

        await UntilAsync("STOPPED");
        Assert.False(File.Exists(discovery));
        await ScAsync("delete", Name);
        Assert.NotEqual(0, (await WineBuild.RunAsync("sc", "query", Name)).ExitCode);
    }

    private async Task ScAsync(params string[] arguments)
    {
        var run = await WineBuild.RunAsync(["sc", .. arguments]);
        output.WriteLine($"sc {arguments[0]}: {run.ExitCode} {run.Output.Trim()}");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }

    // The service manager tells nobody of a change: it is asked again, each time by a program that takes its time to start.
    private async Task UntilAsync(string state)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var run = await WineBuild.RunAsync("sc", "query", Name);
            if (run.Output.Contains(state, StringComparison.Ordinal))
            {
                output.WriteLine($"sc query: {run.Output.Trim()}");
                return;
            }
            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < Deadline,
                $"The service is not {state} within {Deadline}: {run.Output}"
            );
        }
    }
}
