using System.Text;
using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

public sealed class ChatReadingTests
{
    [Fact]
    public void D33_Every_command_has_a_name_that_the_host_takes_an_explanation_and_is_found_again()
    {
        Assert.All(
            ChatVerbs.All,
            c =>
            {
                Assert.Matches("^[a-z0-9_]{1,32}$", c.Name);
                Assert.NotEmpty(ChatWords.Say("en", "help." + c.Name));
                Assert.Same(c, ChatVerbs.Find(c.Name.Replace('_', '-')));
                Assert.Same(c, ChatVerbs.Of(c.Verb));
            }
        );
        Assert.Equal(ChatVerbs.All.Count, ChatVerbs.All.Select(c => c.Name).Distinct().Count());
    }

    [Theory]
    [InlineData("/status", ChatVerb.Status, "", "")]
    [InlineData("  /STATUS  ", ChatVerb.Status, "", "")]
    [InlineData("/status@my_bot", ChatVerb.Status, "", "")]
    [InlineData("/status@other_bot", ChatVerb.Nothing, "", "")]
    [InlineData("/task fix\nall of it", ChatVerb.Task, "", "fix\nall of it")]
    [InlineData("/task see --since and /x", ChatVerb.Task, "", "see --since and /x")]
    [InlineData("/bug-fix the loop", ChatVerb.BugFix, "", "the loop")]
    [InlineData("/reply task_1 use  tabs", ChatVerb.Reply, "task_1", "use  tabs")]
    [InlineData(
        "/reject task_1 --force is no word",
        ChatVerb.Reject,
        "task_1",
        "--force is no word"
    )]
    [InlineData("/fork task_1 try a queue", ChatVerb.Fork, "task_1", "try a queue")]
    [InlineData("/fork task_1", ChatVerb.Fork, "task_1", "")]
    [InlineData("/fly me", ChatVerb.Unknown, "", "fly")]
    [InlineData("/ not a command", ChatVerb.Plain, "", "/ not a command")]
    [InlineData("/etc/hosts is wrong", ChatVerb.Unknown, "", "etc/hosts")]
    [InlineData("just words", ChatVerb.Plain, "", "just words")]
    public void A_message_asks_for_what_its_words_say(
        string text,
        ChatVerb verb,
        string task,
        string rest
    )
    {
        var order = ChatOrderReader.Read(text, "my_bot", "");
        Assert.Equal((verb, task, rest, ""), (order.Verb, order.TaskId, order.Text, order.Problem));
    }

    [Theory]
    [InlineData("use tabs", ChatVerb.Reply, "task_9", "use tabs")]
    [InlineData("/show", ChatVerb.Show, "task_9", "")]
    [InlineData("/reject too much", ChatVerb.Reject, "task_9", "too much")]
    [InlineData("/show task_1", ChatVerb.Show, "task_1", "")]
    public void Answering_a_message_about_a_task_names_the_task(
        string text,
        ChatVerb verb,
        string task,
        string rest
    )
    {
        var order = ChatOrderReader.Read(text, "", "task_9");
        Assert.Equal((verb, task, rest), (order.Verb, order.TaskId, order.Text));
    }

    [Theory]
    [InlineData("/show", "no-task")]
    [InlineData("/show ../x", "no-task")]
    [InlineData("/progress t --since", "since")]
    [InlineData("/progress t --since 5", "since")]
    [InlineData("/progress t --since 999999d", "since")]
    [InlineData("/commit t --force", "option")]
    public void What_cannot_be_meant_is_said_to_be_so(string text, string problem) =>
        Assert.Equal(problem, ChatOrderReader.Read(text, "", "").Problem);

    [Theory]
    [InlineData("/fork task_1 2 try a queue", "", "task_1", 2, "try a queue")]
    [InlineData("/fork 2 try a queue", "task_9", "task_9", 2, "try a queue")]
    [InlineData("/fork try a queue", "task_9", "task_9", null, "try a queue")]
    [InlineData("/fork task_1 2nd try", "", "task_1", null, "2nd try")]
    [InlineData("/fork task_1 0 x", "", "task_1", 0, "x")]
    [InlineData("/fork task_1 -1 x", "", "task_1", null, "-1 x")]
    [InlineData("/fork task_1 12345678901 x", "", "task_1", null, "12345678901 x")]
    [InlineData("/fork task_1 3", "", "task_1", 3, "")]
    public void A_fork_names_the_turn_by_a_number_before_its_words(
        string text,
        string about,
        string task,
        int? turn,
        string rest
    )
    {
        var order = ChatOrderReader.Read(text, "", about);
        Assert.Equal(
            (ChatVerb.Fork, task, turn, rest),
            (order.Verb, order.TaskId, order.Turn, order.Text)
        );
    }

