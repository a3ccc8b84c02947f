using Orchestrator.Decisions.Doors;
using Xunit;

namespace Orchestrator.UnitTests.Doors;

public sealed class PageSessionTests
{
    private const string Token = "orc_abcDEF-123_x";
    private static readonly DateTimeOffset End = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_cookie_gives_back_its_token_and_its_end()
    {
        var read = PageSession.Read(PageSession.Write(Token, End));

        Assert.Equal((Token, End), (read.Token, read.EndsAt));
    }

    [Fact]
    public void A_cookie_changed_in_any_one_character_is_none()
    {
        var value = PageSession.Write(Token, End);

        for (var i = 0; i < value.Length; i++)
        {
            var changed = value[..i] + (value[i] == '1' ? '2' : '1') + value[(i + 1)..];
            Assert.Equal("", PageSession.Read(changed).Token);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("orc_abc.1.2.3")]
    [InlineData("orc_abc.-1.x")]
    [InlineData("orc_abc.99999999999999999999999.x")]
    [InlineData("orc abc.1.x")]
    public void What_is_no_cookie_of_ours_is_none(string value) =>
        Assert.Equal("", PageSession.Read(value).Token);

    [Fact]
    public void A_later_end_cannot_be_put_into_a_cookie()
    {
        var parts = PageSession.Write(Token, End).Split('.');

        Assert.Equal(
            "",
            PageSession.Read($"{parts[0]}.{long.Parse(parts[1]) + 1}.{parts[2]}").Token
        );
        Assert.Equal("", PageSession.Read(new string('a', 10_000)).Token);
    }

    [Theory]
    [InlineData(false, "", "", "", "", true)]
    [InlineData(false, "", "none", "navigate", "", true)]
    [InlineData(false, "", "same-origin", "cors", "", true)]
    [InlineData(false, "", "cross-site", "navigate", "", true)]
    [InlineData(false, "", "cross-site", "no-cors", "", false)]
    [InlineData(false, "", "same-site", "cors", "", false)]
    [InlineData(true, "http://localhost", "same-origin", "cors", "1", true)]
    [InlineData(true, "", "same-origin", "cors", "1", true)]
    [InlineData(true, "http://localhost", "", "", "1", true)]
    [InlineData(true, "http://localhost", "same-origin", "cors", "", false)]
    [InlineData(true, "http://localhost", "same-origin", "navigate", "0", false)]
    [InlineData(true, "", "", "", "1", false)]
    [InlineData(true, "", "none", "navigate", "1", false)]
    public void A_cookie_changes_something_only_for_a_page_of_this_server(
        bool changes,
        string origin,
        string site,
        string mode,
        string page,
        bool passes
    ) => Assert.Equal(passes, CrossSite.RefuseSession(changes, origin, site, mode, page) is null);
}
