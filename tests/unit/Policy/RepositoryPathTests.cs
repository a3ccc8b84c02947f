using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A path is brought to one spelling, and what a platform may read differently is told in words.</summary>
public sealed class RepositoryPathTests
{
    private const string Colon = "it holds ':', which on Windows begins a stream or a drive";
    private const string Trailing = "a part of it ends with a dot or a blank, which Windows drops";
    private const string Short = "a part of it looks like a short (8.3) name of another file";
    private const string Unseen = "it holds a character that cannot be seen";

    [Theory]
    [InlineData("src/App.cs", "src/app.cs")]
    [InlineData("src\\App.cs", "src/app.cs")]
    [InlineData("./src//App.cs/", "src/app.cs")]
    [InlineData("a/b/../c", "a/c")]
    [InlineData("a/b/c/../../d", "a/d")]
    [InlineData("a/..", "")]
    [InlineData(".", "")]
    [InlineData("/etc/passwd", "etc/passwd")]
    [InlineData("../../x", "x")]
    [InlineData("É/ß", "e\u0301/ss")]
    [InlineData("a\u200Db", "ab")]
    [InlineData("a.txt. .", "a.txt")]
    [InlineData("a.txt:stream", "a.txt")]
    [InlineData("a.txt::$DATA", "a.txt")]
    [InlineData("a/ . /b", "a/b")]
    [InlineData("a/:x/b", "a/b")]
    [InlineData(" a", " a")]
    [InlineData(".gitignore", ".gitignore")]
    public void A_path_has_one_key(string path, string key) =>
        Assert.Equal(key, RepositoryPath.Of(path).Key);

