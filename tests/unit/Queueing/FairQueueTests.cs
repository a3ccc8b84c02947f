using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

public sealed class FairQueueTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void D8_High_overtakes_waiting_low()
    {
        var queue = new FairQueue();
        queue.Add(Ticket("low", TaskPriority.Low));
        queue.Add(Ticket("high", TaskPriority.High));

        Assert.Equal("high", queue.Take([])!.TaskId);
    }

    [Fact]
    public void Two_requesters_take_turns_however_many_tasks_one_has()
    {
        var queue = new FairQueue();
        for (var i = 0; i < 100; i++)
        {
            queue.Add(Ticket("a" + i, TaskPriority.Medium, "ann"));
        }
        for (var i = 0; i < 3; i++)
        {
            queue.Add(Ticket("b" + i, TaskPriority.Medium, "bob"));
        }

        var first = Enumerable.Range(0, 6).Select(_ => queue.Take([])!.Requester).ToList();

        Assert.Equal(3, first.Count(r => r == "bob"));
    }

    [Fact]
    public void The_lowest_lane_gets_at_least_every_sixteenth_slot()
    {
        var queue = new FairQueue();
        queue.Add(Ticket("low", TaskPriority.Low));
        for (var i = 0; i < 40; i++)
        {
            queue.Add(Ticket("h" + i, TaskPriority.High));
        }

        var served = Enumerable
            .Range(0, FairQueue.StarvationGuard)
            .Select(_ => queue.Take([])!.TaskId)
            .ToList();

        Assert.Contains("low", served);
    }

    [Fact]
    public void A_ticket_waits_for_a_host_with_its_labels_and_stalls_nobody_behind_it()
    {
        var queue = new FairQueue();
        queue.Add(Ticket("win", TaskPriority.High) with { Labels = ["os=windows"] });
        queue.Add(Ticket("any", TaskPriority.High));

        Assert.Equal("any", queue.Take(["os=linux"])!.TaskId);
        Assert.Null(queue.Take(["os=linux"]));
        Assert.Equal("win", queue.Take(["os=windows"])!.TaskId);
    }

    [Fact]
    public void Joining_twice_keeps_the_first_place_and_a_later_turn_replaces_it()
    {
        var queue = new FairQueue();

        Assert.True(queue.Add(Ticket("t", TaskPriority.Low)));
        Assert.False(queue.Add(Ticket("t", TaskPriority.High)));
        Assert.True(queue.Add(Ticket("t", TaskPriority.High) with { Turn = 2 }));
        Assert.Equal(1, queue.Count);
        Assert.Equal(2, queue.Take([])!.Turn);
    }

    [Fact]
    public void The_oldest_and_the_number_are_known_of_all_and_of_each_lane()
    {
        var queue = new FairQueue();
        Assert.Null(queue.OldestSince);
        Assert.Null(queue.OldestSinceOf(TaskPriority.Low));

        queue.Add(Ticket("l2", TaskPriority.Low) with { Since = Now.AddSeconds(2) });
        queue.Add(Ticket("l1", TaskPriority.Low) with { Since = Now.AddSeconds(1) });
        queue.Add(Ticket("h3", TaskPriority.High) with { Since = Now.AddSeconds(3) });

        Assert.Equal(Now.AddSeconds(1), queue.OldestSince);
        Assert.Equal(Now.AddSeconds(1), queue.OldestSinceOf(TaskPriority.Low));
        Assert.Equal(Now.AddSeconds(3), queue.OldestSinceOf(TaskPriority.High));
        Assert.Null(queue.OldestSinceOf(TaskPriority.Medium));
        Assert.Equal(
            (2, 0, 1),
            (
                queue.CountOf(TaskPriority.Low),
                queue.CountOf(TaskPriority.Medium),
                queue.CountOf(TaskPriority.High)
            )
        );
    }

    [Fact]
    public void Ahead_are_the_higher_lanes_and_the_older_of_its_own()
    {
        var queue = new FairQueue();
        queue.Add(Ticket("high", TaskPriority.High) with { Since = Now.AddSeconds(9) });
        queue.Add(Ticket("old", TaskPriority.Medium) with { Since = Now.AddSeconds(1) });
        queue.Add(Ticket("own", TaskPriority.Medium) with { Since = Now.AddSeconds(2) });
        queue.Add(Ticket("same", TaskPriority.Medium) with { Since = Now.AddSeconds(2) });
        queue.Add(Ticket("young", TaskPriority.Medium) with { Since = Now.AddSeconds(3) });
        queue.Add(Ticket("low", TaskPriority.Low) with { Since = Now });

        Assert.Equal(
            [0, 1, 2, 2, 4, 5, -1],
            ((string[])["high", "old", "own", "same", "young", "low", "nobody"]).Select(queue.Ahead)
        );
    }

    [Fact]
    public void Who_comes_late_has_no_turns_to_make_up_for()
    {
        var queue = new FairQueue();
        for (var i = 0; i < 10; i++)
        {
            queue.Add(Ticket("a" + i, TaskPriority.Medium, "ann"));
        }
        for (var i = 0; i < 5; i++)
        {
            queue.Take([]);
        }
        for (var i = 0; i < 5; i++)
        {
            queue.Add(Ticket("b" + i, TaskPriority.Medium, "bob"));
        }

        var first = Enumerable.Range(0, 4).Select(_ => queue.Take([])!.Requester).ToList();

        Assert.Equal(2, first.Count(r => r == "bob"));
    }

    [Fact]
    public void Who_waited_equally_is_served_by_name()
    {
        var queue = new FairQueue();
        queue.Add(Ticket("b", TaskPriority.Medium, "bob"));
        queue.Add(Ticket("a", TaskPriority.Medium, "ann"));

        Assert.Equal("a", queue.Take([])!.TaskId);
    }

    [Fact]
    public void Who_leaves_is_gone_and_nobody_else()
    {
        var queue = new FairQueue();
        queue.Add(Ticket("one", TaskPriority.Medium));
        queue.Add(Ticket("two", TaskPriority.Medium));

        Assert.True(queue.Remove("one"));
        Assert.False(queue.Remove("one"));

        Assert.Equal("two", queue.Take([])!.TaskId);
        Assert.Null(queue.Take([]));
        Assert.Equal(0, queue.Count);
    }

    private static QueueTicket Ticket(string id, TaskPriority priority, string requester = "ann") =>
        new(id, 1, priority, requester, "/r", Now, []);
}
