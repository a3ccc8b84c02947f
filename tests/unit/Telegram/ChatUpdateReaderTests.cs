using System.Text;
using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>The host's JSON, each member of it that is read.</summary>
public sealed class ChatUpdateReaderTests
{
    [Fact]
    public void Those_kinds_of_updates_are_asked_for_that_are_read() =>
        Assert.Equal(
            ["message", "edited_message", "callback_query", "my_chat_member"],
            ChatUpdateReader.Wanted
        );

    [Theory]
    [InlineData("message", ChatEvent.Message)]
    [InlineData("edited_message", ChatEvent.Edited)]
    public void A_message_is_read_with_who_wrote_it_where_and_to_what(string member, ChatEvent what)
    {
        var json = $$$"""
            {"update_id":7,"{{{member}}}":{"message_id":3,"text":"fix it","caption":"not this",
             "from":{"id":5,"is_bot":true,"language_code":"de"},"chat":{"id":9},
             "reply_to_message":{"message_id":2} } }
            """;

        Assert.Equal(
            new ChatUpdate
            {
                Id = 7,
                Event = what,
                Chat = 9,
                User = 5,
                ByBot = true,
                Language = "de",
                Message = 3,
                Text = "fix it",
                ReplyTo = 2,
            },
            Read(json)
        );
    }

    [Fact]
    public void A_tap_is_read_with_the_message_that_its_button_was_under() =>
        Assert.Equal(
            new ChatUpdate
            {
                Id = 8,
                Event = ChatEvent.Tap,
                Chat = -9,
                User = 5,
                ByBot = true,
                Language = "en",
                Message = 3,
                ReplyTo = 2,
                TapId = "tap",
                TapData = "ok::task_1",
            },
            Read(
                """
                {"update_id":8,"callback_query":{"id":"tap","data":"ok::task_1",
                 "from":{"id":5,"is_bot":true,"language_code":"en-GB"},
                 "message":{"message_id":3,"chat":{"id":-9},"reply_to_message":{"message_id":2}}}}
                """
            )
        );

    [Theory]
    [InlineData("kicked", ChatEvent.Removed)]
    [InlineData("left", ChatEvent.Removed)]
    [InlineData("member", ChatEvent.Other)]
    [InlineData("administrator", ChatEvent.Other)]
    [InlineData("", ChatEvent.Other)]
    public void The_bot_is_removed_when_it_is_put_out_or_blocked(string status, ChatEvent what)
    {
        var json = $$$"""
            {"update_id":9,"my_chat_member":{"chat":{"id":-9},"from":{"id":5},
             "new_chat_member":{"status":"{{{status}}}"} } }
            """;

        Assert.Equal(
            new ChatUpdate
            {
                Id = 9,
                Event = what,
                Chat = -9,
                User = 5,
            },
            Read(json)
        );
    }

    [Fact]
    public void An_update_of_another_kind_has_its_number_and_nothing_else() =>
        Assert.Equal(new ChatUpdate { Id = 10 }, Read("""{"update_id":10,"poll":{"id":1}}"""));

    [Fact]
    public void What_is_no_update_says_nothing_and_is_in_no_group()
    {
        var update = Read("[]");

        Assert.Equal(
            (0, ChatEvent.Other, 0, "", "", "", "", false),
            (
                update.Id,
                update.Event,
                update.Chat,
                update.Language,
                update.Text,
                update.TapId,
                update.TapData,
                update.InGroup
            )
        );
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"true\"", false)]
    [InlineData("1", false)]
    public void Only_the_word_true_makes_a_program_of_the_writer(string said, bool bot) =>
        Assert.Equal(bot, Read($$$"""{"message":{"from":{"is_bot":{{{said}}} } } }""").ByBot);

    [Theory]
    [InlineData("de", "de")]
    [InlineData("DE", "de")]
    [InlineData("de-AT", "de")]
    [InlineData("d", "")]
    [InlineData("", "")]
    [InlineData("deu", "")]
    [InlineData("de_AT", "")]
    [InlineData("d1", "")]
    [InlineData("1d", "")]
    public void A_language_is_two_letters_alone_or_before_a_hyphen(string code, string language) =>
        Assert.Equal(
            language,
            Read($$$"""{"message":{"from":{"language_code":"{{{code}}}"} } }""").Language
        );

    [Theory]
    [InlineData("""{"text":"words","caption":"caption"}""", "words")]
    [InlineData("""{"text":"","caption":"caption"}""", "caption")]
    [InlineData("""{"caption":"caption"}""", "caption")]
    [InlineData("{}", "")]
    public void A_caption_is_read_where_there_are_no_words(string message, string text) =>
        Assert.Equal(text, Read($$$"""{"message":{{{message}}} }""").Text);

    [Theory]
    [InlineData("""{"update_id":7}""", 7L)]
    [InlineData("""{"update_id":1}""", 1L)]
    [InlineData("""{"update_id":0}""", null)]
    [InlineData("""{"update_id":-7}""", null)]
    [InlineData("""{"update_id":"7"}""", null)]
    [InlineData("{}", null)]
    [InlineData("[7]", null)]
    [InlineData("", null)]
    public void The_number_of_an_update_is_a_positive_one(string json, long? id) =>
        Assert.Equal(id, ChatUpdateReader.IdOf(Encoding.UTF8.GetBytes(json)));

    private static ChatUpdate Read(string json) =>
        ChatUpdateReader.Read(Encoding.UTF8.GetBytes(json));
}