    [Theory]
    [InlineData("use tabs\nconstraint: no new dependency", "use tabs", "no new dependency", "", "")]
    [InlineData(
        "Constraint: a\n\nuse tabs\nand x\nCONSTRAINT:b ",
        "use tabs\nand x",
        "a|b",
        "",
        ""
    )]
    [InlineData("use tabs\npriority: HIGH\r\ntype : Fix", "use tabs", "", "fix", "high")]
    [InlineData("use tabs\npriority: low\npriority: high", "use tabs", "", "", "high")]
    [InlineData("use tabs\nconstraint:", "use tabs", "", "", "")]
    [InlineData("a\ntype: object\nb", "a\ntype: object\nb", "", "", "")]
    [InlineData("say what constraint: means", "say what constraint: means", "", "", "")]
    [InlineData("constraint: only this", "", "only this", "", "")]
    [InlineData("note: this stays", "note: this stays", "", "", "")]
    public void Lines_of_their_own_around_the_words_say_what_must_hold(
        string text,
        string rest,
        string constraints,
        string type,
        string priority
    )
    {
        var wishes = ChatWishes.Read(text);
        Assert.Equal(
            (rest, constraints, type, priority),
            (
                wishes.Text,
                string.Join('|', wishes.Constraints),
                wishes.Type ?? "",
                wishes.Priority ?? ""
            )
        );
    }

    [Theory]
    [InlineData("fix the loop\npriority: low")]
    [InlineData("/task fix the loop\npriority: low")]
    [InlineData("/reply t fix the loop\npriority: low")]
    [InlineData("/fork t 1 fix the loop\npriority: low")]
    [InlineData("/bug_fix fix the loop\npriority: low")]
    public void Every_way_to_ask_for_work_takes_such_lines(string text)
    {
        var order = ChatOrderReader.Read(text, "", "");
        Assert.Equal(("fix the loop", "low"), (order.Text, order.Wishes.Priority));
        Assert.Equal(
            "x\npriority: low",
            ChatOrderReader.Read("/reject t x\npriority: low", "", "").Text
        );
    }

    [Fact]
    public void Options_are_read_with_long_dashes_too()
    {
        var commit = ChatOrderReader.Read("/commit t —push --no-branch", "", "");
        Assert.Equal(["push", "no-branch"], commit.Options);
        Assert.Equal(
            TimeSpan.FromMinutes(10),
            ChatOrderReader.Read("/progress t --since=10m", "", "").Since
        );
    }

    [Fact]
    public void An_update_is_read_without_believing_its_shape()
    {
        var update = Read(
            """
            {"update_id":7,"message":{"message_id":3,"from":{"id":5,"is_bot":false,"language_code":"pt-br"},
             "chat":{"id":-9},"caption":"/analyze it","reply_to_message":{"message_id":2},
             "document":{"file_id":"F","file_name":"../../x","file_size":2147483648,"mime_type":"a/b"}}}
            """
        );
        Assert.Equal(
            (7, ChatEvent.Message, -9, 5, "pt", 3, "/analyze it", 2, true),
            (
                update.Id,
                update.Event,
                update.Chat,
                update.User,
                update.Language,
                update.Message,
                update.Text,
                update.ReplyTo,
                update.InGroup
            )
        );
        Assert.Equal(new ChatDocument("F", "../../x", 2147483648, "a/b"), update.Document);
        Assert.Equal(ChatEvent.Tap, Read("""{"update_id":1,"callback_query":{}}""").Event);
        Assert.Equal(
            ChatEvent.Removed,
            Read("""{"my_chat_member":{"new_chat_member":{"status":"kicked"}}}""").Event
        );
        foreach (
            var odd in (string[])
                [
                    "",
                    "[]",
                    "{",
                    """{"message":3}""",
                    """{"message":{"text":{},"from":"me","chat":[]}}""",
                    """{"message":{"text":"\ud800","chat":{"id":1e99}}}""",
                ]
        )
        {
            Assert.Equal(0, Read(odd).Chat);
        }
        Assert.Null(ChatUpdateReader.IdOf("{}"u8.ToArray()));
    }

    [Fact]
    public void Parts_of_a_text_that_a_client_split_belong_together()
    {
        var now = DateTimeOffset.UnixEpoch.AddDays(1);
        (ChatUpdate, DateTimeOffset) Part(int length, double after, long user = 1) =>
            (
                new ChatUpdate
                {
                    Event = ChatEvent.Message,
                    User = user,
                    Text = new string('x', length),
                },
                now.AddSeconds(after)
            );
        Assert.Equal(1, ChatParts.Count([Part(10, 0)], now));
        Assert.Equal(0, ChatParts.Count([Part(4_096, 0)], now.AddSeconds(1)));
        Assert.Equal(1, ChatParts.Count([Part(4_096, 0)], now.AddSeconds(2)));
        Assert.Equal(1, ChatParts.Count([Part(4_096, 0)], now.AddSeconds(-2)));
        Assert.Equal(2, ChatParts.Count([Part(4_096, 0), Part(5, 1)], now));
        Assert.Equal(1, ChatParts.Count([Part(4_096, 0), Part(5, 3)], now.AddSeconds(9)));
        Assert.Equal(1, ChatParts.Count([Part(4_096, 0), Part(5, 1, 2)], now.AddSeconds(9)));
        Assert.Equal(4_101, ChatParts.Join([Part(4_096, 0).Item1, Part(5, 1).Item1]).Text.Length);
    }

    private static ChatUpdate Read(string json) =>
        ChatUpdateReader.Read(Encoding.UTF8.GetBytes(json));
}
