using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Grains.Delivery;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Delivery;

public sealed class GitHubAppTests(SharedGitHub shared) : IClassFixture<SharedGitHub>
{
    private GitHubStandIn GitHub => shared.GitHub;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_App_gets_a_token_for_the_one_repository_and_keeps_it_until_shortly_before_its_end()
    {
        // The stand-in dates its tokens by the real clock.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var world = await GitHubWorld.CreateAsync(GitHub, AsApp, time);
        var before = await MintedAsync();

        var first = await world.Host.PushAccessAsync(world.Repository, Cancel);
        var again = await world.Host.PushAccessAsync(world.Repository, Cancel);
        var view = await world.Host.RepositoryAsync(world.Repository, Cancel);
        Assert.Equal(first.Secret, again.Secret);
        Assert.StartsWith("ghs_", first.Secret, StringComparison.Ordinal);
        Assert.True(view.MayPush);
        Assert.Equal(1, await MintedAsync() - before);

        time.Advance(TimeSpan.FromMinutes(49));
        Assert.Equal(
            first.Secret,
            (await world.Host.PushAccessAsync(world.Repository, Cancel)).Secret
        );
        time.Advance(TimeSpan.FromMinutes(2));
        // Its note is from the future then, which the real host refuses and the stand-in does not look at.
        Assert.NotEqual(
            first.Secret,
            (await world.Host.PushAccessAsync(world.Repository, Cancel)).Secret
        );
        var asked = (await GitHub.RequestsAsync()).Last(r =>
            r["path"]!.ToString().EndsWith("/access_tokens", StringComparison.Ordinal)
        );
        Assert.Equal(
            $"{{\"repositories\":[\"{world.Repository.Split('/')[1]}\"]}}",
            asked["body"]!.ToString()
        );
    }

    [Fact]
    public async Task A_token_that_was_taken_back_is_replaced_once()
    {
        var world = await GitHubWorld.CreateAsync(GitHub, AsApp);
        var first = await world.Host.PushAccessAsync(world.Repository, Cancel);
        await GitHub.RevokeAsync(first.Secret);

        Assert.Equal(
            "main",
            (await world.Host.RepositoryAsync(world.Repository, Cancel)).DefaultBranch
        );
        Assert.NotEqual(
            first.Secret,
            (await world.Host.PushAccessAsync(world.Repository, Cancel)).Secret
        );
    }

    [Fact]
    public async Task An_App_opens_and_reads_a_pull_request()
    {
        var world = await GitHubWorld.CreateAsync(GitHub, AsApp);
        var head = await world.PushAsync("t/1", "a.txt", "two\n");

        var number = await world.Host.OpenAsync(
            world.Repository,
            new PullRequestDraft
            {
                Branch = "t/1",
                Base = "main",
                Title = "T",
                Body = "B",
            },
            Cancel
        );

        Assert.Equal(head, (await world.Host.ViewAsync(world.Repository, number, Cancel)).Head);
    }

    [Fact]
    public async Task A_foreign_key_and_a_missing_one_are_unauthorised_with_the_setting_named()
    {
        using var other = RSA.Create(2048);
        var file = Path.Combine(SiloProcess.NewFolder(), "other.pem");
        await File.WriteAllTextAsync(file, other.ExportPkcs8PrivateKeyPem(), Cancel);
        foreach (var key in (string[])[file, file + ".none"])
        {
            var host = GitHubWorld.HostOf(
                GitHub,
                o =>
                {
                    AsApp(o);
                    o.AppKeyFile = key;
                    o.InstallationId = 815;
                }
            );

            var thrown = await Assert.ThrowsAsync<PullRequestHostException>(() =>
                host.PushAccessAsync("acme/shop", Cancel)
            );

            Assert.Equal(PullRequestHostError.Unauthorised, thrown.Error);
            Assert.Contains("GitHub:AppKeyFile", thrown.Message, StringComparison.Ordinal);
        }
    }

    private void AsApp(GitHubOptions options)
    {
        options.Token = "";
        options.AppId = GitHubStandIn.AppId;
        options.AppKeyFile = GitHub.AppKeyFile;
    }

    private async Task<int> MintedAsync() =>
        (await GitHub.RequestsAsync()).Count(r =>
            r["path"]!.ToString().EndsWith("/access_tokens", StringComparison.Ordinal)
        );
}
