using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

public sealed class StartRefusalTests
{
    // The program is missing, the door is closed, the line is too long: no try makes that better.
    [Theory]
    [InlineData(true, 2)]
    [InlineData(true, 5)]
    [InlineData(true, 87)]
    [InlineData(true, 193)]
    [InlineData(true, 206)]
    [InlineData(true, 11)]
    [InlineData(false, 2)]
    [InlineData(false, 7)]
    [InlineData(false, 8)]
    [InlineData(false, 13)]
    [InlineData(false, 32)]
    public void A_lasting_refusal_is_not_tried_again(bool windows, int code) =>
        Assert.Null(StartRefusal.Again(1, code, windows));

    [Theory]
    [InlineData(true, 8)]
    [InlineData(true, 32)]
    [InlineData(true, 33)]
    [InlineData(true, 1359)]
    [InlineData(true, 1450)]
    [InlineData(true, 1455)]
    [InlineData(false, 11)]
    [InlineData(false, 12)]
    [InlineData(false, 26)]
    public void A_passing_refusal_is_tried_thrice_more_and_ever_later(bool windows, int code) =>
        Assert.Equal(
            [100, 400, 1600, null],
            Enumerable
                .Range(1, StartRefusal.TriesMax)
                .Select(tries => StartRefusal.Again(tries, code, windows)?.TotalMilliseconds)
        );
}
