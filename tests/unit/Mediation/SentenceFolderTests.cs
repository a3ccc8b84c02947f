using Orchestrator.Decisions.Mediation;
using Xunit;

namespace Orchestrator.UnitTests.Mediation;

public sealed class SentenceFolderTests
{
    private const int Limit = 32_000;

    [Theory]
    [InlineData("in /srv/app fix the login", "/srv/app")]
    [InlineData("Fix the login IN\n/srv/app", "/srv/app")]
    [InlineData("Fix it in C:\\src\\app and commit", "C:\\src\\app")]
    [InlineData("Fix it in d:/src/app", "d:/src/app")]
    [InlineData("Fix it in \"/srv/my app\", please", "/srv/my app")]
    [InlineData("Fix it in 'C:\\my app'", "C:\\my app")]
    [InlineData("Fix it in \"/srv/app.\"", "/srv/app.")]
    [InlineData("(it is in /srv/app)", "/srv/app")]
    [InlineData("Is it in /srv/app?!", "/srv/app")]
    [InlineData("in /srv/app: fix; in /srv/other; look", "/srv/app")]
    [InlineData("in /srv/app,", "/srv/app")]
    [InlineData("in /srv/app;", "/srv/app")]
    [InlineData("in /srv/app.", "/srv/app")]
    public void The_folder_after_in_is_found_without_the_marks_around_it(
        string sentence,
        string folder
    ) => Assert.Equal(folder, SentenceFolder.Of(sentence));

    [Theory]
    [InlineData("in /a fix it", "/a")]
    [InlineData("in C:\\a fix it", "C:\\a")]
    [InlineData("in / fix it", "")]
    [InlineData("in /. fix it", "")]
    [InlineData("in C:\\ fix it", "")]
    [InlineData("in C:\\. fix it", "")]
    [InlineData("in \"C:\\/\" fix it", "")]
    public void The_root_of_a_disk_is_no_folder_of_a_project_and_its_shortest_child_is(
        string sentence,
        string folder
    ) => Assert.Equal(folder, SentenceFolder.Of(sentence));

    [Theory]
    [InlineData("")]
    [InlineData("fix the login")]
    [InlineData("fix it in src/app")]
    [InlineData("begin /srv/app")]
    [InlineData("look at /srv/app")]
    [InlineData("in the end /srv/app")]
    public void A_sentence_that_names_no_folder_gives_none(string sentence) =>
        Assert.Equal("", SentenceFolder.Of(sentence));

    [Fact]
    public void Only_the_first_32_000_characters_are_searched_for_a_folder()
    {
        const string Folder = "in /srv/app";
        var before = new string(' ', Limit - Folder.Length);

        Assert.Equal("/srv/app", SentenceFolder.Of(before + Folder));
        Assert.Equal("/srv/ap", SentenceFolder.Of(" " + before + Folder));
        Assert.Equal("", SentenceFolder.Of(new string(' ', Limit) + Folder));
    }
}
