using CsCheck;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

public sealed class SlotPoolTests
{
    private static readonly HostCapacity Host = new("a", 1, 1, []);

    [Fact]
    public void A_join_during_an_offer_neither_frees_the_slot_nor_offers_another()
    {
        var pool = Offered();

        pool.Join(Ticket("t"));

        Assert.Equal((1, 0), (pool.SlotsUsed, pool.Waiting.Count));
        Assert.Null(pool.Next());
        pool.Settle("t", "a", true);
        Assert.Equal("a", pool.HostOf("t"));
        Assert.Null(pool.Next());
    }

    [Fact]
    public void A_refused_offer_frees_the_slot_and_who_joined_meanwhile_waits_again()
    {
        var pool = Offered();
        pool.Join(Ticket("t"));

        pool.Settle("t", "a", false);

        Assert.Null(pool.HostOf("t"));
        Assert.Equal("t", pool.Next()!.Value.Ticket.TaskId);
        pool.Settle("t", "a", false);
        Assert.Null(pool.Next());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_offer_without_an_answer_keeps_its_slot_until_somebody_looked(bool holds)
    {
        var pool = Offered();

        pool.Settle("t", "a", null);
        Assert.Equal([("t", "a")], pool.Unsure);
        Assert.Equal(1, pool.SlotsUsed);

        pool.Confirm("t", holds);
        Assert.Empty(pool.Unsure);
        Assert.Equal(holds ? 1 : 0, pool.SlotsUsed);
    }

    [Fact]
    public void Who_left_during_an_offer_holds_nothing_afterwards()
    {
        var pool = Offered();

        pool.Leave("t");
        pool.Settle("t", "a", true);

        Assert.Equal((0, 0), (pool.SlotsUsed, pool.Admitted));
    }

    [Fact]
    public void A_place_is_reserved_once_and_no_more_than_there_are()
    {
        var pool = new SlotPool(new SlotRules(2));

        Assert.True(pool.Admit("a"));
        Assert.True(pool.Admit("a"));
        Assert.True(pool.Admit("b"));
        Assert.False(pool.Admit("c"));
        Assert.True(pool.Admit("b"));
        pool.Leave("a");
        Assert.True(pool.Admit("c"));
        Assert.Equal((2, 2), (pool.Admitted, pool.SizeMax));
    }

    [Fact]
    public void A_slot_that_is_offered_gives_the_place_back()
    {
        var pool = new SlotPool(new SlotRules(1));
        pool.Admit("t");
        pool.Register(Host);
        pool.Join(Ticket("t"));

        pool.Next();

        Assert.Equal(0, pool.Admitted);
    }

    [Fact]
    public void A_host_that_begins_anew_loses_what_it_ran_and_a_repeat_or_a_late_word_loses_nothing()
    {
        var pool = Offered();
        pool.Settle("t", "a", true);

        Assert.Empty(pool.Register(Host));
        Assert.Equal(["t"], pool.Register(Host with { Epoch = 2 }));
        Assert.Empty(pool.Register(Host));
        Assert.Empty(pool.Register(Host with { Epoch = 2, Slots = 3 }));
        Assert.Equal((3, 1), (pool.SlotsTotal, pool.Hosts));
    }

    [Fact]
    public void A_restored_slot_is_taken_and_its_host_is_asked_about_it()
    {
        var pool = new SlotPool(new SlotRules(10));
        pool.RestoreSlot("t", new SlotHolder("A", TaskPriority.Medium, "", []));
        pool.RestoreAdmitted("u");
        pool.Join(Ticket("u"));

        Assert.Equal(["t"], pool.Register(Host));
        Assert.Null(pool.Next());
        pool.Leave("t");
        Assert.Equal("u", pool.Next()!.Value.Ticket.TaskId);
    }

    [Fact]
    public void Capacity_is_never_passed_whatever_happens() =>
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 9], Gen.Int[0, 2])
            .Array[1, 60]
            .Sample(
                steps =>
                {
                    var pool = new SlotPool(new SlotRules(6));
                    HostCapacity[] hosts =
                    [
                        new("a", 1, 2, []),
                        new("b", 1, 1, []),
                        new("c", 1, 0, []),
                    ];
                    foreach (var (what, who, where) in steps)
                    {
                        var task = "t" + who;
                        Step(pool, what, task, hosts[where]);
                        foreach (var host in hosts)
                        {
                            var held = 0;
                            for (var i = 0; i < 10; i++)
                            {
                                held += pool.HostOf("t" + i) == host.Host ? 1 : 0;
                            }
                            Assert.True(held <= host.Slots, $"{host.Host} holds {held}");
                        }
                    }
                },
                iter: 10_000
            );

    private static void Step(SlotPool pool, int what, string task, HostCapacity host)
    {
        switch (what)
        {
            case 0:
                pool.Register(host);
                break;
            case 1 or 2:
                pool.Join(Ticket(task));
                break;
            case 3:
                pool.Leave(task);
                break;
            case 4:
                pool.Next();
                break;
            case 5:
                pool.Settle(task, pool.HostOf(task) ?? "a", true);
                break;
            case 6:
                pool.Settle(task, pool.HostOf(task) ?? "a", task[1] % 2 == 0 ? null : false);
                break;
            default:
                pool.Confirm(task, task[1] % 2 == 0);
                break;
        }
    }

    [Fact]
    public void Who_joins_holds_a_place_and_who_waits_again_holds_no_slot()
    {
        var pool = Offered();
        pool.Settle("t", "a", true);
        Assert.Equal((0, 1), (pool.Admitted, pool.SlotsUsed));

        pool.Join(Ticket("t"));

        Assert.Equal((1, 0, 1), (pool.Admitted, pool.SlotsUsed, pool.Waiting.Count));
    }

    [Fact]
    public void Who_leaves_waits_no_more()
    {
        var pool = new SlotPool(new SlotRules(10));
        pool.Join(Ticket("t"));

        pool.Leave("t");

        Assert.Equal((0, 0), (pool.Admitted, pool.Waiting.Count));
        pool.Register(Host);
        Assert.Null(pool.Next());
    }

    [Fact]
    public void A_late_answer_of_an_offer_that_is_over_changes_nothing()
    {
        var pool = Offered();
        pool.Settle("t", "a", true);

        // The answer of an earlier offer, of another host, or one that came twice.
        pool.Settle("t", "b", false);
        pool.Settle("t", "a", false);
        pool.Settle("t", "a", null);

        Assert.Equal("a", pool.HostOf("t"));
        Assert.Empty(pool.Unsure);
    }

    [Fact]
    public void An_answer_of_another_host_settles_nothing_of_this_one()
    {
        var pool = Offered();

        pool.Settle("t", "b", false);

        Assert.Equal("a", pool.HostOf("t"));
    }

    [Fact]
    public void A_slot_that_was_unsure_is_sure_of_nothing_once_it_is_given_back()
    {
        var pool = Offered();
        pool.Settle("t", "a", null);

        pool.Leave("t");

        Assert.Empty(pool.Unsure);
        pool.Join(Ticket("t"));
        Assert.Equal(1, pool.Waiting.Count);
        Assert.Equal("a", pool.Next()!.Value.Host.Host);
    }

    [Fact]
    public void Names_are_listed_in_order_and_the_slots_of_an_account_are_counted_over_its_hosts()
    {
        var pool = new SlotPool(new SlotRules(10)) { Now = DateTimeOffset.UnixEpoch.AddHours(1) };
        pool.Drain("b", on: true);
        pool.Drain("a", on: true);
        Assert.Equal(["a", "b"], pool.Drained);

        UsageWindow Window(string account, long version, bool closed = false) =>
            new(account, version, closed ? pool.Now.AddMinutes(5) : null, false);
        pool.SetUsage(Window("y", 1));
        pool.SetUsage(Window("x", 2));
        Assert.Equal(["x", "y"], pool.Accounts.Select(a => a.Account));
        // The same version again, or an older one, is no news.
        pool.SetUsage(Window("x", 2, closed: true));
        pool.SetUsage(Window("x", 1, closed: true));
        Assert.Null(pool.Accounts[0].ClosedUntil);
        pool.SetUsage(Window("x", 3, closed: true));
        Assert.NotNull(pool.Accounts[0].ClosedUntil);
    }

    private static SlotPool Offered()
    {
        var pool = new SlotPool(new SlotRules(10));
        pool.Register(Host);
        pool.Join(Ticket("t"));
        Assert.Equal(("t", "a"), (pool.Next()!.Value.Ticket.TaskId, pool.HostOf("t")));
        return pool;
    }

    private static QueueTicket Ticket(string task) =>
        new(task, 1, TaskPriority.Medium, "ann", "/r", DateTimeOffset.UnixEpoch, []);
}