    [Theory]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("a/..", false)]
    [InlineData("a/../..", true)]
    [InlineData("a/../../a", true)]
    [InlineData("..", true)]
    [InlineData("../a", true)]
    [InlineData("..\\a", true)]
    [InlineData("..a", false)]
    [InlineData("/a", true)]
    [InlineData("\\a", true)]
    [InlineData("C:", true)]
    [InlineData("c:a", true)]
    [InlineData("1:a", false)]
    [InlineData("é:a", false)]
    [InlineData("a/...", true)]
    [InlineData("a/. ./b", true)]
    [InlineData("a/ ./b", false)]
    public void A_path_leaves_the_repository_or_not(string path, bool escapes) =>
        Assert.Equal(escapes, RepositoryPath.Of(path).Escapes);

    [Theory]
    [InlineData(".git", true)]
    [InlineData(".git/config", true)]
    [InlineData("a/.git", true)]
    [InlineData("a/.GIT/hooks/x", true)]
    [InlineData("a/../.git", true)]
    [InlineData(".git./x", true)]
    [InlineData(".github/x", false)]
    [InlineData("a.git/x", false)]
    [InlineData("a/.gitx", false)]
    [InlineData("git", false)]
    [InlineData(".git/../a", false)]
    public void Git_s_own_folder_is_known_wherever_it_lies(string path, bool isGit) =>
        Assert.Equal(isGit, RepositoryPath.Of(path).IsGitInternal);

    [Theory]
    [InlineData("src/app.cs", "")]
    [InlineData("a b/(c) [d] {e}, f;g!h$i%j&k'l^m~n=o@p#q+r-s_t.u", "")]
    [InlineData("é/漢字/한글", "")]
    [InlineData("a\u200Cb", "")]
    [InlineData("a\u200Db", "")]
    [InlineData("⚠\uFE0F", "")]
    [InlineData("", "it is empty")]
    [InlineData("a:b", Colon)]
    [InlineData("C:/a", Colon)]
    [InlineData("a.", Trailing)]
    [InlineData("a ", Trailing)]
    [InlineData("a./b", Trailing)]
    [InlineData("a/...", Trailing)]
    [InlineData("a\u0001", "it holds a control character")]
    [InlineData("a\u007Fb", "it holds a control character")]
    [InlineData("a\u0085b", "it holds a control character")]
    [InlineData("a\u2028b", "it holds a control character")]
    [InlineData("a\u2029b", "it holds a control character")]
    [InlineData("a\uFFFDb", "it is no valid UTF-8")]
    [InlineData("a<b", "it holds '<', which no file on Windows may")]
    [InlineData("a>b", "it holds '>', which no file on Windows may")]
    [InlineData("a\"b", "it holds '\"', which no file on Windows may")]
    [InlineData("a|b", "it holds '|', which no file on Windows may")]
    [InlineData("a?b", "it holds '?', which no file on Windows may")]
    [InlineData("a*b", "it holds '*', which no file on Windows may")]
    [InlineData("a\u200Bb", Unseen)]
    [InlineData("a\u202Eb", Unseen)]
    [InlineData("a\uFEFFb", Unseen)]
    [InlineData("a\u3164b", Unseen)]
    public void An_odd_name_says_what_is_odd(string path, string oddity) =>
        Assert.Equal(oddity, RepositoryPath.Of(path).Oddity);

    // NAME~1.EXT: at most eight characters, digits alone after the last '~', at most three after the dot.
    [Theory]
    [InlineData("progra~1", Short)]
    [InlineData("PROGRA~1.TXT", Short)]
    [InlineData("a~1", Short)]
    [InlineData("a~12.c", Short)]
    [InlineData("a/git~1/b", Short)]
    [InlineData("a~b~1.cs", Short)]
    [InlineData("~1", "")]
    [InlineData("a~", "")]
    [InlineData("a~x", "")]
    [InlineData("a~1x", "")]
    [InlineData("a~1~", "")]
    [InlineData("a1.txt", "")]
    [InlineData("abcdef~1", Short)]
    [InlineData("abcdefg~1", "")]
    [InlineData("a~1.abc", Short)]
    [InlineData("a~1.abcd", "")]
    public void A_short_name_of_another_file_is_odd(string path, string oddity) =>
        Assert.Equal(oddity, RepositoryPath.Of(path).Oddity);

    [Theory]
    [InlineData("con")]
    [InlineData("PRN")]
    [InlineData("aux")]
    [InlineData("Nul")]
    [InlineData("com0")]
    [InlineData("COM1")]
    [InlineData("com9")]
    [InlineData("lpt0")]
    [InlineData("LPT9")]
    [InlineData("com¹")]
    [InlineData("lpt²")]
    [InlineData("com³")]
    [InlineData("conin$")]
    [InlineData("CONOUT$")]
    public void A_device_of_windows_is_odd_with_any_ending_in_any_folder(string device)
    {
        var oddity = $"'{device}' is a device on Windows";

        Assert.Equal(oddity, RepositoryPath.Of(device).Oddity);
        Assert.Equal(oddity, RepositoryPath.Of($"a/{device}/b").Oddity);
        Assert.Equal(oddity, RepositoryPath.Of($"{device}.txt").Oddity);
        Assert.Equal(oddity, RepositoryPath.Of($"{device} .tar.gz").Oddity);
        Assert.Equal("", RepositoryPath.Of($"{device}x").Oddity);
        Assert.Equal("", RepositoryPath.Of($"x{device}").Oddity);
        Assert.Equal("", RepositoryPath.Of($"x.{device}").Oddity);
    }

    [Theory]
    [InlineData("co")]
    [InlineData("com")]
    [InlineData("lpt")]
    [InlineData("comx")]
    [InlineData("com10")]
    [InlineData("abc1")]
    [InlineData("conin")]
    [InlineData("conout")]
    [InlineData("console")]
    [InlineData("conio.h")]
    public void What_is_only_like_a_device_is_a_name(string name) =>
        Assert.Equal("", RepositoryPath.Of(name).Oddity);

    [Fact]
    public void Of_several_oddities_the_first_is_told() =>
        Assert.Equal("'aux' is a device on Windows", RepositoryPath.Of("aux/a:b/c.").Oddity);

    [Theory]
    [InlineData("src/App.cs", "src/App.cs")]
    [InlineData("a\\..\\b/", "a\\..\\b/")]
    [InlineData("é漢😀", "é漢😀")]
    [InlineData("a\nb", "a\\u{a}b")]
    [InlineData("a\u001Bb", "a\\u{1b}b")]
    [InlineData("a\u0000b\u001F", "a\\u{0}b\\u{1f}")]
    [InlineData("a\u202Eb", "a\\u{202e}b")]
    [InlineData("\u200Ba", "\\u{200b}a")]
    [InlineData("", "")]
    public void People_see_a_path_as_it_was_written_and_what_cannot_be_seen(
        string path,
        string shown
    ) => Assert.Equal(shown, RepositoryPath.Of(path).Shown);

    [Theory]
    [InlineData(299, "")]
    [InlineData(300, "")]
    [InlineData(301, "…")]
    [InlineData(5_000, "…")]
    public void People_see_at_most_300_characters(int length, string end) =>
        Assert.Equal(
            new string('a', Math.Min(length, 300)) + end,
            RepositoryPath.Of(new string('a', length)).Shown
        );
}
