using Orchestrator.Decisions.Doors;
using Xunit;

namespace Orchestrator.UnitTests.Doors;

/// <summary>What a refused request said of itself is told in the words of its header, and never longer than 80 characters of it.</summary>
public sealed class CrossSiteWordsTests
{
    private const string Host = "127.0.0.1:5140";

    [Theory]
    [InlineData("http://evil.example", "", "Origin 'http://evil.example'")]
    [InlineData("null", "same-origin", "Origin 'null'")]
    // Of two that are another site's the origin is told.
    [InlineData("http://evil.example", "cross-site", "Origin 'http://evil.example'")]
    [InlineData("", "cross-site", "Sec-Fetch-Site 'cross-site'")]
    [InlineData("", "same-site", "Sec-Fetch-Site 'same-site'")]
    [InlineData("http://127.0.0.1:5140", "cross-site", "Sec-Fetch-Site 'cross-site'")]
    [InlineData("", "None", "Sec-Fetch-Site 'None'")]
    [InlineData("", "", null)]
    [InlineData("", "none", null)]
    [InlineData("http://127.0.0.1:5140", "same-origin", null)]
    public void A_page_of_another_site_is_told_by_its_header(
        string origin,
        string fetchSite,
        string? told
    ) => Assert.Equal(told, CrossSite.Refuse(origin, fetchSite, Host));

    [Theory]
    [InlineData("http://127.0.0.1:5140", true)]
    [InlineData("https://127.0.0.1:5140", true)]
    [InlineData("HtTpS://127.0.0.1:5140", true)]
    [InlineData("://127.0.0.1:5140", false)]
    [InlineData("127.0.0.1:5140", false)]
    [InlineData("httpx://127.0.0.1:5140", false)]
    [InlineData("xhttp://127.0.0.1:5140", false)]
    [InlineData("http:/127.0.0.1:5140", false)]
    [InlineData("http://127.0.0.1:514", false)]
    [InlineData("http://127.0.0.1:51400", false)]
    [InlineData("http://", false)]
    public void An_origin_is_this_server_s_own_by_scheme_and_authority(string origin, bool own) =>
        Assert.Equal(own ? null : $"Origin '{origin}'", CrossSite.Refuse(origin, "", Host));

    [Fact]
    public void A_host_is_the_same_in_any_case()
    {
        Assert.Null(CrossSite.Refuse("http://Orchestrator.Example", "", "orchestrator.example"));
        Assert.Equal("Origin 'http://'", CrossSite.Refuse("http://", "", ""));
    }

    [Theory]
    [InlineData(79, "")]
    [InlineData(80, "")]
    [InlineData(81, "…")]
    [InlineData(5_000, "…")]
    public void At_most_80_characters_of_it_are_told(int length, string end)
    {
        var said = new string('x', length);
        var told = new string('x', Math.Min(length, 80)) + end;

        Assert.Equal($"Origin '{told}'", CrossSite.Refuse(said, "", Host));
        Assert.Equal($"Sec-Fetch-Site '{told}'", CrossSite.Refuse("", said, Host));
    }

    [Theory]
    // what changes something comes from a page of this server, and from its own site
    [InlineData(true, "", "same-origin", "", "", "no X-Orchestrator-Page")]
    [InlineData(true, "http://h", "same-origin", "cors", "0", "no X-Orchestrator-Page")]
    [InlineData(true, "", "", "", "", "no X-Orchestrator-Page")]
    [InlineData(true, "", "", "", "1", "neither Origin nor Sec-Fetch-Site")]
    [InlineData(true, "", "none", "navigate", "1", "neither Origin nor Sec-Fetch-Site")]
    [InlineData(true, "", "same-origin", "", "1", null)]
    [InlineData(true, "http://h", "", "", "1", null)]
    // what only reads may be opened from anywhere, and not be read by another site's page
    [InlineData(false, "", "cross-site", "cors", "", "Sec-Fetch-Site 'cross-site'")]
    [InlineData(false, "", "same-site", "no-cors", "1", "Sec-Fetch-Site 'same-site'")]
    [InlineData(false, "", "cross-site", "", "", "Sec-Fetch-Site 'cross-site'")]
    [InlineData(false, "", "cross-site", "navigate", "", null)]
    [InlineData(false, "", "same-site", "navigate", "", null)]
    [InlineData(false, "", "same-origin", "cors", "", null)]
    [InlineData(false, "", "", "", "", null)]
    public void A_request_that_a_cookie_lets_in_is_told_what_it_lacks(
        bool changes,
        string origin,
        string site,
        string mode,
        string page,
        string? told
    ) => Assert.Equal(told, CrossSite.RefuseSession(changes, origin, site, mode, page));
}
