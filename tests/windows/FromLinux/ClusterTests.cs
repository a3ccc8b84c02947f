using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.WindowsTests.FromLinux;

/// <summary>A cluster of two systems: tasks are held on Linux and run on Wine.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private const int Tasks = 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Tasks_labelled_windows_run_on_the_wine_silo_of_a_linux_cluster_each_once()
    {
        WineBuild.Require();
        // Wine 8 cannot derive a key from a password, which SCRAM needs: the password goes over loopback as it is.
        var database = await (
            await PostgresServer.OwnAsync(authentication: "password")
        ).NewDatabaseAsync();
        string[] cluster =
        [
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            // TLS on Wine is not Windows' TLS.
            "--Cluster:AllowPlaintext=true",
            // Not what is looked at here: programs start so slowly on Wine that a busy machine's host may be late by seconds.
            "--Runner:Lease=00:00:30",
        ];
        await using var linux = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            [.. cluster, "--Cluster:Roles=control,runner", "--Runner:Host=lin"]
        );
        await using var wine = WineBuild.Silo([
            .. cluster,
            "--Cluster:Roles=runner",
            "--Runner:Host=win",
            "--Runner:Slots=4",
        ]);
        await linux.StartAsync();
        await wine.StartAsync();

        await Task.WhenAll(
            Enumerable
                .Range(0, Tasks)
                .Select(n =>
                    // Also asked of the Wine silo: each calls grains of the other.
                    (n % 2 == 0 ? linux : wine).Client.SubmitAsync(
                        SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze") with
                        {
                            Id = $"task-{n}",
                            Labels = ["os=windows"],
                        }
                    )
                )
        );
        await using var facts = new FactFollower(linux.Client);
        var done = new HashSet<string>();
        await facts.UntilAsync(
            $"the end of {Tasks} tasks",
            Deadline,
            e => e.Fact is TaskFact.Delivered && done.Add(e.TaskId) && done.Count == Tasks
        );

        var started = facts.Entries.Select(e => e.Fact).OfType<TaskFact.RunStarted>().ToList();
        var agents = facts.Entries.Count(e => e.Fact is TaskFact.AgentStarted);
        var delivered = facts.Entries.Count(e => e.Fact is TaskFact.Delivered);
        var hosts = (await linux.Client.ListHostsAsync()).Hosts;
        output.WriteLine(
            $"{Tasks} tasks, {started.Count} attempts, {started.Count(s => s.Host == "win")} of them on Wine, {agents} agents, {delivered} delivered; hosts: {string.Join(", ", hosts.Select(h => $"{h.Host} {h.State} {string.Join(' ', h.Labels)}"))}"
        );
        foreach (var retry in facts.Entries.Where(e => e.Fact is TaskFact.RetryScheduled))
        {
            output.WriteLine(retry.ToString());
        }
        Assert.All(started, s => Assert.Equal("win", s.Host));
        // An attempt whose worktree the bridge to git could not make ends before an agent lives, and is made again.
        Assert.Equal((Tasks, Tasks), (agents, delivered));
        for (var n = 0; n < Tasks; n++)
        {
            Assert.Equal(TaskPhase.Done, (await wine.Client.GetAsync($"task-{n}")).Phase);
        }
        Assert.Equal(
            ["lin online os=linux", "win online os=windows"],
            hosts.Select(h => $"{h.Host} {h.State} {h.Labels[0]}").Order()
        );

        await wine.Client.StopAsync();
        await wine.Ended.WaitAsync(Deadline);
        Assert.Equal(
            "offline",
            (await linux.Client.ListHostsAsync()).Hosts.Single(h => h.Host == "win").State
        );
        await linux.Client.StopAsync();
        await linux.Ended.WaitAsync(Deadline);
        Assert.True(wine.ExitCode == 0, $"{wine.ExitCode}: {wine.LastWords}");
        Assert.True(linux.ExitCode == 0, $"{linux.ExitCode}: {linux.LastWords}");
    }
}
