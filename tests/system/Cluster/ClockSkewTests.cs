using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>A host whose clock is wrong works like any other, and people are told.</summary>
public sealed class ClockSkewTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public async Task A_host_whose_clock_is_five_minutes_off_works_and_reports_nothing_stale(
        int minutes
    )
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux lets a test set one process' clock.");
        }
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        var began = TimeProvider.System.GetUtcNow();
        await using var right = Silo(database, "right");
        await using var wrong = Silo(database, "wrong");
        wrong.Environment = await SkewedClock.ByAsync(TimeSpan.FromMinutes(minutes));
        wrong.SaidFile = Path.Combine(SiloProcess.NewFolder(), "said.txt");
        await right.StartAsync();
        await wrong.StartAsync();
        var direction = minutes > 0 ? "ahead of" : "behind";

        // Each host runs some; a run of one minute is neither ended at once nor five minutes late.
        var ids = new List<string>();
        foreach (var host in (string[])["right", "wrong", "right", "wrong"])
        {
            var task = await (ids.Count % 2 == 0 ? wrong : right).Client.SubmitAsync(
                SiloProcess.Scripted(
                    """{"do":"sleep","milliseconds":1500},{"do":"say","text":"done"}""",
                    type: "analyze"
                ) with
                {
                    TimeoutSec = 60,
                    Labels = ["host=" + host],
                }
            );
            ids.Add(task.TaskId);
        }
        var silent = await right.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"hang"}""", type: "analyze") with
            {
                TimeoutSec = 3,
                Labels = ["host=wrong"],
            }
        );
        await using var facts = new FactFollower(right.Client);
        var ended = new HashSet<string>();
        await facts.UntilAsync(
            "the end of all",
            TimeSpan.FromSeconds(60),
            e => e.Fact is TaskFact.Delivered && ended.Add(e.TaskId) && ended.IsSupersetOf(ids)
        );
        await facts.UntilAsync(
            "the end of the run that hangs, by its own deadline",
            TimeSpan.FromSeconds(60),
            e => e.TaskId == silent.TaskId && e.Fact is TaskFact.RunEnded
        );
        var all = facts.Entries;
        Assert.All(
            ids,
            id =>
            {
                Assert.Single(all, e => e.TaskId == id && e.Fact is TaskFact.RunStarted);
                Assert.Single(all, e => e.TaskId == id && e.Fact is TaskFact.Delivered);
            }
        );
        Assert.Equal(
            ErrorClass.Timeout,
            (
                (TaskFact.RunEnded)
                    all.First(e => e.TaskId == silent.TaskId && e.Fact is TaskFact.RunEnded).Fact
            )
                .Result
                .ErrorClass
        );
        // The instants of all facts are the database's time, whoever wrote them.
        var until = TimeProvider.System.GetUtcNow();
        Assert.All(all, e => Assert.InRange(e.At, began.AddSeconds(-2), until.AddSeconds(2)));
        await right.Client.ActAsync(silent.TaskId, "cancel");

        var hosts = (await right.Client.ListHostsAsync()).Hosts.ToDictionary(h => h.Host);
        Assert.InRange(
            hosts["wrong"].ClockSkewSeconds!.Value,
            (minutes * 60) - 2,
            (minutes * 60) + 2
        );
        Assert.InRange(hosts["right"].ClockSkewSeconds!.Value, -2, 2);
        var doctor = await wrong.Client.GetDoctorAsync();
        var clock = doctor.Checks.Single(c => c.Name == "clock");
        Assert.Equal("warn", clock.Level);
        Assert.Contains(direction, clock.Message, StringComparison.Ordinal);
        Assert.Equal(
            "ok",
            (await right.Client.GetDoctorAsync()).Checks.Single(c => c.Name == "clock").Level
        );
        var said = await File.ReadAllTextAsync(wrong.SaidFile);
        Assert.Contains("This machine's clock is 300", said, StringComparison.Ordinal);
        output.WriteLine(said);

        // A host that stands still comes back after its lease: what it still reports is refused, whatever its clock says.
        await right.Client.DrainAsync("right", true);
        var held = await right.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"sleep","milliseconds":2500,"attempt":1},{"do":"say","text":"done"}""",
                type: "analyze"
            )
        );
        await FactWait.SeenAsync(right, held.TaskId, f => f is TaskFact.AgentStarted);
        await right.Client.DrainAsync("right", false);
        wrong.Signal(19);
        var lost = (TaskFact.RetryScheduled)
            await FactWait.SeenAsync(right, held.TaskId, f => f is TaskFact.RetryScheduled);
        Assert.Equal((ErrorClass.HostLost, false), (lost.ErrorClass, lost.CountsAsTry));
        await FactWait.SeenAsync(right, held.TaskId, f => f is TaskFact.Delivered);
        wrong.Signal(18);
        var history = new List<TaskFact>();
        await foreach (var entry in right.Client.WatchAsync(held.TaskId, 0))
        {
            history.Add(entry.Fact);
            if (entry.Fact is TaskFact.Delivered)
            {
                break;
            }
        }
        Assert.Equal(2, history.OfType<TaskFact.RunStarted>().Count());
        Assert.Equal(
            "ok",
            (await right.Client.GetDoctorAsync()).Checks.Single(c => c.Name == "journal").Level
        );
    }

    private static SiloProcess Silo(string database, string host) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            [
                "--Cluster:ConnectionString=" + database,
                "--Cluster:SiloPort=0",
                "--Runner:Host=" + host,
                "--Runner:Slots=3",
            ]
        );
}
