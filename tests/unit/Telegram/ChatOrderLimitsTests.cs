using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>Options, times and numbers in a message, up to their limits.</summary>
public sealed class ChatOrderLimitsTests
{
    [Theory]
    [InlineData("/commit task_1 --push", "push", "")]
    [InlineData("/commit task_1 --no-branch", "no-branch", "")]
    [InlineData("/commit task_1 --NO-BRANCH --Push", "no-branch|push", "")]
    [InlineData("/estop --release", "release", "")]
    [InlineData("/estop —release", "release", "")]
    [InlineData("/estop", "", "")]
    [InlineData("/list running", "", "running")]
    [InlineData("/list  in   review ", "", "in review")]
    [InlineData("/approve task_1 0123 --push abc", "push", "0123 abc")]
    public void Options_and_words_are_told_apart(string text, string options, string words)
    {
        var order = ChatOrderReader.Read(text, "", "");
        Assert.Equal(
            ("", options, words),
            (order.Problem, string.Join('|', order.Options), order.Text)
        );
    }

    [Theory]
    [InlineData("/estop --")]
    [InlineData("/estop --=release")]
    [InlineData("/estop --releases")]
    public void An_option_that_is_none_is_a_problem(string text) =>
        Assert.Equal("option", ChatOrderReader.Read(text, "", "").Problem);

    [Theory]
    [InlineData("--since 10m", 600)]
    [InlineData("--since=10m", 600)]
    [InlineData("--since= 10m", 600)]
    [InlineData("--SINCE 10M", 600)]
    [InlineData("—since 5s", 5)]
    [InlineData("--since 5m", 300)]
    [InlineData("--since 2h", 7_200)]
    [InlineData("--since 1d", 86_400)]
    [InlineData("--since 365d", 31_536_000)]
    [InlineData("--since 8760h", 31_536_000)]
    [InlineData("--since 525600m", 31_536_000)]
    public void A_time_is_a_number_and_a_unit_up_to_a_year(string typed, int seconds)
    {
        var order = ChatOrderReader.Read("/progress task_1 " + typed, "", "");
        Assert.Equal(
            ("", "task_1", "", TimeSpan.FromSeconds(seconds)),
            (order.Problem, order.TaskId, order.Text, order.Since)
        );
    }

    [Theory]
    [InlineData("--since")]
    [InlineData("--since=")]
    [InlineData("--since m")]
    [InlineData("--since 5")]
    [InlineData("--since 5w")]
    [InlineData("--since -5m")]
    [InlineData("--since 366d")]
    [InlineData("--since 8761h")]
    [InlineData("--since 525601m")]
    public void What_is_no_time_is_a_problem(string typed) =>
        Assert.Equal("since", ChatOrderReader.Read("/progress task_1 " + typed, "", "").Problem);

    [Theory]
    [InlineData(40, 40)]
    [InlineData(41, 40)]
    [InlineData(90, 40)]
    public void The_name_of_an_unknown_command_is_cut(int length, int kept) =>
        Assert.Equal(
            new string('x', kept),
            ChatOrderReader.Read("/" + new string('x', length), "", "").Text
        );

    [Theory]
    [InlineData("/fork task_1 123456 go", 123_456, "go")]
    [InlineData("/fork task_1 1234567 go", null, "1234567 go")]
    public void A_turn_has_six_digits_at_most(string text, int? turn, string rest)
    {
        var order = ChatOrderReader.Read(text, "", "");
        Assert.Equal((turn, rest), (order.Turn, order.Text));
    }

    [Theory]
    [InlineData("/commit --push", "", "no-task")]
    [InlineData("/commit", "", "no-task")]
    [InlineData("/commit --push", "task_9", "")]
    public void An_option_is_no_task(string text, string about, string problem)
    {
        var order = ChatOrderReader.Read(text, "", about);
        Assert.Equal((about, problem), (order.TaskId, order.Problem));
    }

    [Theory]
    [InlineData("/s", ChatVerb.Unknown, "s")]
    [InlineData("/", ChatVerb.Plain, "/")]
    [InlineData("/1", ChatVerb.Plain, "/1")]
    [InlineData("", ChatVerb.Plain, "")]
    public void A_command_is_a_slash_and_a_letter(string text, ChatVerb verb, string rest)
    {
        var order = ChatOrderReader.Read(text, "", "");
        Assert.Equal((verb, rest), (order.Verb, order.Text));
    }

    [Fact]
    public void An_order_without_wishes_wishes_for_nothing()
    {
        var wishes = ChatOrderReader.Read("/status", "", "").Wishes;
        Assert.Equal(("", null, null), (wishes.Text, wishes.Type, wishes.Priority));
        Assert.Empty(wishes.Constraints);
    }

    [Theory]
    [InlineData("constraint: a\nConstraint : b\ndo it", "do it", "a|b", null, null)]
    [InlineData("type: FIX\ndo it", "do it", "", "fix", null)]
    [InlineData("do it\npriority: High", "do it", "", null, "high")]
    [InlineData(": x\ndo it", ": x\ndo it", "", null, null)]
    public void A_wish_is_a_line_that_begins_with_one_of_three_names(
        string text,
        string rest,
        string constraints,
        string? type,
        string? priority
    )
    {
        var wishes = ChatWishes.Read(text);
        Assert.Equal(
            (rest, constraints, type, priority),
            (wishes.Text, string.Join('|', wishes.Constraints), wishes.Type, wishes.Priority)
        );
    }
}
