using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

public sealed class TokenShapeLimitsTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 5)]
    [InlineData(4, 7)]
    [InlineData(5, 0)]
    public void A_bounded_part_takes_from_its_least_to_its_most(int length, int end) =>
        Assert.Equal(end, End("ab_{d2..4}", "ab_" + Digits(length)));

    [Theory]
    [InlineData("ab_{d2+}", 1, 0)]
    [InlineData("ab_{d2+}", 2, 5)]
    [InlineData("ab_{d2+}", 2_047, 2_050)]
    [InlineData("ab_{d2+}", 2_048, 2_051)]
    [InlineData("ab_{d2+}", 2_049, 2_051)]
    [InlineData("ab_{d2++}", 1, 0)]
    [InlineData("ab_{d2++}", 2, 5)]
    [InlineData("ab_{d2++}", 2_049, 2_052)]
    [InlineData("ab_{d2++}", 5_999, 6_002)]
    [InlineData("ab_{d2++}", 6_000, 6_003)]
    [InlineData("ab_{d2++}", 6_001, 6_003)]
    public void An_open_part_takes_all_up_to_its_most(string format, int length, int end) =>
        Assert.Equal(end, End(format, "ab_" + Digits(length)));

    [Theory]
    [InlineData("ab_{d2+}", "ab_123x", 6)]
    [InlineData("ab_{d2+}", "ab_12_", 5)]
    [InlineData("ab_{d2++}", "ab_123x", 6)]
    [InlineData("ab_{d2..4}", "ab_123x", 0)]
    [InlineData("ab_{d2..4}", "ab_123_", 0)]
    [InlineData("ab_{d2..4}", "ab_123-", 6)]
    [InlineData("ab_{d2..4}", "ab_123\u0080", 6)]
    [InlineData("ab_{d3}.z", "ab_123.z", 8)]
    [InlineData("ab_{d3}.z", "ab_123.z.", 8)]
    [InlineData("ab_{d3}.z", "ab_123.z9", 0)]
    [InlineData("ab_{d3}.z", "ab_123.", 0)]
    [InlineData("ab_{d3}.z", "ab_123", 0)]
    public void Only_a_last_part_that_ends_somewhere_wants_an_end_of_the_word(
        string format,
        string text,
        int end
    ) => Assert.Equal(end, End(format, text));

    [Theory]
    [InlineData("{u4}", "AB12", 4)]
    [InlineData("{u4}", "AB1", 0)]
    [InlineData("{u4}", "AB123", 0)]
    [InlineData("{u4}", "", 0)]
    [InlineData("{h4}{d2}-us{d1}", "0af912-us1", 10)]
    [InlineData("{h4}{d2}-us{d1}", "0af91-us1", 0)]
    [InlineData("{h4}{d2}-us{d1}", "0af9123-us1", 0)]
    [InlineData("{h4}{d2}-us{d1}", "0af912", 0)]
    [InlineData("{h4}{d2}-us{d1}", "0af91", 0)]
    [InlineData("{h4}{d2..3}-us{d1}", "0af9123-us1", 11)]
    [InlineData("{h4}{d2..3}-us{d1}", "0af912-us1", 10)]
    [InlineData("{h4}{d2..3}-us{d1}", "0af91234-us1", 0)]
    [InlineData("{h4}-us{d1}-eu{d1}", "0af9-us1-eu2", 12)]
    [InlineData("{h4}-us{d1}-eu{d1}", "0af9-eu1-us2", 0)]
    public void Parts_stand_in_their_order_behind_an_empty_beginning(
        string format,
        string text,
        int end
    ) => Assert.Equal(end, End(format, text));

    [Theory]
    [InlineData("ab_{d3}", "ab_ab_123 ", 3, 9)]
    [InlineData("ab_{d3}", "ab_ab_123", 3, 9)]
    [InlineData("ab_{d3}", "ab_ab_123", 0, 0)]
    [InlineData("{h4}{d2}-us{d1}", "--0af912-us1", 2, 12)]
    [InlineData("{h4}{d2}-us{d1}", "--0af912-us1", 1, 0)]
    [InlineData("{h4}{d2}-us{d1}", "--0af912-us1", 9, 0)]
    public void An_end_is_told_from_the_text_s_begin(string format, string text, int at, int end) =>
        Assert.Equal(end, new TokenShape("r", format).End(text, at));

    [Theory]
    [InlineData("AB3ab_aB3", 3, 9)]
    [InlineData("AB3ab_ab3", 3, 0)]
    [InlineData("ABCab_aBc", 3, 0)]
    [InlineData("aBcab_AB3", 3, 0)]
    public void What_stands_before_a_mixed_one_does_not_count(string text, int at, int end) =>
        Assert.Equal(end, new TokenShape("r", "ab_{a3}", mixed: true).End(text, at));

    [Theory]
    [InlineData("AB3_{l3}", "AB3_ab3")]
    [InlineData("ab3_{u3}", "ab3_AB3")]
    [InlineData("aB3_{s3}", "aB3_aB_")]
    public void What_a_mixed_one_begins_with_does_not_count(string format, string text) =>
        Assert.Equal(0, new TokenShape("r", format, mixed: true).End(text, 0));

    [Theory]
    [InlineData("ab_{d4}", 7)]
    [InlineData("ab_{d2..4}-{h3+}", 9)]
    [InlineData("ab_{w2++}.z", 7)]
    [InlineData("{u5}", 5)]
    [InlineData("{u5}~{r4}", 10)]
    [InlineData("{uuid}", 36)]
    public void The_run_is_the_least_of_all_parts(string format, int length) =>
        Assert.Equal(length, new TokenShape("r", format).RunMin);

    [Theory]
    [InlineData("ab_{b20}", 3)]
    [InlineData("ab_{q20}", 3)]
    [InlineData("ab_{x20}{d9}", 3)]
    [InlineData("{p20}", 0)]
    [InlineData("ab_{d3}:{d4}", 6)]
    [InlineData("ab_{d3}xy:z{d4}", 8)]
    [InlineData("a:b_{d20}", 1)]
    [InlineData(":ab_{d20}", 0)]
    public void The_run_ends_before_what_no_run_is_made_of(string format, int length) =>
        Assert.Equal(length, new TokenShape("r", format).RunMin);

    [Fact]
    public void The_index_tells_where_a_token_begins_and_ends()
    {
        var text = $"x {"ghp_" + new string('a', 36)}. y";

        Assert.Equal([new(2, 2, 42, "r")], Look(text, 2, new TokenShape("r", "ghp_{a36}")));
        Assert.Empty(Look(text, 3, new TokenShape("r", "ghp_{a36}")));
        Assert.Empty(Look(text, 2, new TokenShape("r", "ghp_{a35}")));
        Assert.Empty(Look(text, 2, new TokenShape("r", "ghp_{a37}")));
    }

    [Theory]
    [InlineData("ab_{d10+}", 14, false)]
    [InlineData("ab_{d10+}", 15, true)]
    [InlineData("ab_{d10+}", 16, true)]
    [InlineData("a{w10+}", 14, false)]
    [InlineData("a{w10+}", 15, true)]
    [InlineData("{l2}{w8..99}", 14, false)]
    [InlineData("{l2}{w8..99}", 15, true)]
    public void The_index_looks_where_a_shortest_run_is_left(string format, int left, bool found)
    {
        var shape = new TokenShape("r", format);
        var text = "--" + "ab_" + Digits(left - 3);

        Assert.Equal(found ? [new(2, 2, text.Length, "r")] : [], Look(text, 2, shape));
    }

    [Fact]
    public void Formats_that_begin_alike_are_tried_in_their_order_and_classes_last()
    {
        var text = "abc" + Digits(12);
        var loose = new TokenShape("none", "{l15}");
        var one = new TokenShape("one", "a{l14}");
        var two = new TokenShape("two", "ab{l13}");
        var three = new TokenShape("three", "abc{l12}");
        var other = new TokenShape("other", "ac{l13}");

        Assert.Equal(["two", "three"], Rules(Look(text, 0, two, three)));
        Assert.Equal(["three", "two"], Rules(Look(text, 0, three, two)));
        Assert.Equal(
            ["two", "three", "none", "one"],
            Rules(Look(text, 0, loose, other, one, two, three))
        );
    }

    [Theory]
    [InlineData("\u007fa", true)]
    [InlineData("a\u007f", true)]
    [InlineData("\u007f\u007f", true)]
    [InlineData("\u0080a", false)]
    [InlineData("a\u0080", false)]
    [InlineData("\u007f\u0080", false)]
    [InlineData("\u0080\u0080", false)]
    public void The_index_knows_beginnings_of_the_first_128_characters(string begin, bool found)
    {
        TokenShape[] shapes =
        [
            new("r", "\u007fa{d14}"),
            new("r", "a\u007f{d14}"),
            new("r", "\u007f\u007f{d14}"),
            new("r", "b\0{d14}"),
            new("r", "{d16}"),
        ];

        Assert.Equal(found ? [new(0, 0, 16, "r")] : [], Look(begin + Digits(14), 0, shapes));
    }

    [Fact]
    public void The_index_holds_255_beginnings_and_refuses_one_more()
    {
        var shapes = Enumerable
            .Range(0, 256)
            .Select(i => $"{(char)('a' + (i / 16))}{(char)('a' + (i % 16))}")
            .Select(p => new TokenShape(p, p + "{d13}"))
            .ToList();
        var index = new TokenIndex(shapes.Take(255));
        var hits = new List<RedactionHit>();
        foreach (var shape in shapes)
        {
            index.Look(shape.Prefix + Digits(13), 0, hits);
        }

        Assert.Equal(shapes.Take(255).Select(s => s.Rule), Rules(hits));
        Assert.Throws<OverflowException>(() => new TokenIndex(shapes));
    }

    [Theory]
    [InlineData('-')]
    [InlineData('.')]
    [InlineData('~')]
    public void A_mark_at_the_begin_of_a_run_is_a_place_and_so_is_what_follows(char mark)
    {
        Assert.Equal([0, 1], Places(mark + Run(15)));
        Assert.Equal([0], Places(mark + Run(14)));
        Assert.Equal([1, 2, 3], Places($" {mark}{mark}{Run(15)}"));
        Assert.Equal([0], Places(Run(15) + mark));
    }

    [Theory]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    public void A_run_is_found_behind_a_short_one_at_any_distance(int length)
    {
        for (var before = 0; before < 32; before++)
        {
            for (var brief = 1; brief < 15; brief++)
            {
                var begin = new string(' ', before) + Run(brief) + " ";
                int[] expected = length < 15 ? [] : [begin.Length];

                Assert.Equal(expected, Places(begin + Run(length)));
                Assert.Equal(expected, Places(begin + Run(length) + " tail of it"));
            }
        }
    }

    [Theory]
    [InlineData('\u007f')]
    [InlineData('\u0080')]
    [InlineData('\u00ff')]
    [InlineData('\uffff')]
    [InlineData('\0')]
    [InlineData('+')]
    [InlineData('/')]
    [InlineData('=')]
    public void A_character_of_no_token_parts_runs(char other)
    {
        Assert.Empty(Places(new string(other, 40)));
        Assert.Empty(Places(Run(14) + other + Run(14)));
        Assert.Equal([15], Places(Run(14) + other + Run(15)));
        Assert.Equal([0, 16], Places(Run(15) + other + Run(15) + other));
    }

    [Theory]
    [InlineData(0, 15, new[] { 0 })]
    [InlineData(0, 16, new[] { 0 })]
    [InlineData(0, 17, new[] { 0, 16 })]
    [InlineData(0, 32, new[] { 0, 16 })]
    [InlineData(0, 33, new[] { 0, 16, 32 })]
    [InlineData(0, 1, new[] { 0 })]
    [InlineData(0, 0, new int[0])]
    [InlineData(1, 48, new[] { 16, 32 })]
    [InlineData(16, 32, new[] { 16 })]
    [InlineData(32, 33, new[] { 32 })]
    [InlineData(33, 48, new int[0])]
    public void Places_lie_in_their_range_though_runs_reach_over_its_end(
        int from,
        int to,
        int[] expected
    )
    {
        var text = $"{Run(15)} {Run(15)} {Run(15)} ";

        Assert.Equal(expected, Places(text, from, to));
    }

    [Theory]
    [InlineData(15, new[] { 0 })]
    [InlineData(16, new[] { 0 })]
    [InlineData(17, new[] { 0, 16 })]
    public void A_place_inside_of_a_run_lies_in_the_range_too(int to, int[] expected) =>
        Assert.Equal(expected, Places($"{Run(15)}.{Run(15)}", 0, to));

    private static int End(string format, string text) => new TokenShape("r", format).End(text, 0);

    private static string Digits(int length) => new('7', length);

    private static string Run(int length) => new('a', length);

    private static List<RedactionHit> Look(string text, int at, params TokenShape[] shapes)
    {
        var hits = new List<RedactionHit>();
        new TokenIndex(shapes).Look(text, at, hits);
        return hits;
    }

    private static IEnumerable<string> Rules(IEnumerable<RedactionHit> hits) =>
        hits.Select(h => h.Rule);

    private static List<int> Places(string text) => Places(text, 0, text.Length);

    private static List<int> Places(string text, int from, int to)
    {
        var places = new TokenPlaces(text, from, to);
        var found = new List<int>();
        for (var at = places.Next(); at < to; at = places.Next())
        {
            found.Add(at);
        }
        Assert.Equal(to, places.Next());
        return found;
    }
}
