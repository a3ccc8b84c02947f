using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>Where a long text is cut.</summary>
public sealed class ChatSplitterTests
{
    private const int Max = ChatSplitter.UnitsMax;
    private const string Flag = "🇩🇪";

    [Theory]
    [InlineData("/ESTOP now", "/\u2060ESTOP now")]
    [InlineData("/Commit_All", "/\u2060Commit_All")]
    [InlineData("(/help)", "(/\u2060help)")]
    [InlineData("/help /list", "/\u2060help /\u2060list")]
    [InlineData("no command", "no command")]
    [InlineData("//help", "//help")]
    [InlineData("/help/me", "/help/me")]
    public void A_command_among_foreign_words_cannot_be_tapped_however_it_is_written(
        string said,
        string shown
    ) => Assert.Equal(shown, ChatSplitter.Foreign(said));

    [Fact]
    public void Every_command_there_is_cannot_be_tapped_among_foreign_words() =>
        Assert.All(
            ChatVerbs.All,
            c => Assert.Equal("/\u2060" + c.Name, ChatSplitter.Foreign("/" + c.Name))
        );

    [Theory]
    [InlineData("a\tb\nc", "a\tb\nc")]
    [InlineData("a\r\nb\rc", "a\nb\nc")]
    [InlineData("a\u0001b", "a\uFFFDb")]
    [InlineData("\u001b[1m", "\uFFFD[1m")]
    [InlineData("a\u0000\tb", "a\uFFFD\tb")]
    [InlineData("😀", "😀")]
    [InlineData("ünï", "ünï")]
    public void What_the_host_does_not_take_is_replaced(string text, string sendable) =>
        Assert.Equal(sendable, ChatSplitter.Sendable(text));

    [Fact]
    public void Half_a_pair_is_replaced_and_a_pair_is_not()
    {
        Assert.Equal("a\uFFFD", ChatSplitter.Sendable("a\ud83d"));
        Assert.Equal("\uFFFDa", ChatSplitter.Sendable("\ude00a"));
        Assert.Equal("\uFFFD😀", ChatSplitter.Sendable("\ud83d😀"));
    }

    [Theory]
    [InlineData("abcde", 5, "abcde")]
    [InlineData("  abcde\n", 5, "abcde")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("abcdefgh", 5, "abcd…")]
    [InlineData("abc defgh", 5, "abc…")]
    [InlineData("abc😀ef", 5, "abc…")]
    [InlineData("ab😀ef", 5, "ab😀…")]
    [InlineData("", 5, "")]
    public void A_text_over_the_limit_ends_in_an_ellipsis_within_it(
        string text,
        int max,
        string cut
    ) => Assert.Equal(cut, ChatSplitter.Cut(text, max));

    [Fact]
    public void Parts_are_never_asked_to_be_shorter_than_sixty_four_units()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ChatSplitter.Split("a", 63));
        Assert.Equal(["a"], ChatSplitter.Split("a", 64));
    }

    [Fact]
    public void A_text_as_long_as_a_message_is_one_part_and_one_unit_more_makes_two()
    {
        Assert.Equal([X(64)], ChatSplitter.Split(X(64), 64));
        Assert.Equal([X(64), "x"], ChatSplitter.Split(X(65), 64));
        Assert.Equal([X(Max)], ChatSplitter.Split(X(Max)));
        Assert.Equal([X(Max), "x"], ChatSplitter.Split(X(Max + 1)));
    }

    [Fact]
    public void A_line_that_fills_a_message_to_its_last_unit_stays_whole()
    {
        var line = X(30) + " " + X(33);

        Assert.Equal([line, "end"], ChatSplitter.Split(line + "\nend", 64));
        Assert.Equal([line, "end"], ChatSplitter.Split(line + " end", 64));
    }

    [Theory]
    [InlineData(Max - 1)]
    [InlineData(Max - 999)]
    public void A_text_is_cut_at_a_line_end_or_else_a_space_within_the_last_thousand_units(int at)
    {
        var rest = X(Max);

        Assert.Equal([X(at), rest], ChatSplitter.Split(X(at) + "\n" + rest));
        Assert.Equal([X(at), rest], ChatSplitter.Split(X(at) + " " + rest));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(Max - 1_001)]
    [InlineData(Max - 1_000)]
    public void A_line_end_or_a_space_before_the_last_thousand_units_cuts_nothing(int at)
    {
        Assert.Equal(
            [X(at) + "\n" + X(Max - at - 1), X(50)],
            ChatSplitter.Split(X(at) + "\n" + X(Max - at + 49))
        );
        Assert.Equal(
            [X(at) + " " + X(Max - at - 1), X(50)],
            ChatSplitter.Split(X(at) + " " + X(Max - at + 49))
        );
    }

    [Fact]
    public void A_line_end_comes_before_a_later_space() =>
        Assert.Equal(
            [X(3_500), X(300) + " " + X(500)],
            ChatSplitter.Split(X(3_500) + "\n" + X(300) + " " + X(500))
        );

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_flag_is_not_cut_in_two(int before)
    {
        var parts = ChatSplitter.Split(X(before) + string.Concat(Enumerable.Repeat(Flag, 2_000)));

        Assert.Equal(2, parts.Count);
        Assert.Equal(before, parts[0].Length % Flag.Length);
    }

    [Fact]
    public void A_character_that_is_longer_than_a_message_is_cut_between_its_parts()
    {
        var accents = "a" + new string('\u0301', 99);
        Assert.Equal([accents[..64], accents[64..]], ChatSplitter.Split(accents, 64));

        var women = string.Join('\u200d', Enumerable.Repeat("👩", 40));
        Assert.Equal([women[..63], women[63..]], ChatSplitter.Split(women, 64));
        Assert.Equal([women[..65], women[65..]], ChatSplitter.Split(women, 65));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("xx")]
    [InlineData("é 🚀")]
    public void A_flag_stays_whole_however_many_stand_before_it(string before)
    {
        var parts = ChatSplitter.Split(before + string.Concat(Enumerable.Repeat("🇩🇪", 2_000)));

        Assert.Equal(before.Length % 4, parts[0].Length % 4);
        Assert.InRange(parts[0].Length, Max - 3, Max);
        Assert.All(parts.Skip(1), p => Assert.StartsWith("🇩🇪", p, StringComparison.Ordinal));
    }

    [Fact]
    public void What_belongs_to_one_character_goes_to_the_next_part_with_it()
    {
        var accented = "a" + new string('\u0301', 69);

        Assert.Equal([X(4_030), accented], ChatSplitter.Split(X(4_030) + accented));
    }

    private static string X(int length) => new('x', length);
}
