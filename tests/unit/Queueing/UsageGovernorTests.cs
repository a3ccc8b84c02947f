using CsCheck;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

public sealed class UsageGovernorTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly UsageWindow Open = UsageGovernor.Open("team");

    [Fact]
    public void A_reset_time_that_was_told_closes_the_account_until_then()
    {
        var closed = UsageGovernor.Reached(Open, Now.AddHours(3), Now);

        Assert.Equal(new UsageWindow("team", 1, Now.AddHours(3), false), closed);
        Assert.Same(closed, UsageGovernor.Reached(closed, Now.AddHours(3), Now.AddMinutes(1)));
        Assert.Equal(
            new UsageWindow("team", 2, Now.AddHours(1), false),
            UsageGovernor.Reached(closed, Now.AddHours(1), Now.AddMinutes(1))
        );
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(8 * 86_400 + 1)]
    public void An_end_that_is_unknown_past_or_absurd_is_guessed(int? seconds)
    {
        var closed = UsageGovernor.Reached(Open, seconds is { } s ? Now.AddSeconds(s) : null, Now);

        Assert.Equal(
            (Now.AddMinutes(30), true, 1),
            (closed.ClosedUntil!.Value, closed.Guessed, closed.Guesses)
        );
    }

    [Fact]
    public void The_longest_believed_end_is_eight_days_ahead() =>
        Assert.Equal(Now.AddDays(8), UsageGovernor.Reached(Open, Now.AddDays(8), Now).ClosedUntil);

    [Fact]
    public void Guesses_double_to_four_hours_and_neighbours_of_one_limit_count_once()
    {
        var window = Open;
        var now = Now;
        var pauses = new List<double>();
        for (var n = 0; n < 20; n++)
        {
            window = UsageGovernor.Reached(window, null, now);
            Assert.Same(window, UsageGovernor.Reached(window, null, now.AddSeconds(1)));
            pauses.Add((window.ClosedUntil!.Value - now).TotalMinutes);
            now = window.ClosedUntil.Value;
        }

        Assert.Equal([30, 60, 120, 240, 240], pauses.Take(5));
        Assert.All(pauses.Skip(4), p => Assert.Equal(240, p));
        Assert.Equal(16, window.Guesses);
        Assert.Equal(20, window.Version);
    }

    [Fact]
    public void Work_opens_it_and_forgets_the_guesses()
    {
        var guessed = UsageGovernor.Reached(Open, null, Now);

        var worked = UsageGovernor.Worked(guessed);

        Assert.Equal(new UsageWindow("team", 2, null, false), worked);
        Assert.Same(worked, UsageGovernor.Worked(worked));
    }

    [Fact]
    public void Who_may_begin_follows_from_window_use_and_time()
    {
        var told = UsageGovernor.Reached(Open, Now.AddHours(1), Now);
        var guessed = UsageGovernor.Reached(Open, null, Now);

        Assert.True(UsageGovernor.MayBegin(null, 3, Now));
        Assert.True(UsageGovernor.MayBegin(Open, 3, Now));
        Assert.False(UsageGovernor.MayBegin(told, 0, Now.AddHours(1).AddTicks(-1)));
        Assert.True(UsageGovernor.MayBegin(told, 3, Now.AddHours(1)));
        Assert.False(UsageGovernor.MayBegin(guessed, 0, Now.AddMinutes(30).AddTicks(-1)));
        Assert.True(UsageGovernor.MayBegin(guessed, 0, Now.AddMinutes(30)));
        Assert.False(UsageGovernor.MayBegin(guessed, 1, Now.AddMinutes(30)));
    }

    [Fact]
    public void Whatever_comes_the_version_only_grows_and_a_closed_account_opens_within_the_longest_limit() =>
        Gen.Select(Gen.Bool, Gen.Int[-100, 2_000_000], Gen.Int[0, 100_000])
            .Array[0, 30]
            .Sample(steps =>
            {
                var (window, now) = (Open, Now);
                foreach (var (works, reset, passes) in steps)
                {
                    var before = window;
                    now = now.AddSeconds(passes);
                    window = works
                        ? UsageGovernor.Worked(window)
                        : UsageGovernor.Reached(window, now.AddSeconds(reset), now);
                    Assert.True(
                        ReferenceEquals(window, before) || window.Version == before.Version + 1
                    );
                    Assert.True(
                        window.ClosedUntil is not { } until
                            || until <= now + UsageGovernor.BelievedMax
                    );
                }
            });

    [Fact]
    public void Hosts_of_a_limited_account_get_nothing_and_those_of_another_go_on()
    {
        var pool = Pool(("a1", "team"), ("a2", "team"), ("b", "other"));
        pool.SetUsage(UsageGovernor.Reached(Open, Now.AddHours(1), Now));

        Assert.Equal(["b", null], Hosts(pool, 2));
        Assert.Contains(
            "1 of 3 slots are taken. It starts when one is free.",
            WaitExplainer.Explain(pool, "t3").Reason,
            StringComparison.Ordinal
        );

        pool.Now = Now.AddHours(1);
        Assert.Equal(["a1", "a2", null], Hosts(pool, 3));
    }

    [Fact]
    public void After_a_guess_one_run_goes_first_and_the_others_follow_its_work()
    {
        var pool = Pool(("a1", "team"), ("a2", "team"));
        var guessed = UsageGovernor.Reached(Open, null, Now);
        pool.SetUsage(guessed);
        Assert.Equal(
            "The usage limit of agent account 'team' is reached, and nobody said until when: one run tries it at 2026-11-25 12:30:00Z. 'orchestrator accounts open team' lets all go on now.",
            WaitExplainer.Explain(pool, "t0").Reason
        );

        pool.Now = Now.AddMinutes(30);
        Assert.Equal(["a1", null], Hosts(pool, 2));
        Assert.StartsWith(
            "The usage limit of agent account 'team' may have ended: one run tries it",
            WaitExplainer.Explain(pool, "t1").Reason,
            StringComparison.Ordinal
        );

        pool.SetUsage(UsageGovernor.Worked(guessed));
        pool.SetUsage(guessed); // a late word of a host that knows the older one
        Assert.Equal(["a2", null], Hosts(pool, 2));
    }

    [Fact]
    public void A_told_end_is_explained_and_brought_by_any_host_of_the_account()
    {
        var pool = Pool(("a1", "team"), ("a2", "team"));
        var told = UsageGovernor.Reached(Open, Now.AddHours(1), Now);

        pool.Register(Host("a2", "team") with { Usage = told });

        Assert.Equal([null], Hosts(pool, 1));
        Assert.Equal([told], pool.Accounts);
        Assert.Equal(
            "The usage limit of agent account 'team' is reached; its work goes on by itself at 2026-11-25 13:00:00Z. 'orchestrator accounts open team' lets it go on now.",
            WaitExplainer.Explain(pool, "t0").Reason
        );
    }

    private static HostCapacity Host(string name, string account) =>
        new(name, 1, 1, []) { Usage = UsageGovernor.Open(account) };

    private static string?[] Hosts(SlotPool pool, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => pool.Next()?.Host.Host)];

    private static SlotPool Pool(params (string Host, string Account)[] hosts)
    {
        var pool = new SlotPool(new SlotRules(100)) { Now = Now };
        foreach (var (host, account) in hosts)
        {
            pool.Register(Host(host, account));
        }
        for (var n = 0; n < 6; n++)
        {
            pool.Join(
                new QueueTicket($"t{n}", 1, TaskPriority.Medium, "ann", "", Now.AddSeconds(n), [])
            );
        }
        return pool;
    }
}
