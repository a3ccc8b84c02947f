using Orchestrator.Decisions.Webhooks;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class WebhookScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    [Fact]
    public void A_delivery_is_tried_eight_times_with_growing_pauses()
    {
        var pauses = Enumerable
            .Range(1, WebhookSchedule.InboundTriesMax)
            .Select(n => (WebhookSchedule.Inbound(n, Now) - Now)?.TotalSeconds)
            .ToList();
        Assert.Equal([1, 5, 15, 60, 300, 900, 3600, null], pauses);
    }

    [Fact]
    public void A_message_that_always_fails_is_tried_for_24_hours_and_a_bounded_number_of_times()
    {
        var (now, tries) = (Now, 0);
        var ends = Now + WebhookSchedule.OutboundMax;
        while (WebhookSchedule.Outbound(++tries, ends, now) is { } due)
        {
            Assert.True(due > now && due <= ends);
            Assert.True(tries < 50);
            now = due;
        }
        Assert.Equal(14, tries); // the first sending and 13 repeats
        Assert.True(ends - now < TimeSpan.FromHours(4));
    }

    [Theory]
    [InlineData(1, null, 5)]
    [InlineData(1, 2, 5)]
    [InlineData(1, 120, 120)]
    [InlineData(1, 86_400, 14_400)]
    [InlineData(3, -5, 60)]
    [InlineData(99, null, 14_400)]
    public void What_the_receiver_asks_counts_within_bounds(int failures, int? asked, int seconds)
    {
        var due = WebhookSchedule.Outbound(
            failures,
            Now.AddDays(9),
            Now,
            asked is { } s ? TimeSpan.FromSeconds(s) : null
        );
        Assert.Equal(Now.AddSeconds(seconds), due);
    }

    [Fact]
    public void An_endpoint_rests_for_a_minute_at_most()
    {
        Assert.Equal(Now.AddSeconds(5), WebhookSchedule.Rest(1, Now));
        Assert.Equal(Now.AddSeconds(60), WebhookSchedule.Rest(4, Now));
        Assert.Equal(Now.AddSeconds(60), WebhookSchedule.Rest(int.MaxValue, Now));
    }
}
