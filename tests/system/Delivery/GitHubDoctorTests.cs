using Orchestrator.GrainInterfaces.Api;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Delivery;

public sealed class GitHubDoctorTests(SharedGitHub shared) : IClassFixture<SharedGitHub>
{
    private GitHubStandIn GitHub => shared.GitHub;

    [Fact]
    public async Task The_account_the_calls_left_and_the_right_to_push_are_named()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);

        var checks = await ChecksAsync(
            GitHubStandIn.TokenOf(GitHubStandIn.Bot),
            "--Runner:Repositories:shop=" + room.Clone
        );

        var account = Assert.Single(checks, c => c.Name == "github");
        Assert.Equal("ok", account.Level);
        Assert.Contains(GitHubStandIn.Bot, account.Message, StringComparison.Ordinal);
        Assert.Contains("calls left", account.Message, StringComparison.Ordinal);
        var repository = Assert.Single(checks, c => c.Name == "github shop");
        Assert.Equal("ok", repository.Level);
        Assert.Contains(room.Repository, repository.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            checks,
            c => (c.Message + c.Cure).Contains("tok_", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(GitHubStandIn.JobToken, "warn", "starts no workflow")]
    [InlineData("tok_wrong-one", "fail", "GitHub:Token")]
    public async Task A_credential_that_will_not_do_is_told_with_the_cure(
        string token,
        string status,
        string cure
    )
    {
        var account = Assert.Single(await ChecksAsync(token), c => c.Name == "github");

        Assert.Equal(status, account.Level);
        Assert.Contains(cure, account.Cure, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<DoctorCheck>> ChecksAsync(string token, params string[] more)
    {
        await using var silo = await SiloProcess.StartAsync([
            "--GitHub:Address=" + GitHub.Address,
            "--GitHub:Token=" + token,
            .. more,
        ]);
        return (await silo.Client.GetDoctorAsync()).Checks;
    }
}
