using Orchestrator.Grains.Delivery;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Delivery;

public sealed class BranchPublisherFaultTests(SharedGitHub shared) : IClassFixture<SharedGitHub>
{
    private GitHubStandIn GitHub => shared.GitHub;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hooks_refusal_and_a_missing_right_are_refused_with_the_hosts_words()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        var order = await room.OrderAsync(files: ("a.txt", "two\n"));
        await GitHub.RefusePushesAsync(room.Repository, "GH013: only on Mondays");
        var hook = await PublisherRoom.FailsAsync(PublishError.Refused, room, order);
        Assert.Contains("GH013: only on Mondays", hook.Message, StringComparison.Ordinal);
        await GitHub.RefusePushesAsync(room.Repository, "");

        using var stranger = await PublisherRoom.CreateAsync(
            GitHub,
            o => o.Token = GitHubStandIn.TokenOf(GitHubStandIn.Stranger),
            repository: room.Repository
        );
        var right = await PublisherRoom.FailsAsync(
            PublishError.Refused,
            stranger,
            await stranger.OrderAsync(files: ("a.txt", "two\n"))
        );
        Assert.Contains("may not push", right.Message, StringComparison.Ordinal);
        await PublisherRoom.FailsAsync(PublishError.Refused, room, order with { Branch = "main" });
        await PublisherRoom.FailsAsync(
            PublishError.Refused,
            room,
            order with
            {
                Branch = "--force",
            }
        );
        Assert.Null(await GitHub.BranchAsync(room.Repository, "t/1"));
    }

    [Fact]
    public async Task A_refused_credential_and_a_missing_repository_are_failures_of_the_host()
    {
        using var room = await PublisherRoom.CreateAsync(
            GitHub,
            o => o.Token = "tok_nobody-has-this"
        );
        var order = (await room.OrderAsync(files: ("a.txt", "two\n"))) with { Base = "main" };

        var thrown = await Assert.ThrowsAsync<PullRequestHostException>(() =>
            room.Publisher.PublishAsync(order, Cancel)
        );
        Assert.Equal(PullRequestHostError.Unauthorised, thrown.Error);
        Assert.DoesNotContain("tok_nobody", thrown.Message, StringComparison.Ordinal);

        using var other = await PublisherRoom.CreateAsync(GitHub);
        var missing = await Assert.ThrowsAsync<PullRequestHostException>(() =>
            other.Publisher.PublishAsync(
                order with
                {
                    Repository = other.Remote with { Name = other.Repository + "-none" },
                },
                Cancel
            )
        );
        Assert.Equal(PullRequestHostError.NotFound, missing.Error);
    }

    [Fact]
    public async Task A_push_whose_answer_was_lost_is_found_the_next_time()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        var order = await room.OrderAsync(files: ("a.txt", "two\n"));
        // Git's own library asks once more where a connection that it had kept is cut.
        await GitHub.FaultAsync(
            $"POST /{room.Repository}.git/git-receive-pack$",
            times: 2,
            mode: "drop-after"
        );

        await PublisherRoom.FailsAsync(PublishError.Unavailable, room, order);
        var pushed = await GitHub.BranchAsync(room.Repository, "t/1");
        var published = await room.Publisher.PublishAsync(order, Cancel);

        Assert.Equal((pushed, false), (published.Head, published.Others));
        Assert.Equal(order.BaseCommit, await room.AskAsync("rev-parse", "origin/t/1^"));
    }

    [Fact]
    public async Task A_host_that_does_not_answer_is_unavailable_within_the_time()
    {
        using var room = await PublisherRoom.CreateAsync(
            GitHub,
            delivery: o => o.RemoteTimeMax = TimeSpan.FromSeconds(2)
        );
        var order = await room.OrderAsync(files: ("a.txt", "two\n"));
        await GitHub.FaultAsync($"GET /{room.Repository}.git/info/refs$", mode: "hang");
        var late = await PublisherRoom.FailsAsync(PublishError.Unavailable, room, order);
        Assert.Contains("Delivery:RemoteTimeMax", late.Message, StringComparison.Ordinal);

        await GitHub.FaultAsync($"GET /{room.Repository}.git/info/refs$", 502);
        await PublisherRoom.FailsAsync(PublishError.Unavailable, room, order);
        Assert.NotEmpty((await room.Publisher.PublishAsync(order, Cancel)).Head);
    }

    [Fact]
    public async Task The_credential_is_in_no_argument_no_file_and_no_address()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        var order = await room.OrderAsync(files: ("a.txt", "two\n"));
        var secret = GitHubStandIn.TokenOf(GitHubStandIn.Bot);
        var basic = Convert.ToBase64String(
            System.Text.Encoding.UTF8.GetBytes("x-access-token:" + secret)
        );
        await GitHub.FaultAsync($"POST /{room.Repository}.git/git-receive-pack$", mode: "hang");
        var reached = GitHub.NextRequestAsync($"POST /{room.Repository}.git/git-receive-pack$");
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var pushing = room.Publisher.PublishAsync(order, leaving.Token);
        await reached.WaitAsync(TimeSpan.FromMinutes(2), Cancel);

        var lines = ArgumentsOfAll();
        Assert.Contains(
            lines,
            l => l.Contains($"/{room.Repository}.git", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            lines.Where(l => l.Contains(room.Repository, StringComparison.Ordinal)),
            l =>
                l.Contains(secret, StringComparison.Ordinal)
                || l.Contains(basic, StringComparison.Ordinal)
        );
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pushing);

        var files = Directory.GetFiles(room.Data, "*", SearchOption.AllDirectories);
        Assert.Contains(files, f => f.EndsWith("config", StringComparison.Ordinal));
        Assert.All(
            files,
            f =>
            {
                var text = File.ReadAllText(f);
                Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
                Assert.DoesNotContain(basic, text, StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public async Task A_clone_that_a_kill_left_half_or_damaged_is_mended_or_made_anew()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        var first = await room.Publisher.PublishAsync(
            await room.OrderAsync(files: ("a.txt", "two\n")),
            Cancel
        );
        // Another life of the silo finds what the kill left.
        using var next = await PublisherRoom.CreateAsync(GitHub, repository: room.Repository);
        Directory.CreateDirectory(Path.GetDirectoryName(next.Cache)!);
        Directory.Move(room.Cache, next.Cache);
        await File.WriteAllTextAsync(Path.Combine(next.Cache, "packed-refs.lock"), "", Cancel);
        var reference = Directory
            .GetFiles(Path.Combine(next.Cache, "refs"), "*", SearchOption.AllDirectories)
            .First();
        await File.WriteAllTextAsync(reference + ".lock", "", Cancel);
        await File.WriteAllTextAsync(
            Path.Combine(next.Cache, "objects", "pack", "tmp_pack_1"),
            "half",
            Cancel
        );
        var second = await next.Publisher.PublishAsync(
            await next.OrderAsync(first.Head, turn: 2, files: ("a.txt", "three\n")),
            Cancel
        );
        Assert.Equal(first.Head, await next.AskAsync("rev-parse", second.Head + "^"));
        Assert.False(File.Exists(reference + ".lock"));

        // Objects are gone below the refs.
        foreach (
            var file in Directory.GetFiles(
                Path.Combine(next.Cache, "objects"),
                "*",
                SearchOption.AllDirectories
            )
        )
        {
            File.SetAttributes(file, FileAttributes.Normal);
            File.Delete(file);
        }
        var third = await next.Publisher.PublishAsync(
            await next.OrderAsync(second.Head, turn: 3, files: ("a.txt", "four\n")),
            Cancel
        );
        Assert.Equal(second.Head, await next.AskAsync("rev-parse", third.Head + "^"));
    }

    private static List<string> ArgumentsOfAll()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "arguments of processes are read in /proc");
        var all = new List<string>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            try
            {
                all.Add(File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' '));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // No process, or one that ended.
            }
        }
        return all;
    }
}
