using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

public sealed class TokenShapeTests
{
    [Theory]
    [InlineData("ab_{d3}", "ab_123", 6)]
    [InlineData("ab_{d3}", "ab_123.", 6)]
    [InlineData("ab_{d3}", "ab_12", 0)]
    [InlineData("ab_{d3}", "ab_1234", 0)]
    [InlineData("ab_{d3}", "ab_123x", 0)]
    [InlineData("ab_{d3}", "ab_123_", 0)]
    [InlineData("ab_{d3}", "AB_123", 0)]
    [InlineData("ab_{d2+}", "ab_12345", 8)]
    [InlineData("ab_{d2..4}", "ab_1234", 7)]
    [InlineData("ab_{d2..4}", "ab_12345", 0)]
    [InlineData("{h4}-us{d1..2}", "0af9-us12", 9)]
    [InlineData("{h4}-us{d1..2}", "0af9-eu12", 0)]
    [InlineData("{h4}-us{d1..2}", "0af9", 0)]
    [InlineData("a{a2}b{a2}", "axxbyy", 6)]
    [InlineData("a.{w2+}.{u2}", "a.x-y.Z9", 8)]
    [InlineData("a.{w2+}.{u2}", "a.x-y.z9", 0)]
    [InlineData("i-{uuid}", "i-9f1c0e5e-3c1d-4f6e-8a43-0a6e0f0b7c11", 38)]
    public void A_format_takes_what_it_says(string format, string text, int end) =>
        Assert.Equal(end, new TokenShape("r", format).End(text, 0));

    [Theory]
    [InlineData("ab_aB3", 6)]
    [InlineData("ab_abc", 0)]
    [InlineData("ab_ab3", 0)]
    [InlineData("ab_AB3", 0)]
    [InlineData("ab_aBc", 0)]
    public void A_mixed_one_wants_digits_and_both_cases(string text, int end) =>
        Assert.Equal(end, new TokenShape("r", "ab_{a3}", mixed: true).End(text, 0));

    [Fact]
    public void Each_format_is_looked_for_by_its_run_or_by_a_beginning_of_three_characters()
    {
        foreach (var shape in ProviderTokens.All)
        {
            Assert.True(
                shape.RunMin >= TokenPlaces.RunMin || shape.Prefix.Length >= 3,
                $"{shape.Format} of {shape.Rule} would never be found"
            );
        }
        Assert.Equal(
            ProviderTokens.All.Count,
            ProviderTokens.All.Select(s => s.Format).Distinct().Count()
        );
    }

    [Fact]
    public void Places_are_the_starts_of_long_runs_and_what_follows_a_mark_in_them()
    {
        var run = new string('a', TokenPlaces.RunMin);
        var text = $"{run[1..]} {run} x.{run} {run}-{run}";
        var places = new TokenPlaces(text, 0, text.Length);
        var found = new List<int>();
        for (var at = places.Next(); at < text.Length; at = places.Next())
        {
            found.Add(at);
        }

        Assert.Equal([15, 31, 33, 49, 65], found);
    }

    [Fact]
    public void Every_run_is_found_wherever_it_stands()
    {
        for (var before = 0; before < 64; before++)
        {
            var text = new string(' ', before) + "abcdefghijklmno" + "!tail of the text";
            var places = new TokenPlaces(text, 0, text.Length);

            Assert.Equal(before, places.Next());
            Assert.Equal(text.Length, places.Next());
        }
    }
}
