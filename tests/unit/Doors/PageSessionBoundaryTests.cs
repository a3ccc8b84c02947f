using Orchestrator.Decisions.Doors;
using Xunit;

namespace Orchestrator.UnitTests.Doors;

/// <summary>A cookie is three parts and nothing else: a token of letters, digits, '_' and '-', an end in seconds, and its seal.</summary>
public sealed class PageSessionBoundaryTests
{
    private static readonly DateTimeOffset End = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(199, true)]
    [InlineData(200, true)]
    [InlineData(201, false)]
    [InlineData(5_000, false)]
    public void A_token_has_1_to_200_characters(int length, bool isToken)
    {
        var token = new string('a', length);

        Assert.Equal(isToken, PageSession.IsToken(token));
        Assert.Equal(isToken ? token : "", PageSession.Read(PageSession.Write(token, End)).Token);
    }

    [Theory]
    [InlineData("orc_abcXYZ-0189", true)]
    [InlineData("_", true)]
    [InlineData("-", true)]
    [InlineData("a.b", false)]
    [InlineData(".", false)]
    [InlineData("a b", false)]
    [InlineData(" a", false)]
    [InlineData("a\n", false)]
    [InlineData("a=", false)]
    [InlineData("a/b", false)]
    [InlineData("é", false)]
    [InlineData("a\u0661", false)]
    public void A_token_is_of_letters_digits_and_two_signs(string token, bool isToken)
    {
        Assert.Equal(isToken, PageSession.IsToken(token));
        Assert.Equal(isToken ? token : "", PageSession.Read(PageSession.Write(token, End)).Token);
    }

    [Fact]
    public void A_cookie_ends_to_the_second_up_to_the_last_that_there_is()
    {
        foreach (
            var end in (DateTimeOffset[])
                [
                    DateTimeOffset.UnixEpoch,
                    End,
                    End.AddMilliseconds(999),
                    DateTimeOffset.MaxValue.AddSeconds(-1),
                    DateTimeOffset.MaxValue,
                ]
        )
        {
            var read = PageSession.Read(PageSession.Write("tok", end));

            Assert.Equal("tok", read.Token);
            Assert.Equal(end.ToUnixTimeSeconds(), read.EndsAt.ToUnixTimeSeconds());
            Assert.Equal(0, read.EndsAt.Millisecond);
        }
    }

    [Theory]
    [InlineData("tok.253402300800.00")]
    [InlineData("tok.9223372036854775807.00")]
    [InlineData("tok.9223372036854775808.00")]
    [InlineData("tok.+1.00")]
    [InlineData("tok. 1.00")]
    [InlineData("tok.0x1.00")]
    [InlineData("tok..00")]
    [InlineData("tok.1.")]
    [InlineData("tok.1")]
    [InlineData(".1.00")]
    [InlineData("tok.1.00.")]
    public void What_has_no_end_or_seal_of_ours_says_nothing(string value) =>
        Assert.Equal(new PageSessionReading("", DateTimeOffset.MinValue), PageSession.Read(value));

    [Fact]
    public void A_seal_is_of_its_token_and_of_its_end()
    {
        var (own, other, later) = (
            PageSession.Write("tok", End).Split('.'),
            PageSession.Write("toc", End).Split('.'),
            PageSession.Write("tok", End.AddSeconds(1)).Split('.')
        );

        Assert.Equal(["tok", "1777636800"], own[..2]);
        Assert.Matches("^[0-9a-f]{64}$", own[2]);
        Assert.Equal("", PageSession.Read($"tok.{own[1]}.{other[2]}").Token);
        Assert.Equal("", PageSession.Read($"tok.{own[1]}.{later[2]}").Token);
        Assert.Equal("", PageSession.Read($"tok.{own[1]}.{own[2].ToUpperInvariant()}").Token);
        Assert.Equal("", PageSession.Read($"tok.0{own[1]}.{own[2]}").Token);
        Assert.Equal("tok", PageSession.Read($"tok.{own[1]}.{own[2]}").Token);
    }
}
