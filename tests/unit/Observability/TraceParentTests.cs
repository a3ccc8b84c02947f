using CsCheck;
using Orchestrator.Decisions.Observability;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

public sealed class TraceParentTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Span = "00f067aa0ba902b7";
    private const string Good = $"00-{Trace}-{Span}-01";

    [Theory]
    [InlineData(Good, Good)]
    [InlineData($"00-{Trace}-{Span}-00", $"00-{Trace}-{Span}-00")]
    // A later version is read by what is known of it.
    [InlineData($"01-{Trace}-{Span}-01", Good)]
    [InlineData($"cc-{Trace}-{Span}-01-what-will-be", Good)]
    [InlineData($"00-{Trace}-{Span}-01-more", "")]
    [InlineData($"cc-{Trace}-{Span}-01.more", "")]
    [InlineData($"ff-{Trace}-{Span}-01", "")]
    [InlineData($"0g-{Trace}-{Span}-01", "")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", "")]
    [InlineData($"00-{Trace}-0000000000000000-01", "")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "")]
    [InlineData($"00-{Trace}-00F067AA0BA902B7-01", "")]
    [InlineData($"00_{Trace}-{Span}-01", "")]
    [InlineData($"00-{Trace}_{Span}-01", "")]
    [InlineData($"00-{Trace}-{Span}_01", "")]
    [InlineData($"00-{Trace}-{Span}-0x", "")]
    [InlineData($" {Good}", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void What_a_caller_sends_is_read_as_the_standard_says_or_not_at_all(
        string? header,
        string expected
    ) => Assert.Equal(expected, TraceParent.Read(header));

    [Fact]
    public void Its_parts_are_the_trace_and_the_span() =>
        Assert.Equal((Trace, Span), (TraceParent.Trace(Good), TraceParent.Span(Good)));

    [Fact]
    public void Whatever_comes_only_what_is_one_is_taken_and_reading_it_again_changes_nothing() =>
        Gen.OneOf(
                Gen.String,
                Gen.Select(
                    Gen.Int[0, Good.Length - 1],
                    Gen.Char,
                    (at, with) => Good.Remove(at, 1).Insert(at, with.ToString())
                )
            )
            .Sample(text =>
            {
                var read = TraceParent.Read(text);
                Assert.True(read.Length is 0 or 55);
                Assert.Equal(read, TraceParent.Read(read));
                Assert.All(read, c => Assert.Contains(c, "0123456789abcdef-"));
            });
}
