using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>What holds messages back, and for how long.</summary>
public sealed class ChatPaceLimitsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(7, 1_050)]
    [InlineData(0, 1_050)]
    [InlineData(-1, 3_100)]
    public void A_message_holds_its_chat_for_the_gap_and_all_others_for_a_moment(long chat, int gap)
    {
        var pace = new ChatPace();
        pace.Sending(chat, Noon);

        Assert.Equal(Noon.AddMilliseconds(gap), pace.FreeAt(chat));
        Assert.Equal(Noon.AddMilliseconds(36), pace.FreeAt(8));
        Assert.Equal(Noon.AddMilliseconds(36), pace.AllFreeAt);
    }

    [Fact]
    public void A_pause_that_the_host_asked_for_is_not_shortened_by_its_silence()
    {
        var pace = new ChatPace();
        for (var i = 0; i < 3; i++)
        {
            pace.Slowed(5, TimeSpan.FromMinutes(5), Noon);
        }

        pace.Unreachable(Noon);

        Assert.Equal(Noon.AddMinutes(5), pace.AllFreeAt);
    }

    [Fact]
    public void It_is_troubled_from_a_call_that_did_not_get_through_to_one_that_did()
    {
        var pace = new ChatPace();
        Assert.False(pace.IsTroubled);
        pace.Slowed(5, TimeSpan.FromSeconds(1), Noon);
        Assert.True(pace.IsTroubled);
        pace.Answered();
        Assert.False(pace.IsTroubled);
        pace.Unreachable(Noon);
        Assert.True(pace.IsTroubled);
    }

    [Fact]
    public void Only_the_third_pause_in_a_row_holds_all_chats()
    {
        var pace = new ChatPace();
        pace.Slowed(5, TimeSpan.FromSeconds(9), Noon);
        pace.Slowed(6, TimeSpan.FromSeconds(9), Noon);
        Assert.True(pace.AllFreeAt <= Noon);
        pace.Slowed(7, TimeSpan.FromSeconds(9), Noon);
        Assert.Equal(Noon.AddSeconds(9), pace.AllFreeAt);
    }

    [Fact]
    public void A_pause_of_all_chats_is_not_made_shorter_by_a_shorter_one_or_by_a_message()
    {
        var pace = new ChatPace();
        foreach (var seconds in (int[])[1, 1, 30, 2])
        {
            pace.Slowed(5, TimeSpan.FromSeconds(seconds), Noon);
        }
        Assert.Equal(Noon.AddSeconds(30), pace.AllFreeAt);
        pace.Sending(8, Noon);
        Assert.Equal(Noon.AddSeconds(30), pace.AllFreeAt);
    }

    [Fact]
    public void A_pause_of_a_chat_is_not_made_shorter_by_the_end_of_a_call()
    {
        var pace = new ChatPace();
        pace.Slowed(5, TimeSpan.FromSeconds(30), Noon);
        pace.Sent(5, Noon);
        Assert.Equal(Noon.AddSeconds(30), pace.FreeAt(5));
    }

    [Fact]
    public void Of_ten_thousand_chats_those_that_are_free_again_are_forgotten_and_no_others()
    {
        var pace = new ChatPace();
        for (var chat = 1; chat < 10_000; chat++)
        {
            pace.Sent(chat, Noon);
        }
        pace.Slowed(10_000, TimeSpan.FromHours(1), Noon);

        pace.Sent(10_001, Noon + ChatPace.ChatGap);

        Assert.Equal(DateTimeOffset.MinValue, pace.FreeAt(1));
        Assert.Equal(DateTimeOffset.MinValue, pace.FreeAt(9_999));
        Assert.Equal(Noon.AddHours(1), pace.FreeAt(10_000));
        Assert.Equal(Noon + ChatPace.ChatGap + ChatPace.ChatGap, pace.FreeAt(10_001));
    }
}
