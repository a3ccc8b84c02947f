using System.Diagnostics;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests;
using Xunit;

namespace Orchestrator.WindowsTests.FromLinux;

/// <summary>The win-x64 silo and command line on Wine, with a data directory of their own.</summary>
public sealed class SiloTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan GoneMax = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_silo_serves_a_task_of_the_command_line_keeps_it_over_a_restart_and_stops()
    {
        WineBuild.Require();
        await using var silo = WineBuild.Silo("--Runner:Slots=2");
        await silo.StartAsync();
        output.WriteLine($"ready at {silo.Address}");
        var host = Assert.Single((await silo.Client.ListHostsAsync()).Hosts);
        Assert.Equal("online", host.State);
        Assert.Contains("os=windows", host.Labels);
        var script = Path.Combine(Path.GetDirectoryName(silo.Data)!, "script.json");
        await File.WriteAllTextAsync(
            script,
            """{"version":1,"steps":[{"do":"say","text":"Grüße 世界"}]}"""
        );
        string[] to = ["--data", silo.Data];

        var submitted = await WineBuild.CliAsync([
            "submit",
            "Play the script",
            "--type",
            "analyze",
            "--runner",
            "scripted",
            "--script",
            script,
            "--id",
            "one",
            .. to,
        ]);
        Assert.True(submitted.ExitCode == 0, submitted.Error + submitted.Output);
        await using (var facts = new FactFollower(silo.Client))
        {
            await facts.UntilAsync("the end of one", Deadline, e => e.Fact is TaskFact.Delivered);
        }
        await FolderWait.FileAsync(Path.Combine(silo.Data, "results", "one.json"));

        var stopped = await WineBuild.CliAsync(["serve", "--stop", .. to]);
        Assert.True(stopped.ExitCode == 0, stopped.Error + stopped.Output);
        await silo.Ended.WaitAsync(Deadline);
        Assert.Equal(0, silo.ExitCode);
        Assert.False(File.Exists(Path.Combine(silo.Data, "silo.json")));

        await silo.StartAsync();
        var kept = await silo.Client.GetAsync("one");
        Assert.Equal(TaskPhase.Done, kept.Phase);
        Assert.Equal("Grüße 世界", kept.Result?.ResultText);
        Assert.Equal(
            "ok",
            (await silo.Client.GetDoctorAsync()).Checks.Single(c => c.Name == "journal").Level
        );
        await silo.Client.StopAsync();
        await silo.Ended.WaitAsync(Deadline);
        Assert.Equal(0, silo.ExitCode);
    }

    [Fact]
    public async Task A_cancelled_task_and_a_killed_silo_leave_no_process_and_the_next_silo_goes_on()
    {
        WineBuild.Require();
        await using var silo = WineBuild.Silo("--Runner:Slots=2", "--Runner:StopGrace=00:00:02");
        await silo.StartAsync();
        const string Hang = """{"do":"grandchild","milliseconds":110000},{"do":"hang"}""";
        var cancelled = await SubmitAsync(silo, "cancelled", Hang);
        await using (var facts = new FactFollower(silo.Client))
        {
            await facts.UntilAsync(
                "a running agent",
                Deadline,
                e => e.Fact is TaskFact.AgentStarted
            );
            await silo.Client.ActAsync(cancelled, "cancel");
            await facts.UntilAsync("its release", Deadline, e => e.Fact is TaskFact.Released);
        }
        await NoAgentAsync(silo);
        await SubmitAsync(
            silo,
            "killed",
            """{"do":"grandchild","milliseconds":110000,"attempt":1},{"do":"hang","attempt":1},{"do":"say","text":"again"}"""
        );
        await using (var facts = new FactFollower(silo.Client))
        {
            await facts.UntilAsync(
                "the second agent",
                Deadline,
                e => e.TaskId == "killed" && e.Fact is TaskFact.AgentStarted
            );
        }
        Assert.NotEqual([], Agents(silo));

        await silo.KillAsync();
        await silo.StartAsync();

        await using var after = new FactFollower(silo.Client);
        await after.UntilAsync(
            "the end of the task whose silo was killed",
            Deadline,
            e => e.TaskId == "killed" && e.Fact is TaskFact.Delivered
        );
        await NoAgentAsync(silo);
        await silo.Client.StopAsync();
        await silo.Ended.WaitAsync(Deadline);
        Assert.Equal(0, silo.ExitCode);
    }

    private static async Task NoAgentAsync(SiloProcess silo)
    {
        // Wine calls a process ended once it has told the system to end it; the system takes a moment to do so.
        var since = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (Agents(silo) is { Length: > 0 } left)
        {
            Assert.True(since.Elapsed < GoneMax, "Still there: " + string.Join("\n", left));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    // Each is a process of this machine too; its environment holds the data directory's mark only as Windows keeps it, so
    // that the program's name is what is looked for: no other test's agent runs meanwhile.
    private static string[] Agents(SiloProcess silo) =>
        [
            .. Directory
                .GetDirectories("/proc")
                .Where(d => int.TryParse(Path.GetFileName(d), out var pid) && pid != silo.Pid)
                .Select(CommandLine)
                .Where(l =>
                    l.Contains("orchestrator-scripted-agent.exe", StringComparison.Ordinal)
                    // Not the one that keeps the prefix alive.
                    && !l.Contains("--linger 900000", StringComparison.Ordinal)
                ),
        ];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it ended while we looked
        }
    }

    private static async Task<string> SubmitAsync(SiloProcess silo, string id, string steps) =>
        (
            await silo.Client.SubmitAsync(
                SiloProcess.Scripted(steps, type: "analyze") with
                {
                    Id = id,
                }
            )
        ).TaskId;
}
