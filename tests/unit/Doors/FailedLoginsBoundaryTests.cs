using Orchestrator.Decisions.Doors;
using Xunit;

namespace Orchestrator.UnitTests.Doors;

/// <summary>A minute ends at its sixtieth second, an hour at its last minute, and a clock that goes back opens a new minute.</summary>
public sealed class FailedLoginsBoundaryTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    // Two wrong ones; the address was blocked once, and that is over.
    private static readonly FailedLogins Counting = new(2, Now, 1, Now.AddMinutes(-5));

    [Theory]
    [InlineData(0, 3, 0)]
    [InlineData(1, 3, 0)]
    [InlineData(59_999, 3, 0)]
    [InlineData(60_000, 1, 60_000)]
    [InlineData(60_001, 1, 60_001)]
    [InlineData(-1, 1, -1)]
    [InlineData(-60_000, 1, -60_000)]
    public void What_came_within_a_minute_is_counted_together(
        int milliseconds,
        int count,
        int since
    ) =>
        Assert.Equal(
            Counting with
            {
                Count = count,
                Since = Now.AddMilliseconds(since),
            },
            FailedLogins.After(Counting, Now.AddMilliseconds(milliseconds), max: 5)
        );

    [Fact]
    public void After_a_block_the_count_begins_anew()
    {
        var blocked = Counting with { Count = 9, BlockedUntil = Now.AddSeconds(10) };

        Assert.Equal(blocked, FailedLogins.After(blocked, Now.AddMilliseconds(9_999), max: 5));
        Assert.Equal(
            blocked with
            {
                Count = 1,
                Since = Now.AddSeconds(10),
            },
            FailedLogins.After(blocked, Now.AddSeconds(10), max: 5)
        );
    }

    [Fact]
    public void The_first_one_begins_a_minute()
    {
        Assert.Equal(
            new FailedLogins(1, Now, 0, DateTimeOffset.MinValue),
            FailedLogins.After(null, Now, max: 1)
        );
        Assert.Equal(
            new FailedLogins(1, Now, 1, Now.AddMinutes(1)),
            FailedLogins.After(null, Now, max: 0)
        );
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(5, 32)]
    [InlineData(6, 60)]
    [InlineData(16, 60)]
    [InlineData(17, 60)]
    [InlineData(1_000, 60)]
    public void A_block_is_twice_the_one_before_and_at_most_an_hour(int blocks, int minutes)
    {
        var after = FailedLogins.After(Counting with { Blocks = blocks }, Now, max: 2);

        Assert.Equal((blocks + 1, Now.AddMinutes(minutes)), (after.Blocks, after.BlockedUntil));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void One_more_than_the_limit_is_blocked(int count, bool blocked) =>
        Assert.Equal(
            blocked,
            FailedLogins.After(Counting with { Count = count }, Now, max: 3).IsBlocked(Now)
        );

    [Theory]
    // never blocked: a minute after the first
    [InlineData(0, 0, false)]
    [InlineData(0, 59_999, false)]
    [InlineData(0, 60_000, true)]
    [InlineData(0, 60_001, true)]
    // blocked before: an hour after the block
    [InlineData(1, 60_000, false)]
    [InlineData(1, 3_299_999, false)]
    [InlineData(1, 3_300_000, true)]
    public void It_is_over_when_nothing_of_it_matters(int blocks, int milliseconds, bool over) =>
        Assert.Equal(
            over,
            (Counting with { Blocks = blocks }).IsOver(Now.AddMilliseconds(milliseconds))
        );

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_block_ends_at_its_instant(int milliseconds, bool blocked)
    {
        var logins = Counting with { BlockedUntil = Now.AddHours(2), Since = Now };
        var then = Now.AddHours(2).AddMilliseconds(milliseconds);

        Assert.Equal(blocked, logins.IsBlocked(then));
        Assert.False(logins.IsOver(then));
    }

    [Theory]
    [InlineData(-5_000, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(1_000, 1)]
    [InlineData(1_001, 2)]
    [InlineData(59_001, 60)]
    [InlineData(60_000, 60)]
    public void The_seconds_that_are_left_are_whole_and_at_least_one(
        int milliseconds,
        int seconds
    ) =>
        Assert.Equal(
            seconds,
            (Counting with { BlockedUntil = Now.AddMilliseconds(milliseconds) }).SecondsLeft(Now)
        );
}
