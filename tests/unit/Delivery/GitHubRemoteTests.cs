using CsCheck;
using Orchestrator.Decisions.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

public sealed class GitHubRemoteTests
{
    private static readonly Uri Web = new("https://github.com/");
    private const string Characters = "abgit.com:/@-_%\\ ~#?hubsé\n0459";
    private static readonly string[] Heads =
    [
        "https://github.com/",
        "git@github.com:",
        "ssh://git@github.com/",
        "",
    ];
    private static readonly Uri Own = new("https://git.example.com:8443/");

    [Theory]
    [InlineData("https://github.com/acme/shop.git", "acme/shop")]
    [InlineData("https://github.com/acme/shop", "acme/shop")]
    [InlineData("https://github.com/acme/shop/", "acme/shop")]
    [InlineData("HTTPS://GitHub.com/Acme/Shop.git", "Acme/Shop")]
    [InlineData("https://github.com:443/acme/shop.git", "acme/shop")]
    [InlineData("https://somebody:ghp_x@github.com/acme/shop.git", "acme/shop")]
    [InlineData("git@github.com:acme/shop.git", "acme/shop")]
    [InlineData("git@GITHUB.com:acme/shop", "acme/shop")]
    [InlineData("github.com:acme/shop.git", "acme/shop")]
    [InlineData("git@github.com:/acme/shop.git", "acme/shop")]
    [InlineData("org-1@github.com:acme/shop.git", "acme/shop")]
    [InlineData("ssh://git@github.com/acme/shop.git", "acme/shop")]
    [InlineData("ssh://git@github.com:22/acme/shop", "acme/shop")]
    [InlineData("ssh://git@ssh.github.com:443/acme/shop.git", "acme/shop")]
    [InlineData("git+ssh://git@github.com/acme/shop.git", "acme/shop")]
    [InlineData("https://github.com/acme_corp/my.shop_1.git", "acme_corp/my.shop_1")]
    public void A_remote_on_GitHub_is_read_in_every_form_that_git_takes(string text, string name) =>
        Assert.Equal("github:" + name, GitHubRemote.Read(text, Web)?.ToString());

    [Theory]
    [InlineData("https://git.example.com:8443/acme/shop.git", true)]
    [InlineData("ssh://git@git.example.com/acme/shop.git", true)]
    [InlineData("git@git.example.com:acme/shop.git", true)]
    [InlineData("https://git.example.com/acme/shop.git", false)]
    [InlineData("https://git.example.com:9999/acme/shop.git", false)]
    [InlineData("http://git.example.com:8443/acme/shop.git", false)]
    [InlineData("https://github.com/acme/shop.git", false)]
    public void An_Enterprise_Server_is_known_by_host_and_port(string text, bool known) =>
        Assert.Equal(known ? "github:acme/shop" : null, GitHubRemote.Read(text, Own)?.ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("shop")]
    [InlineData("/srv/git/acme/shop.git")]
    [InlineData("./github.com:acme/shop")]
    [InlineData("C:\\code\\shop")]
    [InlineData("file:///srv/github.com/acme/shop")]
    [InlineData("https://github.com")]
    [InlineData("https://github.com/")]
    [InlineData("https://github.com/acme")]
    [InlineData("https://github.com/acme/")]
    [InlineData("https://github.com/acme/.git")]
    [InlineData("https://github.com/acme/..")]
    [InlineData("https://github.com/../shop")]
    [InlineData("https://github.com/acme/shop/tree/main")]
    [InlineData("https://github.com/acme//shop")]
    [InlineData("https://github.com.evil.example/acme/shop")]
    [InlineData("https://evil.example/github.com/acme/shop")]
    [InlineData("https://evil.example#@github.com.evil/acme/shop")]
    [InlineData("https://gitlab.com/acme/shop.git")]
    [InlineData("https://gist.github.com/acme/shop")]
    [InlineData("https://github.com:0/acme/shop")]
    [InlineData("https://github.com:99999/acme/shop")]
    [InlineData("https://github.com/acme/shop?x=1")]
    [InlineData("https://github.com/acme/sh%2e%2eop")]
    [InlineData("https://github.com/-acme/shop")]
    [InlineData("https://github.com/acme/--upload-pack=x")]
    [InlineData("--upload-pack=x@github.com:acme/shop")]
    [InlineData("-oProxyCommand=x@github.com:acme/shop")]
    [InlineData("https://github.com/acme/shop\nhttps://github.com/acme/other")]
    [InlineData("ext::sh -c x github.com:acme/shop")]
    [InlineData("git://github.com/acme/shop.git")]
    [InlineData("https://gïthub.com/acme/shop")]
    public void Anything_else_is_no_repository(string? text) =>
        Assert.Null(GitHubRemote.Read(text, Web));

    [Fact]
    public void Whatever_is_read_is_two_plain_names_and_reads_the_same_again() =>
        Gen.Select(
                Gen.Char[Characters].Array[0, 60],
                Gen.Int[0, Heads.Length - 1],
                (tail, head) => (Heads[head], new string(tail))
            )
            .Sample(
                text =>
                {
                    var (head, tail) = text;
                    if (GitHubRemote.Read(head + tail, Web) is not { } read)
                    {
                        return;
                    }
                    var parts = read.Name.Split('/');
                    Assert.Equal(2, parts.Length);
                    Assert.All(parts, p => Assert.Matches("^[A-Za-z0-9._][A-Za-z0-9._-]*$", p));
                    Assert.DoesNotContain(parts, p => p.All(c => c == '.'));
                    Assert.Equal(
                        read,
                        GitHubRemote.Read($"https://github.com/{read.Name}.git", Web)
                    );
                },
                iter: 20_000
            );
}
