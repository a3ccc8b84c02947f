using CsCheck;
using Orchestrator.Decisions.Doors;
using Xunit;

namespace Orchestrator.UnitTests.Doors;

public sealed class FailedLoginsTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    [Fact]
    public void One_more_than_the_limit_in_a_minute_begins_a_block_of_a_minute()
    {
        var logins = Wrong(null, Now, times: 3, max: 3);
        Assert.False(logins.IsBlocked(Now));

        logins = FailedLogins.After(logins, Now.AddSeconds(59), 3);
        Assert.True(logins.IsBlocked(Now.AddSeconds(59)));
        Assert.Equal(60, logins.SecondsLeft(Now.AddSeconds(59)));
        Assert.False(logins.IsBlocked(Now.AddSeconds(119)));
    }

    [Fact]
    public void Those_of_an_earlier_minute_do_not_count()
    {
        var logins = Wrong(null, Now, times: 3, max: 3);
        logins = Wrong(logins, Now.AddSeconds(60), times: 3, max: 3);
        Assert.Equal((3, 0), (logins.Count, logins.Blocks));
    }

    [Fact]
    public void Each_further_block_is_twice_as_long_up_to_an_hour()
    {
        FailedLogins? logins = null;
        var (now, lengths) = (Now, new List<double>());
        for (var i = 0; i < 10; i++)
        {
            logins = Wrong(logins, now, times: 2, max: 1);
            Assert.True(logins.IsBlocked(now));
            lengths.Add((logins.BlockedUntil - now).TotalMinutes);
            now = logins.BlockedUntil;
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60, 60], lengths);
    }

    [Fact]
    public void More_of_them_during_a_block_do_not_make_it_longer()
    {
        var logins = Wrong(null, Now, times: 2, max: 1);
        Assert.Equal(logins, Wrong(logins, Now.AddSeconds(30), times: 50, max: 1));
    }

    [Fact]
    public void An_address_that_is_quiet_for_an_hour_after_its_block_begins_anew()
    {
        var logins = Wrong(null, Now, times: 2, max: 1);
        Assert.False(logins.IsOver(logins.BlockedUntil.AddMinutes(59)));
        Assert.True(logins.IsOver(logins.BlockedUntil.AddMinutes(60)));

        var again = Wrong(logins, logins.BlockedUntil.AddMinutes(60), times: 2, max: 1);
        Assert.Equal(
            TimeSpan.FromMinutes(1),
            again.BlockedUntil - logins.BlockedUntil.AddMinutes(60)
        );
    }

    [Fact]
    public void Whatever_the_clock_does_no_block_is_longer_than_an_hour_and_none_begins_below_the_limit() =>
        Gen.Select(Gen.Int[-7_200, 7_200].Array[1, 60], Gen.Int[1, 5])
            .Sample(
                (steps, max) =>
                {
                    FailedLogins? logins = null;
                    var now = Now;
                    for (var i = 0; i < steps.Length; i++)
                    {
                        now = now.AddSeconds(steps[i]);
                        var before = logins;
                        logins = FailedLogins.After(before, now, max);
                        Assert.True(i >= max || !logins.IsBlocked(now));
                        if (logins.Blocks > (before?.Blocks ?? 0) || before?.IsOver(now) == true)
                        {
                            Assert.True(logins.BlockedUntil - now <= FailedLogins.BlockMax);
                        }
                    }
                }
            );

    private static FailedLogins Wrong(FailedLogins? before, DateTimeOffset now, int times, int max)
    {
        for (var i = 0; i < times; i++)
        {
            before = FailedLogins.After(before, now, max);
        }
        return before!;
    }
}
