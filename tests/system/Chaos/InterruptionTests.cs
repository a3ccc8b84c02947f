using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>A silo that is stopped politely, frozen, or killed with all its slots at work; callers who do the same at once.</summary>
public sealed class InterruptionTests(ITestOutputHelper output)
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Freeze = 19;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    // Hangs until its silo ends, then says something.
    private static readonly SubmitRequest SecondLife = SiloProcess.Scripted(
        """{"do":"grandchild","milliseconds":600000},{"do":"hang","attempt":1},{"do":"say","text":"second life"}""",
        type: "analyze"
    );

    [Fact]
    public async Task A_silo_told_to_stop_ends_its_runs_and_continues_them_after_its_restart()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals and /proc");
        await using var silo = await SiloProcess.StartAsync();
        await StartedAsync(silo, ["polite"], 1);

        silo.Signal(Terminate);
        await silo.Ended.WaitAsync(Deadline);

        Assert.Equal(0, silo.ExitCode);
        Assert.Empty(ProcessHunter.Of(silo.Data));
        Assert.False(File.Exists(Path.Combine(silo.Data, "silo.json")));
        await silo.StartAsync();
        await EndedOnceAsync(silo, "polite");
    }

    [Fact]
    public async Task A_silo_that_stops_offers_its_slots_to_nobody_who_waits()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals and /proc");
        await using var silo = await SiloProcess.StartAsync("--Runner:Slots=1");
        await StartedAsync(silo, ["last"], 1);
        string[] waiting = [.. Enumerable.Range(0, 5).Select(n => $"waiting-{n}")];
        foreach (var id in waiting)
        {
            await silo.Client.SubmitAsync(TaskLife.Short.Request with { Id = id });
        }

        silo.Signal(Terminate);
        await silo.Ended.WaitAsync(Deadline);
        await silo.StartAsync();
        await EndedOnceAsync(silo, "last");
        await using var facts = new FactFollower(silo.Client);
        var over = new HashSet<string>();
        await facts.UntilAsync(
            "the ends of all that waited",
            Deadline,
            e =>
                e.Fact is TaskFact.Released
                && waiting.Contains(e.TaskId)
                && over.Add(e.TaskId)
                && over.Count == waiting.Length
        );

        Assert.All(
            waiting,
            id => Assert.Single(facts.Entries, e => e.TaskId == id && e.Fact is TaskFact.RunStarted)
        );
    }

    [Fact]
    public async Task A_silo_frozen_for_seconds_goes_on_where_it_was()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals and /proc");
        await using var silo = await SiloProcess.StartAsync();
        await StartedAsync(silo, ["frozen"], 1);

        silo.Signal(Freeze);
        var asked = silo.Client.SubmitAsync(TaskLife.Short.Request with { Id = "patient" });
        await Assert.ThrowsAsync<TimeoutException>(() => asked.WaitAsync(TimeSpan.FromSeconds(3)));
        silo.Signal(Continue);

        var patient = await asked.WaitAsync(Deadline);
        Assert.Equal(TaskPhase.Done, (await patient.WaitAsync().WaitAsync(Deadline)).Phase);
        Assert.Equal(TaskPhase.Running, (await silo.Client.GetAsync("frozen")).Phase);
        await silo.Client.ActAsync("frozen", "cancel");
        var facts = ChainReader.Read(silo.Data);
        Assert.Single(facts, f => f.TaskId == "frozen" && f.Fact == "run-started");
    }

    [Fact]
    public async Task A_killed_silo_has_all_its_runs_running_again_soon_after_its_restart()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals and /proc");
        await using var silo = await SiloProcess.StartAsync();
        string[] ids = ["again-1", "again-2", "again-3"];
        await StartedAsync(silo, ids, 1);

        await silo.KillAsync();
        var dead = TimeProvider.System.GetTimestamp();
        await silo.StartAsync();
        var ready = TimeProvider.System.GetElapsedTime(dead);
        await using (var facts = new FactFollower(silo.Client))
        {
            var running = new HashSet<string>();
            await facts.UntilAsync(
                "second agents of all three",
                Deadline,
                e =>
                    e.Fact is TaskFact.AgentStarted { Attempt: 2 }
                    && running.Add(e.TaskId)
                    && running.Count == 3
            );
        }
        output.WriteLine(
            $"killed with 3 runs: ready after {ready.TotalSeconds:F2} s, all running again after {TimeProvider.System.GetElapsedTime(dead).TotalSeconds:F2} s (aim 3 s, not asserted)"
        );
        foreach (var id in ids)
        {
            await EndedOnceAsync(silo, id);
        }
    }

    [Fact]
    public async Task Fifty_callers_with_one_key_get_one_task_and_callers_who_act_at_once_act_once()
    {
        await using var silo = await SiloProcess.StartAsync();

        var tasks = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(_ => silo.Client.SubmitAsync(TaskLife.Cancelled.Request, "one key"))
        );

        var id = Assert.Single(tasks.Select(t => t.TaskId).Distinct());
        Assert.Single(tasks, t => !t.AlreadyThere);
        await using (var facts = new FactFollower(silo.Client))
        {
            await facts.UntilAsync("its agent", Deadline, e => e.Fact is TaskFact.AgentStarted);
            await Task.WhenAll(
                Enumerable.Range(0, 20).Select(_ => silo.Client.ActAsync(id, "cancel"))
            );
            await facts.UntilAsync("its cancellation", Deadline, e => e.Fact is TaskFact.Cancelled);
            var retries = await Task.WhenAll(
                Enumerable
                    .Range(0, 20)
                    .Select(_ => TriedAsync(() => silo.Client.ActAsync(id, "retry")))
            );
            Assert.Equal(19, retries.Count(r => r == FailureCodes.NotPossibleNow));
            await facts.UntilAsync(
                "the second turn's agent",
                Deadline,
                e => e.Fact is TaskFact.AgentStarted { Attempt: 2 }
            );
            await silo.Client.ActAsync(id, "cancel");
            await facts.UntilAsync(
                "its second release",
                Deadline,
                e => e.Fact is TaskFact.Released { Attempt: 2 }
            );
        }
        var all = ChainReader
            .Read(silo.Data)
            .Where(f => f.TaskId == id)
            .Select(f => f.Fact)
            .ToLookup(f => f);
        Assert.Equal(
            (1, 2, 2, 1, 2),
            (
                all["submitted"].Count(),
                all["cancel-requested"].Count(),
                all["cancelled"].Count(),
                all["turn-started"].Count(),
                all["run-started"].Count()
            )
        );
        Assert.Single((await silo.Client.ListAsync()).Tasks);
    }

    private static async Task<string> TriedAsync(Func<Task> call)
    {
        try
        {
            await call();
            return "";
        }
        catch (OrchestratorException e) when (e.Failure is { } failure)
        {
            return failure.Code;
        }
    }

    private static async Task StartedAsync(SiloProcess silo, string[] ids, int attempt)
    {
        foreach (var id in ids)
        {
            await silo.Client.SubmitAsync(SecondLife with { Id = id });
        }
        await using var facts = new FactFollower(silo.Client);
        var running = new HashSet<string>();
        await facts.UntilAsync(
            $"agents of {string.Join(", ", ids)}",
            Deadline,
            e =>
                e.Fact is TaskFact.AgentStarted f
                && f.Attempt == attempt
                && running.Add(e.TaskId)
                && running.Count == ids.Length
        );
    }

    private static async Task EndedOnceAsync(SiloProcess silo, string id)
    {
        await using var facts = new FactFollower(silo.Client);
        await facts.UntilAsync(
            $"the release of {id}'s second attempt",
            Deadline,
            e => e.TaskId == id && e.Fact is TaskFact.Released { Attempt: 2 }
        );
        var own = ChainReader.Read(silo.Data).Where(f => f.TaskId == id).ToList();
        Assert.Single(own, f => f.Fact is "delivered" or "failed" or "cancelled");
        Assert.Equal("second life", (await silo.Client.GetAsync(id)).Result!.ResultText);
    }
}
