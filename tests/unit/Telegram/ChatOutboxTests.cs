using System.Text.Json;
using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>What stands in the outbox, and what is gathered from it.</summary>
public sealed class ChatOutboxTests
{
    [Fact]
    public void A_message_says_nothing_but_what_is_put_into_it()
    {
        var send = new ChatSend();
        Assert.Equal(
            (ChatSendKind.Message, "", "", "", "", "", "", false),
            (
                send.Kind,
                send.Text,
                send.TaskId,
                send.TapId,
                send.FileName,
                send.Content,
                send.Language,
                send.Gathers
            )
        );
        Assert.Empty(send.Buttons);
    }

    [Fact]
    public void Every_part_of_a_stored_message_is_read_again()
    {
        var send = new ChatSend
        {
            Kind = ChatSendKind.Document,
            Text = "text",
            Buttons =
            [
                [new ChatButton("a", "b")],
            ],
            ReplyTo = 3,
            TaskId = "task_1",
            TapId = "tap",
            FileName = "file",
            Holds = ChatDocumentKind.Patch,
            Content = "content",
            Language = "de",
            Gathers = true,
        };

        ChatSituations.Same(send, ChatSend.Read(send.ToBytes()));
    }

    [Fact]
    public void A_stored_null_is_no_message() =>
        Assert.Equal(
            "The message is null.",
            Assert.Throws<JsonException>(() => ChatSend.Read("null"u8.ToArray())).Message
        );

    [Fact]
    public void A_digest_of_nothing_is_in_English() =>
        Assert.Equal("0 notices:", ChatDigest.Of([]).Text);

    [Theory]
    [InlineData("22:00", "07:00", 0, true)]
    [InlineData("00:00", "00:00", 60, true)]
    [InlineData("22:00", "07:00", 60, true)]
    [InlineData("07:00", "07:00", 0, false)]
    public void Notices_are_gathered_where_they_may_be_held(
        string from,
        string until,
        int digest,
        bool gathers
    ) =>
        Assert.Equal(
            gathers,
            new QuietHours(
                TimeOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture),
                TimeOnly.Parse(until, System.Globalization.CultureInfo.InvariantCulture),
                TimeSpan.FromMinutes(digest)
            ).Gathers
        );
}
