using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

public sealed class WaitExplainerTests
{
    private static readonly HostCapacity Linux = new("tux", 1, 2, ["os=linux", "pool=a"]);
    private static readonly HostCapacity Windows = new("win", 1, 2, ["os=windows", "pool=b"]);

    [Fact]
    public void A_label_that_no_host_offers_is_named_with_those_that_are()
    {
        var pool = With([Linux, Windows], "OS=LINUX", "pool=backnd");

        Assert.Equal(
            new QueueExplanation(
                1,
                "No living host offers the label 'pool=backnd'. Offered: os=linux, os=windows, pool=a, pool=b. Start a host with it (Runner:Labels), or cancel the task and submit it with another label."
            ),
            WaitExplainer.Explain(pool, "t")
        );
        Assert.Null(pool.Next());
    }

    [Fact]
    public void Labels_that_no_single_host_offers_together_are_named() =>
        Assert.StartsWith(
            "No single living host offers 'os=linux', 'pool=b' together.",
            WaitExplainer.Explain(With([Linux, Windows], "os=linux", "pool=b"), "t").Reason,
            StringComparison.Ordinal
        );

    [Fact]
    public void Drained_hosts_are_named_whether_all_are_or_only_those_that_would_do()
    {
        var pool = With([Linux, Windows], "os=linux");
        pool.Drain("tux", on: true);
        Assert.Equal(
            "Every host with its labels is drained (tux). 'orchestrator undrain' lets them take work again.",
            WaitExplainer.Explain(pool, "t").Reason
        );

        pool = With([Linux, Windows]);
        pool.Drain("tux", on: true);
        Assert.StartsWith(
            "0 tasks are ahead",
            WaitExplainer.Explain(pool, "t").Reason,
            StringComparison.Ordinal
        );
        pool.Drain("win", on: true);
        Assert.Equal(
            "Every host is drained (tux, win). 'orchestrator undrain' lets them take work again.",
            WaitExplainer.Explain(pool, "t").Reason
        );
    }

    [Fact]
    public void Without_a_host_and_in_an_emergency_stop_that_is_what_it_waits_for()
    {
        var pool = With([]);
        Assert.Equal(
            "No runner host is registered. Start one ('orchestrator serve').",
            WaitExplainer.Explain(pool, "t").Reason
        );

        pool.Stopped = true;
        Assert.Equal(
            "An emergency stop holds all work. 'orchestrator estop --release' lets it go on.",
            WaitExplainer.Explain(pool, "t").Reason
        );
    }

    [Fact]
    public void What_does_not_wait_has_no_place()
    {
        var pool = With([Linux]);
        Assert.Equal(
            new QueueExplanation(0, "It does not wait for a slot."),
            WaitExplainer.Explain(pool, "other")
        );
        pool.Next();
        Assert.Equal(
            new QueueExplanation(0, "It holds a slot of host tux."),
            WaitExplainer.Explain(pool, "t")
        );
    }

    [Fact]
    public void Nobody_is_offered_a_slot_while_everything_is_stopped()
    {
        var pool = With([Linux]);
        pool.Stopped = true;
        Assert.Null(pool.Next());

        pool.Stopped = false;
        Assert.Equal("t", pool.Next()!.Value.Ticket.TaskId);
    }

    [Fact]
    public void The_host_with_the_smallest_part_of_its_slots_taken_is_next()
    {
        var pool = new SlotPool(new SlotRules(100));
        pool.Register(new HostCapacity("big", 1, 4, []));
        pool.Register(new HostCapacity("small", 1, 2, []));
        for (var i = 0; i < 7; i++)
        {
            pool.Join(Ticket($"t{i}"));
        }

        var hosts = Enumerable.Range(0, 7).Select(_ => pool.Next()?.Host.Host);

        Assert.Equal(["big", "small", "big", "big", "small", "big", null], hosts);
    }

    private static SlotPool With(IReadOnlyList<HostCapacity> hosts, params string[] labels)
    {
        var pool = new SlotPool(new SlotRules(100));
        foreach (var host in hosts)
        {
            pool.Register(host);
        }
        pool.Join(Ticket("t", labels));
        return pool;
    }

    private static QueueTicket Ticket(string task, params string[] labels) =>
        new(task, 1, TaskPriority.Medium, "ann", "", DateTimeOffset.UnixEpoch, labels);
}
