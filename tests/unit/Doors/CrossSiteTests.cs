using Orchestrator.Decisions.Doors;
using Xunit;

namespace Orchestrator.UnitTests.Doors;

public sealed class CrossSiteTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("", "none")]
    [InlineData("", "same-origin")]
    [InlineData("http://127.0.0.1:5140", "")]
    [InlineData("https://127.0.0.1:5140", "same-origin")]
    [InlineData("HTTP://127.0.0.1:5140", "")]
    public void Programs_and_pages_of_this_server_pass(string origin, string fetchSite) =>
        Assert.Null(CrossSite.Refuse(origin, fetchSite, "127.0.0.1:5140"));

    [Theory]
    [InlineData("http://evil.example", "")]
    [InlineData("http://127.0.0.1:5141", "")] // another program of this machine
    [InlineData("http://127.0.0.1", "")]
    [InlineData("http://localhost:5140", "")]
    [InlineData("http://127.0.0.1:5140.evil.example", "")]
    [InlineData("http://evil.example/?http://127.0.0.1:5140", "")]
    [InlineData("null", "")]
    [InlineData("file://", "")]
    [InlineData("ftp://127.0.0.1:5140", "")]
    [InlineData("127.0.0.1:5140", "")]
    [InlineData("http://127.0.0.1:5140", "cross-site")]
    [InlineData("", "cross-site")]
    [InlineData("", "same-site")]
    [InlineData("", "Same-Origin")]
    [InlineData("http://127.0.0.1:5140,http://evil.example", "")]
    public void A_page_of_another_site_is_refused_by_what_its_browser_says(
        string origin,
        string fetchSite
    ) => Assert.NotNull(CrossSite.Refuse(origin, fetchSite, "127.0.0.1:5140"));

    [Fact]
    public void Without_a_host_no_origin_is_this_servers_own() =>
        Assert.NotNull(CrossSite.Refuse("http://", "", ""));

    [Fact]
    public void What_it_said_is_told_and_cut() =>
        Assert.InRange(CrossSite.Refuse(new string('x', 5_000), "", "h")!.Length, 1, 120);
}
