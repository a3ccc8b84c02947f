using Orchestrator.Decisions.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

public sealed class RemoteGitTextTests
{
    [Theory]
    [InlineData("! [rejected] x -> t/1 (fetch first)", RemoteGitAnswer.Moved)]
    [InlineData("! [rejected] x -> t/1 (non-fast-forward)", RemoteGitAnswer.Moved)]
    [InlineData(
        "! [remote rejected] x -> t/1 (cannot lock ref 'refs/heads/t/1': is at a but expected b)",
        RemoteGitAnswer.Moved
    )]
    [InlineData(
        "remote: error: GH006: Protected branch update failed.\n ! [remote rejected] x -> main (protected branch hook declined)",
        RemoteGitAnswer.Refused
    )]
    [InlineData(
        "! [remote rejected] x -> t/1 (pre-receive hook declined)",
        RemoteGitAnswer.Refused
    )]
    [InlineData(
        "! [remote rejected] x -> t/1 (refusing to allow a Personal Access Token to create or update workflow `.github/workflows/ci.yml` without `workflow` scope)",
        RemoteGitAnswer.Refused
    )]
    [InlineData(
        "remote: This repository was archived so it is read-only.\nfatal: unable to access 'https://h/': The requested URL returned error: 403",
        RemoteGitAnswer.Forbidden
    )]
    [InlineData(
        "fatal: could not read Username for 'https://h': terminal prompts disabled",
        RemoteGitAnswer.Unauthorised
    )]
    [InlineData(
        "remote: Invalid username or password.\nfatal: Authentication failed for 'https://h/'",
        RemoteGitAnswer.Unauthorised
    )]
    [InlineData(
        "fatal: unable to access 'https://h/': The requested URL returned error: 403",
        RemoteGitAnswer.Forbidden
    )]
    [InlineData(
        "remote: Repository not found.\nfatal: repository 'https://h/' not found",
        RemoteGitAnswer.NotFound
    )]
    [InlineData(
        "fatal: unable to access 'https://h/': Could not resolve host: h",
        RemoteGitAnswer.Unavailable
    )]
    [InlineData("fatal: early EOF", RemoteGitAnswer.Unavailable)]
    [InlineData("", RemoteGitAnswer.Unavailable)]
    public void What_git_says_has_one_meaning(string said, RemoteGitAnswer answer) =>
        Assert.Equal(answer, RemoteGitText.Read(said));

    [Theory]
    [InlineData("error: refs/remote/1 does not point to a valid object!", true)]
    [InlineData("fatal: bad object 1234", true)]
    [InlineData("error: object file objects/aa/bb is empty", true)]
    [InlineData("error: unable to read sha1 file of a.txt", true)]
    [InlineData("fatal: not a git repository: x", true)]
    [InlineData("fatal: unable to access 'https://h/': Could not resolve host: h", false)]
    [InlineData(
        "fatal: unable to access 'https://h/': The requested URL returned error: 502",
        false
    )]
    [InlineData("fatal: unable to access 'https://h/': Failed to connect to h port 443", false)]
    [InlineData("fatal: remote error: upload-pack: not our ref 1234", false)]
    public void A_clone_is_looked_through_only_where_git_speaks_of_it(string said, bool hints) =>
        Assert.Equal(hints, RemoteGitText.HintsAtDamage(said));

    [Fact]
    public void The_remotes_own_words_come_first_and_the_whole_is_one_bounded_line()
    {
        Assert.Equal(
            "GH013: only on Mondays ! [remote rejected] x -> t/1 (pre-receive hook declined)",
            RemoteGitText.Words(
                "To https://h/acme/shop.git\nremote: \nremote: GH013: only on Mondays\r\n ! [remote rejected] x -> t/1 (pre-receive hook declined)\nhint: see the manual"
            )
        );
        Assert.Equal(1_000, RemoteGitText.Words(new string('x', 5_000)).Length);
    }
}
