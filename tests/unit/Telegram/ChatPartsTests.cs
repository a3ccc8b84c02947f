using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>Which messages are parts of one text.</summary>
public sealed class ChatPartsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(3_899, 1)]
    [InlineData(3_900, 0)]
    [InlineData(4_096, 0)]
    [InlineData(4_097, 1)]
    public void Only_a_message_of_nearly_full_length_is_waited_on(int length, int count) =>
        Assert.Equal(count, ChatParts.Count([(Part(length), Noon)], Noon));

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(1_499, 0)]
    [InlineData(1_500, 1)]
    public void The_next_part_is_waited_for_no_longer_than_a_second_and_a_half(
        int waited,
        int count
    ) => Assert.Equal(count, ChatParts.Count([(Part(4_096), Noon)], Noon.AddMilliseconds(waited)));

    [Theory]
    [InlineData(1_500, 2)]
    [InlineData(1_501, 1)]
    public void A_part_belongs_to_the_one_before_when_it_came_within_a_second_and_a_half(
        int after,
        int count
    ) =>
        Assert.Equal(
            count,
            ChatParts.Count(
                [(Part(4_096), Noon), (Part(5), Noon.AddMilliseconds(after))],
                Noon.AddHours(1)
            )
        );

    [Fact]
    public void What_is_no_part_ends_the_text()
    {
        Assert.All(
            (ChatUpdate[])
                [
                    Part(5) with
                    {
                        Event = ChatEvent.Edited,
                    },
                    Part(5) with
                    {
                        User = 6,
                    },
                    Part(5) with
                    {
                        Document = new ChatDocument("f", "n", 1, "t"),
                    },
                    Part(5) with
                    {
                        Text = "/status",
                    },
                ],
            next => Assert.Equal(1, ChatParts.Count([(Part(4_096), Noon), (next, Noon)], Noon))
        );
    }

    [Theory]
    [InlineData(60, 60)]
    [InlineData(61, 60)]
    [InlineData(62, 60)]
    public void A_text_has_sixty_parts_at_most(int parts, int count) =>
        Assert.Equal(
            count,
            ChatParts.Count([.. Enumerable.Repeat((Part(4_096), Noon), parts)], Noon)
        );

    [Fact]
    public void Parts_are_put_together_as_the_first_one_up_to_the_longest_text_that_is_read()
    {
        var part = Part(4_096) with { Id = 1, Message = 3 };

        Assert.Same(part, ChatParts.Join([part]));
        Assert.Equal(
            part with
            {
                Text = part.Text + "end",
            },
            ChatParts.Join([part, new ChatUpdate { Id = 2, Text = "end" }])
        );
        Assert.Equal(
            new string('x', ChatUpdateReader.TextMax),
            ChatParts.Join([.. Enumerable.Repeat(part, 52)]).Text
        );
    }

    private static ChatUpdate Part(int length) =>
        new()
        {
            Event = ChatEvent.Message,
            User = 5,
            Text = new string('x', length),
        };
}
