using System.Diagnostics;
using Orchestrator.Grains.Delivery;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Delivery;

public sealed class BranchPublisherTests(SharedGitHub shared) : IClassFixture<SharedGitHub>
{
    private GitHubStandIn GitHub => shared.GitHub;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_becomes_one_commit_and_asked_again_it_is_found_by_this_and_any_other_silo()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        using var other = await PublisherRoom.CreateAsync(GitHub, repository: room.Repository);
        var order = await room.OrderAsync(files: ("a.txt", "one\ntwo\n"));

        var first = await room.Publisher.PublishAsync(order, Cancel);
        var again = await room.Publisher.PublishAsync(order with { LastHead = first.Head }, Cancel);
        // The other has the same captured work by the shared store; here it is captured again.
        var theirs = await other.OrderAsync(files: ("a.txt", "one\ntwo\n"));
        var third = await other.Publisher.PublishAsync(theirs, Cancel);

        Assert.Equal(first, again);
        Assert.Equal(first, third);
        Assert.Equal(1, await room.PushesAsync());
        Assert.Equal(first.Head, await GitHub.BranchAsync(room.Repository, "t/1"));
        Assert.Equal(("main", false), (first.Base, first.Others));
        Assert.Equal(order.BaseCommit, first.BaseHead);
        Assert.Equal(
            $"{order.BaseCommit} Orchestrator orchestrator@localhost 1777636800 fix: count to two",
            await room.AskAsync("log", "-1", "--format=%P %an %ae %ct %s", "origin/t/1")
        );
        Assert.Equal("one\ntwo", await room.AskAsync("show", "origin/t/1:a.txt"));
        var trailers = await room.AskAsync("log", "-1", "--format=%(trailers)", "origin/t/1");
        Assert.Contains("Orchestrator-Task: 01TASK", trailers, StringComparison.Ordinal);
        Assert.Contains("Orchestrator-Turn: 1", trailers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_turn_goes_on_top_and_holds_the_whole_work()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        var first = await room.Publisher.PublishAsync(
            await room.OrderAsync(files: ("a.txt", "one\ntwo\n")),
            Cancel
        );

        var second = await room.Publisher.PublishAsync(
            await room.OrderAsync(
                first.Head,
                turn: 2,
                files: [("a.txt", "one\nTWO\n"), ("c.txt", "c\n"), ("b.txt", null)]
            ),
            Cancel
        );

        Assert.False(second.Others);
        Assert.Equal(first.Head, await room.AskAsync("rev-parse", "origin/t/1^"));
        Assert.Equal("one\nTWO", await room.AskAsync("show", "origin/t/1:a.txt"));
        Assert.DoesNotContain(
            "b.txt",
            await room.AskAsync("ls-tree", "--name-only", "origin/t/1"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Somebody_elses_commit_is_kept_below_ours()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        var first = await room.Publisher.PublishAsync(
            await room.OrderAsync(files: ("a.txt", "one\ntwo\n")),
            Cancel
        );
        var person = await room.PersonPushesAsync("t/1", "b.txt", "by hand\n");

        var second = await room.Publisher.PublishAsync(
            await room.OrderAsync(first.Head, turn: 2, files: ("a.txt", "one\nthree\n")),
            Cancel
        );

        Assert.True(second.Others);
        Assert.Equal(person, await room.AskAsync("rev-parse", "origin/t/1^"));
        Assert.Equal("by hand", await room.AskAsync("show", "origin/t/1:b.txt"));
        Assert.Equal("one\nthree", await room.AskAsync("show", "origin/t/1:a.txt"));
        // And a third turn, in a clone that was made anew, on top of both.
        Directory.Delete(room.Cache, recursive: true);
        var third = await room.Publisher.PublishAsync(
            await room.OrderAsync(
                second.Head,
                turn: 3,
                files: [("a.txt", "one\nthree\n"), ("d.txt", "d\n")]
            ),
            Cancel
        );
        Assert.Equal("by hand", await room.AskAsync("show", "origin/t/1:b.txt"));
        Assert.Equal(second.Head, await room.AskAsync("rev-parse", third.Head + "^"));
    }

    [Fact]
    public async Task Work_that_does_not_fit_onto_somebody_elses_is_a_conflict_that_names_the_paths()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        var first = await room.Publisher.PublishAsync(
            await room.OrderAsync(files: ("a.txt", "one\ntwo\n")),
            Cancel
        );
        var person = await room.PersonPushesAsync("t/1", "a.txt", "one\nby hand\n");

        var failed = await PublisherRoom.FailsAsync(
            PublishError.Conflict,
            room,
            await room.OrderAsync(first.Head, turn: 2, files: ("a.txt", "one\nthree\n"))
        );

        Assert.Contains("a.txt", failed.Message, StringComparison.Ordinal);
        Assert.Equal(person, await GitHub.BranchAsync(room.Repository, "t/1"));
    }

    [Fact]
    public async Task A_branch_that_somebody_deleted_is_not_made_again()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        var first = await room.Publisher.PublishAsync(
            await room.OrderAsync(files: ("a.txt", "two\n")),
            Cancel
        );
        await GitHub.DeleteBranchAsync(room.Repository, "t/1");

        await PublisherRoom.FailsAsync(
            PublishError.BranchGone,
            room,
            await room.OrderAsync(first.Head, turn: 2, files: ("a.txt", "three\n"))
        );

        Assert.Null(await GitHub.BranchAsync(room.Repository, "t/1"));
    }

    [Fact]
    public async Task A_base_that_only_the_persons_clone_has_is_unknown_and_the_cure_is_named()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        await Git.RunAsync(room.Clone, "commit", "-q", "--allow-empty", "-m", "not pushed");
        var unpushed = await Git.RunAsync(room.Clone, "rev-parse", "HEAD");

