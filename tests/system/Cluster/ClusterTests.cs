using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>Several silos on one PostgreSQL.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private const int Tasks = 12;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Tasks_run_on_every_host_and_those_of_a_killed_one_run_again_elsewhere_once()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var one = await StartAsync(database, "one", "control,runner");
        await using var two = await StartAsync(database, "two", "control,runner");
        await using var three = await StartAsync(database, "three", "runner");
        await using var facts = new FactFollower(one.Client);
        var held = await one.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));
        var held2 = await one.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));
        var held3 = await two.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"hang","attempt":1},{"do":"say","text":"done"}""")
        );
        await facts.UntilAsync(
            "an agent on each host",
            Deadline,
            e =>
                facts
                    .Entries.Select(f => f.Fact)
                    .OfType<TaskFact.RunStarted>()
                    .Select(f => f.Host)
                    .Distinct()
                    .Count() == 3
        );
        var status = await two.Client.GetStatusAsync();
        Assert.Equal(["one", "three", "two"], status.Hosts.Select(h => h.Host).Order());

        foreach (var task in (string[])[held.TaskId, held2.TaskId])
        {
            await one.Client.ActAsync(task, "cancel");
        }
        var ids = await Task.WhenAll(
            Enumerable
                .Range(0, Tasks)
                .Select(async n =>
                    (
                        await (n % 2 == 0 ? one : two).Client.SubmitAsync(
                            SiloProcess.Scripted(
                                """{"do":"sleep","milliseconds":300},{"do":"say","text":"done"}"""
                            ) with
                            {
                                Id = $"task-{n}",
                                Type = "analyze",
                            }
                        )
                    ).TaskId
                )
        );
        var host = facts
            .Entries.Where(e => e.TaskId == held3.TaskId)
            .Select(e => e.Fact)
            .OfType<TaskFact.RunStarted>()
            .Single()
            .Host;
        output.WriteLine($"killed: {host}");
        var victim = new[] { (one, "one"), (two, "two"), (three, "three") }
            .Single(s => s.Item2 == host)
            .Item1;
        var alive = victim == one ? two : one;
        var killed = TimeProvider.System.GetTimestamp();
        await victim.KillAsync();

        await using var after = new FactFollower(alive.Client);
        string[] all = [.. ids, held3.TaskId];
        var done = new HashSet<string>();
        await after.UntilAsync(
            "the end of all",
            Deadline,
            e => e.Fact is TaskFact.Delivered && done.Add(e.TaskId) && done.IsSupersetOf(all)
        );
        output.WriteLine(
            $"all done {TimeProvider.System.GetElapsedTime(killed).TotalSeconds:F1} s after the kill"
        );
        Assert.All(
            all,
            id => Assert.Single(after.Entries, e => e.TaskId == id && e.Fact is TaskFact.Delivered)
        );
        var doctor = await alive.Client.GetDoctorAsync();
        Assert.Equal("ok", doctor.Checks.Single(c => c.Name == "journal").Level);
        Assert.Equal(
            ("lost", 2),
            (
                (await alive.Client.ListHostsAsync()).Hosts.Single(h => h.Host == host).State
                    is "lost"
                        or "offline"
                    ? "lost"
                    : "online",
                (await alive.Client.GetStatusAsync()).Hosts.Count
            )
        );
    }

    [Fact]
    public async Task What_a_killed_host_ran_does_not_wait_for_the_end_of_its_lease()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        var one = Silo(database, "one", "control,runner", "--Runner:Lease=00:05:00");
        await using var two = Silo(database, "two", "control,runner", "--Runner:Lease=00:05:00");
        await one.StartAsync();
        var task = await one.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"hang","attempt":1},{"do":"say","text":"done"}""",
                type: "analyze"
            )
        );
        await FactWait.SeenAsync(one, task.TaskId, f => f is TaskFact.AgentStarted);
        await two.StartAsync();

        await one.KillAsync();

        // Its lease holds for five minutes; the connection that showed its life is gone at once.
        var lost = (TaskFact.RetryScheduled)
            await FactWait.SeenAsync(two, task.TaskId, f => f is TaskFact.RetryScheduled);
        await FactWait.SeenAsync(two, task.TaskId, f => f is TaskFact.Delivered);
        Assert.Equal((ErrorClass.HostLost, false), (lost.ErrorClass, lost.CountsAsTry));
        await one.DisposeAsync();
    }

    [Fact]
    public async Task When_all_silos_died_at_once_the_next_that_starts_waits_for_none_of_them()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var one = await StartAsync(database, "one", "control,runner");
        await using var two = await StartAsync(database, "two", "control,runner");
        await Task.WhenAll(one.KillAsync(), two.KillAsync());
        two.SaidFile = Path.Combine(two.Data, "said.txt");

        await two.StartAsync();

        Assert.Contains(
            "is marked dead before this silo joins",
            await File.ReadAllTextAsync(two.SaidFile),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "ok",
            (await two.Client.GetDoctorAsync()).Checks.Single(c => c.Name == "journal").Level
        );
    }

    [Fact]
    public async Task What_the_store_refuses_on_another_silo_is_told_as_such_and_its_task_is_offered_a_slot_again()
    {
        const int tasks = 6;
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var one = Silo(database, "one", "control,runner", $"--Runner:Slots={tasks}");
        await one.StartAsync();
        await using var two = await StartAsync(database, "two", "control");
        await one.Client.DrainAsync("one");
        var ids = new List<string>();
        foreach (var n in Enumerable.Range(0, tasks))
        {
            var task = await one.Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze") with
                {
                    Id = $"refused-{n}",
                }
            );
            ids.Add(task.TaskId);
        }
        foreach (var id in ids)
        {
            await FactWait.SeenAsync(one, id, f => f is TaskFact.PlanMade);
        }
        await PostgresServer.ExecuteAsync(
            database,
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON fact FOR EACH ROW
              WHEN (NEW.task_id LIKE 'refused-%') EXECUTE FUNCTION refuse();
            """
        );

        // Half of them live on the other silo, whichever is asked.
        foreach (var (silo, id) in ids.SelectMany(id => new[] { (one, id), (two, id) }))
        {
            var told = await Assert.ThrowsAsync<OrchestratorException>(() =>
                silo.Client.ActAsync(id, "cancel")
            );
            Assert.Equal(FailureCodes.StorageFailed, told.Failure?.Code);
        }
        await one.Client.DrainAsync("one", drained: false);
        foreach (var id in ids)
        {
            await await Task.WhenAny(
                ((SiloProcess[])[one, two]).Select(silo =>
                    silo.LoggedAsync(
                        line =>
                            line.Contains($"Task {id} could not be told", StringComparison.Ordinal),
                        "an offer that was not taken"
                    )
                )
            );
        }
        await PostgresServer.ExecuteAsync(database, "DROP TRIGGER refuse ON fact");

        foreach (var id in ids)
        {
            await FactWait.SeenAsync(one, id, f => f is TaskFact.Delivered);
        }
    }

    [Fact]
    public async Task A_second_host_of_a_living_ones_name_is_refused_and_the_first_goes_on()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var first = await StartAsync(database, "same", "control,runner");
        var second = Silo(database, "same", "control,runner");

        Assert.False(await second.TryStartAsync());

        Assert.Contains(
            "Another host named 'same' lives",
            second.LastWords,
            StringComparison.Ordinal
        );
        Assert.Equal("online", Assert.Single((await first.Client.ListHostsAsync()).Hosts).State);
    }

    [Fact]
    public async Task Silos_do_not_talk_over_a_network_in_the_clear_unless_told_to()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        var silo = Silo(database, "open", "control", "--Cluster:Address=0.0.0.0");

        Assert.False(await silo.TryStartAsync());

        Assert.Contains("Cluster:AllowPlaintext", silo.LastWords, StringComparison.Ordinal);
    }

    private static SiloProcess Silo(
        string database,
        string host,
        string roles,
        params string[] more
    ) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            [
                "--Cluster:ConnectionString=" + database,
                "--Cluster:SiloPort=0",
                "--Cluster:Roles=" + roles,
                "--Runner:Host=" + host,
                "--Runner:Slots=1",
                .. more,
            ]
        );

    private static async Task<SiloProcess> StartAsync(string database, string host, string roles)
    {
        var silo = Silo(database, host, roles);
        await silo.StartAsync();
        return silo;
    }
}
