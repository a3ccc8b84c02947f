using Orchestrator.Decisions.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>Where the limits of a GitHub remote lie: lengths, characters, hosts, schemes and ports.</summary>
public sealed class GitHubRemoteTableTests
{
    private const string Known = "github:acme/shop";

    private static readonly Uri Web = new("https://github.com/");
    private static readonly Uri Plain = new("http://git.example.com/");
    private static readonly Uri Ported = new("http://git.example.com:8080/");

    [Theory]
    [InlineData(499, true)]
    [InlineData(500, true)]
    [InlineData(501, false)]
    public void A_remote_has_at_most_five_hundred_characters(int length, bool known)
    {
        const string Rest = "@github.com:acme/shop";

        Assert.Equal(known ? Known : null, Read(new string('u', length - Rest.Length) + Rest));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(39, true)]
    [InlineData(40, false)]
    [InlineData(0, false)]
    public void An_owner_has_one_to_thirty_nine_characters(int length, bool known)
    {
        var owner = new string('a', length);

        Assert.Equal(
            known ? $"github:{owner}/shop" : null,
            Read($"https://github.com/{owner}/shop")
        );
        Assert.Equal(known ? $"github:{owner}/shop" : null, Read($"git@github.com:{owner}/shop"));
        Assert.Equal(known ? $"github:{owner}/shop" : null, Read($"git@github.com:/{owner}/shop"));
        // Even behind the one slash that may be too many.
        Assert.Null(Read("https://github.com///shop"));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(0, false)]
    public void A_name_has_one_to_a_hundred_characters(int length, bool known)
    {
        var name = new string('a', length);

        Assert.Equal(
            known ? $"github:acme/{name}" : null,
            Read($"https://github.com/acme/{name}.git")
        );
    }

    [Theory]
    [InlineData("a-b_C9", true)]
    [InlineData("9a", true)]
    [InlineData("a.b", false)]
    [InlineData("a%b", false)]
    [InlineData("-a", false)]
    [InlineData("_a", false)]
    public void An_owner_is_letters_digits_dashes_and_underscores_and_begins_plainly(
        string owner,
        bool known
    ) =>
        Assert.Equal(
            known ? $"github:{owner}/shop" : null,
            Read($"https://github.com/{owner}/shop")
        );

    // In the user's part, which is thrown away, each printable character that no address escapes may stand.
    [Theory]
    [InlineData("!", true)]
    [InlineData("~", true)]
    [InlineData(" ", false)]
    [InlineData("\t", false)]
    [InlineData("\n", false)]
    [InlineData("\0", false)]
    [InlineData("\u007f", false)]
    [InlineData("é", false)]
    [InlineData("\\", false)]
    public void A_remote_is_printable_characters_without_a_blank(string c, bool known)
    {
        Assert.Equal(known ? Known : null, Read($"g{c}t@github.com:acme/shop"));
        Assert.Equal(known ? Known : null, Read($"https://g{c}t@github.com/acme/shop"));
    }

    [Theory]
    [InlineData("git@github.com:acme/shop", true)]
    [InlineData("git@ssh.github.com:acme/shop", true)]
    [InlineData("git@gitlab.com:acme/shop", false)]
    [InlineData("git@www.github.com:acme/shop", false)]
    [InlineData("git@github.com.evil.example:acme/shop", false)]
    [InlineData("github.com@evil.example:acme/shop", false)]
    [InlineData("evil.example@github.com:acme/shop", true)]
    [InlineData("git@:acme/shop", false)]
    [InlineData(":acme/shop", false)]
    [InlineData("://github.com/acme/shop", false)]
    [InlineData("https:///acme/shop", false)]
    [InlineData("https://:443/acme/shop", false)]
    [InlineData("https://git@/acme/shop", false)]
    [InlineData("https://ssh.github.com/acme/shop", false)]
    [InlineData("ssh://git@gitlab.com/acme/shop", false)]
    public void Only_the_host_itself_is_known(string text, bool known) =>
        Assert.Equal(known ? Known : null, Read(text));

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [InlineData("22", true)]
    [InlineData("65535", true)]
    [InlineData("65536", false)]
    [InlineData("99999999999", false)]
    [InlineData("", false)]
    [InlineData("-1", false)]
    [InlineData("+22", false)]
    [InlineData("x", false)]
    public void A_port_of_ssh_is_any_that_there_is(string port, bool known)
    {
        Assert.Equal(known ? Known : null, Read($"ssh://git@github.com:{port}/acme/shop"));
        Assert.Equal(known ? Known : null, Read($"git+ssh://github.com:{port}/acme/shop"));
    }

    [Theory]
    [InlineData("http://git.example.com/acme/shop", true, false)]
    [InlineData("HTTP://git.example.com/acme/shop", true, false)]
    [InlineData("http://git.example.com:80/acme/shop", true, false)]
    [InlineData("http://git.example.com:8080/acme/shop", false, true)]
    [InlineData("http://git.example.com:443/acme/shop", false, false)]
    [InlineData("http://git.example.com:0/acme/shop", false, false)]
    [InlineData("http://git.example.com:x/acme/shop", false, false)]
    [InlineData("https://git.example.com/acme/shop", false, false)]
    [InlineData("https://git.example.com:80/acme/shop", false, false)]
    [InlineData("https://git.example.com:8080/acme/shop", false, false)]
    [InlineData("ssh://git.example.com:8080/acme/shop", true, true)]
    [InlineData("ssh://ssh.git.example.com/acme/shop", true, true)]
    [InlineData("git@git.example.com:acme/shop", true, true)]
    [InlineData("://git.example.com/acme/shop", false, false)]
    public void Scheme_and_port_of_an_own_server_count_for_http(
        string text,
        bool plain,
        bool ported
    )
    {
        Assert.Equal(plain ? Known : null, GitHubRemote.Read(text, Plain)?.ToString());
        Assert.Equal(ported ? Known : null, GitHubRemote.Read(text, Ported)?.ToString());
    }

    [Theory]
    [InlineData("shop.git", "shop")]
    [InlineData("shop.GIT", "shop")]
    [InlineData("shop.git/", "shop")]
    [InlineData("shop/", "shop")]
    [InlineData(".github", ".github")]
    [InlineData("shop//", null)]
    [InlineData("-shop", null)]
    [InlineData("s~op", null)]
    [InlineData(".", null)]
    [InlineData("..", null)]
    public void A_name_is_read_without_what_git_may_add_to_it(string name, string? read) =>
        Assert.Equal(
            read is null ? null : $"github:acme/{read}",
            Read($"https://github.com/acme/{name}")
        );

    private static string? Read(string text) => GitHubRemote.Read(text, Web)?.ToString();
}
