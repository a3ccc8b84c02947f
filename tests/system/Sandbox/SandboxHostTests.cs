using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;
using Xunit;

namespace Orchestrator.SystemTests.Sandbox;

/// <summary>What a host offers, what it refuses, and what it says of a sandbox that does not work.</summary>
public sealed class SandboxHostTests
{
    private const string LinuxOnly = "bubblewrap is there on Linux only";

    [Fact]
    public void A_demand_is_refused_where_there_is_no_sandbox_and_where_it_does_not_work()
    {
        var none = Host(SandboxHost.None);
        var broken = Host(
            OperatingSystem.IsLinux() ? SandboxHost.WindowsRestricted : SandboxHost.Bubblewrap
        );
        var required = new SandboxDemand { Required = true };

        Assert.Contains("Runner:Sandbox", none.Refusal(required), StringComparison.Ordinal);
        Assert.Equal("", none.Refusal(new SandboxDemand()));
        Assert.Equal("", none.Refusal(null));
        Assert.Contains("does not work", broken.Refusal(null), StringComparison.Ordinal);
        Assert.Empty(none.Labels);
        Assert.Empty(broken.Labels);
        Assert.Throws<InvalidOperationException>(() => Enclose(none, required));
        Assert.Throws<InvalidOperationException>(() => Enclose(broken, null));
    }

    [Fact]
    public async Task A_host_with_a_sandbox_that_works_offers_it_and_wraps_what_it_starts()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        var host = Host(SandboxHost.Bubblewrap);

        Assert.Equal("", host.Problem);
        Assert.Equal(["sandbox=bubblewrap", "sandboxed=yes"], host.Labels);
        await using var child = Enclose(
            host,
            new SandboxDemand
            {
                Required = true,
                Network = SandboxNetwork.Off,
                MemoryMiB = 100,
            }
        );
        Assert.Equal(100, child.Process.Enclosure!.Terms.MemoryMiB);
        Assert.DoesNotContain("--share-net", child.Process.Enclosure.Line);
    }

    [Fact]
    public async Task A_task_that_demands_the_label_waits_until_a_host_offers_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        await using var silo = await SiloProcess.StartAsync();
        var request = SiloProcess.Scripted("""{"do":"say","text":"ran"}""") with
        {
            Labels = ["sandboxed=yes"],
        };
        var task = await silo.Client.SubmitAsync(request, "waits");
        var other = await SandboxRoom.EndAsync(
            silo,
            SiloProcess.Scripted("""{"do":"say","text":"ran"}""")
        );
        Assert.Equal(TaskPhase.Done, other.Phase);
        Assert.Equal(TaskPhase.Queued, (await silo.Client.GetAsync(task.TaskId)).Phase);

        await silo.KillAsync();
        silo.More = ["--Runner:Sandbox=bubblewrap"];
        await silo.StartAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var end = await (await silo.Client.SubmitAsync(request, "waits", limit.Token)).WaitAsync(
            limit.Token
        );

        Assert.Equal(TaskPhase.Done, end.Phase);
    }

    [Fact]
    public async Task A_configured_sandbox_that_does_not_work_refuses_every_run_and_says_so_plainly()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        var folder = SiloProcess.NewFolder();
        await using var silo = SiloProcess.At(
            Path.Combine(folder, "data"),
            "--Runner:Sandbox=windows-restricted",
            "--Task:TriesMax=1"
        );
        silo.SaidFile = Path.Combine(folder, "said");
        await silo.StartAsync();

        var end = await SandboxRoom.EndAsync(
            silo,
            SiloProcess.Scripted("""{"do":"say","text":"ran"}""")
        );
        var doctor = await silo.Client.GetDoctorAsync();
        var host = Assert.Single((await silo.Client.ListHostsAsync()).Hosts);

        Assert.Equal(TaskPhase.Failed, end.Phase);
        Assert.Contains("windows-restricted", end.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains("does not work", end.Failure.Message, StringComparison.Ordinal);
        Assert.Equal("fail", Assert.Single(doctor.Checks, c => c.Name == "sandbox").Level);
        Assert.DoesNotContain(host.Labels, l => l.StartsWith("sandbox", StringComparison.Ordinal));
        Assert.Contains(
            "Every run is refused",
            await File.ReadAllTextAsync(silo.SaidFile),
            StringComparison.Ordinal
        );
    }

    private static SandboxedChild Enclose(SandboxHost host, SandboxDemand? demand) =>
        host.Enclose(
            new ProcessOrder("/bin/true", [], "/tmp", new Dictionary<string, string>(), "run-1"),
            demand,
            SandboxNeeds.None,
            SiloProcess.NewFolder(),
            ""
        );

    private static SandboxHost Host(string kind) =>
        new(
            Options.Create(new RunnerOptions { Sandbox = kind }),
            new RunFolders(SiloProcess.NewFolder(), TimeProvider.System),
            TimeProvider.System,
            NullLogger<SandboxHost>.Instance
        );
}
