using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Who mistypes a name is told the nearest one that is known, or all of them when none is near.</summary>
public sealed class NearestNameTests
{
    [Theory]
    // one letter changed, added, left out, or swapped with its neighbour
    [InlineData("cot", "cat", "cat")]
    [InlineData("cats", "cat", "cat")]
    [InlineData("ct", "cat", "cat")]
    [InlineData("act", "cat", "cat")]
    [InlineData("cta", "cat", "cat")]
    [InlineData("ba", "ab", "ab")]
    [InlineData("tpye", "name type when", "type")]
    [InlineData("", "a", "a")]
    [InlineData("cat", "cat", "cat")]
    [InlineData("Cat", "cat", "cat")]
    // of a longer name a third of its letters
    [InlineData("abcdex", "abcdef", "abcdef")]
    [InlineData("abcdxy", "abcdef", "abcdef")]
    [InlineData("abcxyz", "abcdef", "")]
    [InlineData("abcdefxyz", "abcdefghi", "abcdefghi")]
    [InlineData("abcdewxyz", "abcdefghi", "")]
    [InlineData("cxx", "cat", "")]
    [InlineData("", "ab", "")]
    // the nearest, and of two that are as near the first
    [InlineData("pathx", "path paths", "path")]
    [InlineData("pathz", "paths path", "paths")]
    [InlineData("bat", "cat hat", "cat")]
    public void The_nearest_name_is_told_or_all(string name, string known, string nearest) =>
        Assert.Equal(
            nearest.Length > 0
                ? $"Did you mean '{nearest}'?"
                : $"Known: {known.Replace(" ", ", ", StringComparison.Ordinal)}.",
            NearestName.Hint(name, known.Split(' '))
        );

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(39, true)]
    [InlineData(40, true)]
    [InlineData(41, false)]
    public void At_most_40_names_are_told(int count, bool told)
    {
        string[] known = [.. Enumerable.Range(10, count).Select(i => $"name{i}")];

        Assert.Equal(
            told ? $"Known: {string.Join(", ", known)}." : "",
            NearestName.Hint("something else", known)
        );
    }

    [Fact]
    public void A_name_of_more_than_80_characters_is_near_to_none()
    {
        var (most, more) = (new string('a', 80), new string('a', 81));

        Assert.Equal($"Did you mean '{most}'?", NearestName.Hint(most[1..] + "b", [most]));
        Assert.Equal($"Known: {most}.", NearestName.Hint(more, [most]));
        Assert.Equal($"Known: {more}.", NearestName.Hint(most, [more]));
        Assert.Equal("Did you mean 'b'?", NearestName.Hint("a", [more, "b"]));
    }
}
