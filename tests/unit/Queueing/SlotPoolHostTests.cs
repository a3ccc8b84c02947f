using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

public sealed class SlotPoolHostTests
{
    private static readonly HostCapacity Box = new("box", 3, 1, []);

    [Fact]
    public void A_drained_host_is_offered_nothing_and_keeps_what_it_runs()
    {
        var pool = With("one", "two");
        Assert.Equal("one", pool.Next()!.Value.Ticket.TaskId);
        pool.Settle("one", "box", taken: true);

        Assert.True(pool.Drain("BOX", on: true));
        Assert.False(pool.Drain("box", on: true));
        Assert.Equal(["BOX"], pool.Drained);
        Assert.Equal("box", pool.HostOf("one"));
        pool.Leave("one");
        Assert.Null(pool.Next());

        Assert.True(pool.Drain("box", on: false));
        Assert.Equal("two", pool.Next()!.Value.Ticket.TaskId);
    }

    [Fact]
    public void A_dead_host_is_offered_nothing_until_its_next_epoch()
    {
        var pool = With("one");
        pool.Gone("box", 2);
        Assert.Equal(1, pool.Hosts);

        pool.Gone("box", 3);
        Assert.Null(pool.Next());
        pool.Register(Box with { Epoch = 4 });

        Assert.Equal(4, pool.Next()!.Value.Host.Epoch);
    }

    private static SlotPool With(params string[] tasks)
    {
        var pool = new SlotPool(new SlotRules(100));
        pool.Register(Box);
        foreach (var task in tasks)
        {
            pool.Join(
                new QueueTicket(
                    task,
                    1,
                    TaskPriority.Medium,
                    "ann",
                    "",
                    DateTimeOffset.UnixEpoch,
                    []
                )
            );
        }
        return pool;
    }
}
