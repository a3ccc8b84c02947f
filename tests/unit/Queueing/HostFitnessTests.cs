using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

public sealed class HostFitnessTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(256, 256, "")]
    [InlineData(-1, 256, "")]
    [InlineData(0, 0, "")]
    [InlineData(
        255,
        256,
        "Host box has 255 MiB of free disk and takes no runs below 256 MiB (Runner:DiskFreeMinMiB). Free some."
    )]
    public void A_host_takes_no_runs_below_its_least_free_disk(
        int freeMiB,
        int minMiB,
        string words
    ) =>
        Assert.Equal(
            words,
            HostFitness.DiskProblem("box", freeMiB < 0 ? -1 : freeMiB * MiB, minMiB * MiB)
        );

    [Fact]
    public void An_unfit_host_is_offered_nothing_and_its_reason_is_what_a_task_waits_for()
    {
        var pool = new SlotPool(new SlotRules(10));
        pool.Register(Host("full", problem: "Free some."));
        pool.Join(Ticket("t"));

        Assert.Null(pool.Next());
        Assert.Equal("Free some.", WaitExplainer.Explain(pool, "t").Reason);

        pool.Register(Host("roomy"));
        Assert.StartsWith(
            "0 tasks are ahead",
            WaitExplainer.Explain(pool, "t").Reason,
            StringComparison.Ordinal
        );
        Assert.Equal("roomy", pool.Next()?.Host.Host);
    }

    [Fact]
    public void A_run_goes_where_its_runner_works()
    {
        var pool = new SlotPool(new SlotRules(10));
        pool.Register(Host("a", broken: "claude-code"));
        pool.Register(Host("b"));
        pool.Join(Ticket("t1"));
        pool.Join(Ticket("t2"));
        pool.Join(Ticket("t3", runner: "scripted"));

        // Two of one slot each: the second of the agent's runs waits rather than fail on the broken host.
        Assert.Equal([("t3", "a"), ("t1", "b")], Offers(pool));
        pool.Leave("t1");
        Assert.Equal([("t2", "b")], Offers(pool));
    }

    [Fact]
    public void A_runner_that_works_nowhere_is_let_fail_at_once()
    {
        var pool = new SlotPool(new SlotRules(10));
        pool.Register(Host("a", broken: "claude-code"));
        pool.Register(Host("b", broken: "claude-code", labels: ["gpu"]));
        pool.Register(Host("c", problem: "Free some."));
        pool.Join(Ticket("t1"));

        Assert.Equal([("t1", "a")], Offers(pool));

        // "a" works meanwhile, but has not the label.
        pool.Register(Host("a", epoch: 2));
        pool.Leave("t1");
        pool.Join(Ticket("t2", labels: ["gpu"]));
        Assert.Equal([("t2", "b")], Offers(pool));
    }

    [Fact]
    public void A_host_that_says_nothing_of_itself_is_believed_able()
    {
        var silent = new HostCapacity("old", 1, 1, []);

        Assert.Equal("", HostFitness.Problem(silent));
        Assert.True(HostFitness.CanRun(silent, "claude-code"));
        Assert.True(HostFitness.CanRun(Host("x", broken: "claude-code"), "other"));
        Assert.False(HostFitness.CanRun(Host("x", broken: "claude-code"), "claude-code"));
    }

    private static List<(string, string)> Offers(SlotPool pool)
    {
        var offers = new List<(string, string)>();
        while (pool.Next() is { } next)
        {
            offers.Add((next.Ticket.TaskId, next.Host.Host));
            pool.Settle(next.Ticket.TaskId, next.Host.Host, true);
        }
        return offers;
    }

    private static HostCapacity Host(
        string name,
        long epoch = 1,
        string problem = "",
        string broken = "",
        IReadOnlyList<string>? labels = null
    ) =>
        new(name, epoch, 1, labels ?? [])
        {
            Health = new HostHealth(
                1,
                [
                    .. ((string[])["claude-code", "scripted"]).Select(k => new RunnerHealth(
                        k,
                        "1",
                        "",
                        k == broken ? "It is not installed." : "",
                        ""
                    )),
                ],
                problem
            ),
        };

    private static QueueTicket Ticket(
        string id,
        string runner = "claude-code",
        IReadOnlyList<string>? labels = null
    ) =>
        new(
            id,
            1,
            TaskPriority.Medium,
            "me",
            "",
            DateTimeOffset.UnixEpoch.AddSeconds(id[^1]),
            labels ?? []
        )
        {
            Runner = runner,
        };
}