        var failed = await PublisherRoom.FailsAsync(
            PublishError.BaseUnknown,
            room,
            await room.OrderAsync(baseCommit: unpushed, files: ("a.txt", "two\n"))
        );

        Assert.Contains("git push origin " + unpushed, failed.Message, StringComparison.Ordinal);
        var other = await room.OrderAsync(files: ("a.txt", "two\n"));
        await PublisherRoom.FailsAsync(
            PublishError.BaseUnknown,
            room,
            other with
            {
                Base = "none/such",
            }
        );
        await PublisherRoom.FailsAsync(
            PublishError.BaseUnknown,
            room,
            other with
            {
                BaseCommit = "--all",
            }
        );
    }

    [Fact]
    public async Task Work_on_a_newer_base_brings_that_base_into_the_branch()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        var first = await room.Publisher.PublishAsync(
            await room.OrderAsync(files: ("a.txt", "one\ntwo\n")),
            Cancel
        );
        var moved = await room.PersonPushesAsync("main", "new.txt", "new\n");

        var second = await room.Publisher.PublishAsync(
            await room.OrderAsync(first.Head, moved, 2, ("a.txt", "one\nthree\n")),
            Cancel
        );

        Assert.Equal(
            $"{first.Head} {moved}",
            await room.AskAsync("log", "-1", "--format=%P", "origin/t/1")
        );
        Assert.Equal("new", await room.AskAsync("show", "origin/t/1:new.txt"));
        Assert.Equal((moved, false), (second.BaseHead, second.Others));
        Assert.Equal(
            "a.txt",
            await room.AskAsync("diff", "--name-only", "origin/main", "origin/t/1")
        );
        var check = await room.Publisher.CheckBaseAsync(room.Remote, "t/1", "main", Cancel);
        Assert.True(check is { Contained: true, Conflicts.Count: 0 });
    }

    [Fact]
    public async Task How_the_base_stands_is_told_with_the_paths_that_would_conflict()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        await room.Publisher.PublishAsync(await room.OrderAsync(files: ("a.txt", "two\n")), Cancel);
        await room.PersonPushesAsync("main", "b.txt", "other\n");
        var clean = await room.Publisher.CheckBaseAsync(room.Remote, "t/1", "main", Cancel);
        Assert.True(clean is { Contained: false, Conflicts.Count: 0 });

        var moved = await room.PersonPushesAsync("main", "a.txt", "other\n");
        var check = await room.Publisher.CheckBaseAsync(room.Remote, "t/1", "main", Cancel);

        Assert.Equal((moved, false), (check.BaseHead, check.Contained));
        Assert.Equal(["a.txt"], check.Conflicts);
    }

    [Fact]
    public async Task Files_that_are_never_committed_stay_out_and_nothing_left_is_empty()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        await room.Publisher.PublishAsync(
            await room.OrderAsync(files: [("a.txt", "two\n"), (".env", "KEY=1\n")]),
            Cancel
        );
        Assert.DoesNotContain(
            ".env",
            await room.AskAsync("ls-tree", "-r", "--name-only", "origin/t/1"),
            StringComparison.Ordinal
        );

        await PublisherRoom.FailsAsync(
            PublishError.Empty,
            room,
            (await room.OrderAsync(files: (".env", "KEY=1\n"))) with
            {
                Branch = "t/2",
            }
        );
        await PublisherRoom.FailsAsync(
            PublishError.Empty,
            room,
            (await room.OrderAsync()) with
            {
                Branch = "t/2",
            }
        );
    }

    [Fact]
    public async Task Two_silos_that_push_at_once_make_one_branch()
    {
        using var room = await PublisherRoom.CreateAsync(GitHub);
        using var other = await PublisherRoom.CreateAsync(GitHub, repository: room.Repository);
        var (mine, theirs) = (
            await room.OrderAsync(files: ("a.txt", "two\n")),
            (await other.OrderAsync(files: ("b.txt", "two\n"))) with
            {
                TaskId = "01OTHER",
            }
        );

        await Task.WhenAll(
            room.Publisher.PublishAsync(mine, Cancel),
            other.Publisher.PublishAsync(theirs, Cancel)
        );

        Assert.Equal("2", await room.AskAsync("rev-list", "--count", "origin/main..origin/t/1"));
        Assert.Equal("two", await room.AskAsync("show", "origin/t/1:a.txt"));
        Assert.Equal("two", await room.AskAsync("show", "origin/t/1:b.txt"));
    }

    [Fact]
    public async Task A_commit_is_signed_with_the_configured_key()
    {
        var keys = SiloProcess.NewFolder();
        var key = Path.Combine(keys, "key");
        using (
            var made = Process.Start(
                new ProcessStartInfo("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
            )!
        )
        {
            await made.WaitForExitAsync(Cancel);
        }
        var signers = Path.Combine(keys, "signers");
        await File.WriteAllTextAsync(
            signers,
            "orchestrator@localhost " + await File.ReadAllTextAsync(key + ".pub", Cancel),
            Cancel
        );
        using var room = await PublisherRoom.CreateAsync(GitHub, delivery: o => o.SigningKey = key);

        var published = await room.Publisher.PublishAsync(
            await room.OrderAsync(files: ("a.txt", "two\n")),
            Cancel
        );

        Assert.Equal(
            "G orchestrator@localhost",
            await room.AskAsync(
                "-c",
                "gpg.ssh.allowedSignersFile=" + signers,
                "log",
                "-1",
                "--format=%G? %GS",
                published.Head
            )
        );
    }
}
