using CsCheck;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

/// <summary>Bounds of lanes, and tasks that would touch the same paths.</summary>
public sealed class SlotRulesTests
{
    private static readonly HostCapacity Host = new("h", 1, 4, []);

    [Fact]
    public void A_lane_holds_no_more_slots_than_it_may_and_others_pass_it()
    {
        var pool = Pool(
            new SlotRules(100)
            {
                LaneSlotsMax = new Dictionary<TaskPriority, int> { [TaskPriority.High] = 1 },
            }
        );
        pool.Join(Ticket("h1", TaskPriority.High));
        pool.Join(Ticket("h2", TaskPriority.High));
        pool.Join(Ticket("m", TaskPriority.Medium));

        Assert.Equal("h1", Take(pool));
        Assert.Equal("m", Take(pool));
        Assert.Null(Take(pool));
        Assert.Equal(
            "The lane High holds the 1 slots that it may (Queue:HighSlotsMax). It starts when one of them is free.",
            WaitExplainer.Explain(pool, "h2").Reason
        );
        pool.Leave("h1");
        Assert.Equal("h2", Take(pool));
    }

    [Fact]
    public void One_that_would_touch_the_same_waits_for_the_other_s_slot_and_is_told_which()
    {
        var pool = Pool(new SlotRules(100) { Overlap = OverlapMode.Serialise });
        pool.Join(Ticket("t", paths: ["src"]));
        pool.Join(Ticket("u", paths: ["src/a.cs"]));
        pool.Join(Ticket("elsewhere", repository: "/other", paths: ["src/a.cs"]));
        pool.Join(Ticket("apart", paths: ["docs"]));
        pool.Join(Ticket("unknown"));

        Assert.Equal(
            ["apart", "elsewhere", "t", "unknown"],
            new[] { Take(pool), Take(pool), Take(pool), Take(pool) }.Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            "Task t works on 'src/a.cs', which this one would touch too (Queue:Overlap). It starts when that task has let go of its slot.",
            WaitExplainer.Explain(pool, "u").Reason
        );
        pool.Leave("apart");
        Assert.Null(Take(pool));
        pool.Leave("t");
        Assert.Equal("u", Take(pool));
    }

    [Fact]
    public void What_the_work_has_shown_counts_and_a_restored_slot_too()
    {
        var pool = Pool(new SlotRules(100) { Overlap = OverlapMode.Serialise });
        pool.RestoreSlot("t", new SlotHolder("h", TaskPriority.Medium, "/r", ["docs"]));
        pool.Touched("t", ["docs", "src/a.cs"]);
        pool.Touched("gone", ["b"]);
        pool.Join(Ticket("u", paths: ["src"]));

        Assert.Null(Take(pool));
        pool.Touched("t", ["docs"]);
        Assert.Equal("u", Take(pool));
    }

    [Theory]
    [InlineData(OverlapMode.Flag)]
    [InlineData(OverlapMode.Off)]
    public void Nobody_waits_for_another_s_paths_when_they_are_only_flagged(OverlapMode mode)
    {
        var pool = Pool(new SlotRules(100) { Overlap = mode });
        pool.Join(Ticket("t", paths: ["a"]));
        pool.Join(Ticket("u", paths: ["a"]));

        Assert.Equal(("t", "u"), (Take(pool), Take(pool)));
    }

    [Fact]
    public void Whatever_comes_and_goes_no_two_of_one_repository_meet_and_everybody_runs() =>
        Gen.Select(
                Gen.OneOf("/r", "/s", ""),
                Gen.OneOf("a", "a/b", "a/c", "d").Array[0, 3],
                Gen.Int[0, 5]
            )
            .Array[1, 40]
            .Sample(
                tasks =>
                {
                    var pool = Pool(new SlotRules(100) { Overlap = OverlapMode.Serialise });
                    var claims = new Dictionary<string, (string Repository, string[] Paths)>();
                    var held = new List<string>();
                    var ran = 0;
                    void Fill()
                    {
                        while (Take(pool) is { } taken)
                        {
                            var own = claims[taken];
                            Assert.DoesNotContain(
                                held,
                                h =>
                                    claims[h].Repository == own.Repository
                                    && own.Repository.Length > 0
                                    && PathClaims.Shared(claims[h].Paths, own.Paths).Count > 0
                            );
                            held.Add(taken);
                            ran++;
                        }
                    }
                    for (var i = 0; i < tasks.Length; i++)
                    {
                        var (repository, paths, end) = tasks[i];
                        claims["t" + i] = (repository, paths);
                        pool.Join(Ticket("t" + i, repository: repository, paths: paths));
                        Fill();
                        if (end < held.Count)
                        {
                            pool.Leave(held[end]);
                            held.RemoveAt(end);
                            Fill();
                        }
                    }
                    while (held.Count > 0)
                    {
                        pool.Leave(held[0]);
                        held.RemoveAt(0);
                        Fill();
                    }
                    Assert.Equal(tasks.Length, ran);
                },
                iter: 500
            );

    private static SlotPool Pool(SlotRules rules)
    {
        var pool = new SlotPool(rules);
        pool.Register(Host);
        return pool;
    }

    private static string? Take(SlotPool pool)
    {
        if (pool.Next() is not { } next)
        {
            return null;
        }
        pool.Settle(next.Ticket.TaskId, next.Host.Host, taken: true);
        return next.Ticket.TaskId;
    }

    private static QueueTicket Ticket(
        string id,
        TaskPriority priority = TaskPriority.Medium,
        string repository = "/r",
        params IReadOnlyList<string> paths
    ) => new(id, 1, priority, "ann", repository, DateTimeOffset.UnixEpoch, []) { Paths = paths };
}
