using Orchestrator.Grains.Delivery;
using Xunit;

namespace Orchestrator.SystemTests.Delivery;

/// <summary>
/// What every host of pull requests must do, whichever it is. An adapter's tests derive from this and bring a host of its
/// kind with a repository of their own for each test, in which other people act.
/// </summary>
public abstract class PullRequestHostConformance
{
    private const string Marker = "<!-- orchestrator:01TASK -->";

    /// <summary>A world of its own: a repository with <c>a.txt</c> = <c>one</c> on <c>main</c>.</summary>
    protected abstract Task<IPullRequestWorld> WorldAsync();

    [Fact]
    public async Task A_repository_shows_its_default_branch_and_that_the_credential_may_push()
    {
        var world = await WorldAsync();

        var view = await world.Host.RepositoryAsync(world.Repository, Cancel);

        Assert.Equal(("main", false, true), (view.DefaultBranch, view.Archived, view.MayPush));
        Assert.NotEmpty(view.WebAddress);
    }

    [Fact]
    public async Task What_is_not_there_is_null_or_not_found()
    {
        var world = await WorldAsync();

        Assert.Null(await world.Host.BranchAsync(world.Repository, "none/such", Cancel));
        Assert.Null(await world.Host.FindAsync(world.Repository, "none/such", Marker, Cancel));
        await FailsAsync(
            PullRequestHostError.NotFound,
            () => world.Host.ViewAsync(world.Repository, 4_242, Cancel)
        );
        await FailsAsync(
            PullRequestHostError.NotFound,
            () => world.Host.RepositoryAsync(world.Repository + "-none", Cancel)
        );
    }

    [Fact]
    public async Task Opening_twice_is_opening_once_and_the_marker_finds_it()
    {
        var world = await WorldAsync();
        var head = await world.PushAsync("t/1", "a.txt", "two\n");

        var first = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        var again = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);

        Assert.Equal(first, again);
        Assert.Equal(head, await world.Host.BranchAsync(world.Repository, "t/1", Cancel));
        Assert.Equal(first, await world.Host.FindAsync(world.Repository, "t/1", Marker, Cancel));
        Assert.Null(await world.Host.FindAsync(world.Repository, "t/1", "<!-- other -->", Cancel));
    }

    [Fact]
    public async Task A_branch_that_is_missing_or_has_nothing_new_is_refused()
    {
        var world = await WorldAsync();

        await FailsAsync(
            PullRequestHostError.Refused,
            () => world.Host.OpenAsync(world.Repository, Draft("none/such"), Cancel)
        );
    }

    [Fact]
    public async Task An_update_changes_title_and_text_takes_it_out_of_draft_and_leaves_unknown_reviewers_out()
    {
        var world = await WorldAsync();
        await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(
            world.Repository,
            Draft("t/1") with
            {
                IsDraft = true,
            },
            Cancel
        );
        Assert.True((await world.Host.ViewAsync(world.Repository, number, Cancel)).IsDraft);

        await world.Host.UpdateAsync(
            world.Repository,
            number,
            Draft("t/1") with
            {
                Title = "Count to three",
                Labels = ["orchestrator"],
                Reviewers = [world.Person, "nobody-of-this-name"],
            },
            Cancel
        );

        Assert.False((await world.Host.ViewAsync(world.Repository, number, Cancel)).IsDraft);
        var shown = await world.ShownAsync(number);
        Assert.Equal("Count to three", shown.Title);
        Assert.Equal(["orchestrator"], shown.Labels);
        Assert.Equal([world.Person], shown.Reviewers);
    }

    [Fact]
    public async Task The_view_follows_a_push_and_says_when_the_base_conflicts()
    {
        var world = await WorldAsync();
        await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        var second = await world.PushAsync("t/1", "a.txt", "three\n");

        var view = await world.Host.ViewAsync(world.Repository, number, Cancel);
        Assert.True(view is { Open: true, Merged: false, Mergeable: true });
        Assert.Equal((second, "t/1", "main"), (view.Head, view.Branch, view.Base));
        Assert.True(view is { Files: 1, Lines: 2 });

        var moved = await world.PushAsync("main", "a.txt", "other\n");
        var after = await world.Host.ViewAsync(world.Repository, number, Cancel);
        Assert.Equal((moved, false), (after.BaseHead, after.Mergeable));
    }

    [Fact]
    public async Task What_people_say_is_read_in_order_with_who_and_where()
    {
        var world = await WorldAsync();
        var head = await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        await world.ReviewAsync(number, approve: false, "please three");
        var line = await world.LineCommentAsync(number, "a.txt", 1, "why two?");
        await world.CommentAsync(number, "hello");
        await world.Host.StickyCommentAsync(world.Repository, number, Marker, "ours", Cancel);

        var view = await world.Host.ViewAsync(world.Repository, number, Cancel);

        var review = Assert.Single(
            view.Remarks,
            r => r.Id.StartsWith("review:", StringComparison.Ordinal)
        );
        Assert.Equal(
            ("changes_requested", "please three", world.Person, true, false),
            (review.Verdict, review.Text, review.By, review.Trusted, review.Own)
        );
        var said = Assert.Single(view.Remarks, r => r.Id == line);
        Assert.Equal(("a.txt", 1, head, "why two?"), (said.Path, said.Line, said.Head, said.Text));
        Assert.Contains(view.Remarks, r => r is { Text: "hello", Own: false });
        Assert.Contains(
            view.Remarks,
            r => r.Own && r.Text.Contains("ours", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task The_one_comment_is_made_once_and_edited_when_it_differs()
    {
        var world = await WorldAsync();
        await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);

        await world.Host.StickyCommentAsync(world.Repository, number, Marker, "first", Cancel);
        await world.Host.StickyCommentAsync(world.Repository, number, Marker, "first", Cancel);
        await world.Host.StickyCommentAsync(world.Repository, number, Marker, "second", Cancel);

        var own = Assert.Single(
            (await world.Host.ViewAsync(world.Repository, number, Cancel)).Remarks
        );
        Assert.Contains("second", own.Text, StringComparison.Ordinal);
        Assert.Contains(Marker, own.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_is_given_once_in_the_thread_where_it_was_asked()
    {
        var world = await WorldAsync();
        await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        var line = await world.LineCommentAsync(number, "a.txt", 1, "why two?");
        await world.ReviewAsync(number, approve: false, "please three");

        foreach (var _ in (int[])[1, 2])
        {
            await world.Host.ReplyAsync(
                world.Repository,
                number,
                line,
                "<!-- a1 -->",
                "because",
                Cancel
            );
            await world.Host.ReplyAsync(
                world.Repository,
                number,
                "review:1",
                "<!-- a2 -->",
                "done",
                Cancel
            );
        }

        var own = (await world.Host.ViewAsync(world.Repository, number, Cancel))
            .Remarks.Where(r => r.Own)
            .ToList();
        var answer = Assert.Single(own, r => r.Text.Contains("because", StringComparison.Ordinal));
        Assert.StartsWith("line:", answer.Id, StringComparison.Ordinal);
        Assert.Equal("a.txt", answer.Path);
        Assert.Single(own, r => r.Text.Contains("done", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Checks_of_the_head_are_read_each_name_once_and_our_own_is_known()
    {
        var world = await WorldAsync();
        var head = await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        await world.CheckAsync(head, "build", "failure", "2 tests failed");
        await world.CheckAsync(head, "lint", null, "");
        await world.Host.StatusAsync(world.Repository, head, "pending", "working", Cancel);
        await world.Host.StatusAsync(world.Repository, head, "success", "verified", Cancel);
        await world.CheckAsync(head, "build", "success", "all well");

        var checks = (await world.Host.ViewAsync(world.Repository, number, Cancel)).Checks;

        Assert.Equal("success", Assert.Single(checks, c => c.Name == "build").Status);
        Assert.Equal("pending", Assert.Single(checks, c => c.Name == "lint").Status);
        var own = Assert.Single(checks, c => c.Own);
        Assert.Equal(("success", "verified"), (own.Status, own.Summary));
    }

    [Fact]
    public async Task A_failed_check_gives_the_end_of_its_words()
    {
        var world = await WorldAsync();
        var head = await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        await world.CheckAsync(head, "build", "failure", "begin " + new string('x', 500) + " end");
        var check = Assert.Single(
            (await world.Host.ViewAsync(world.Repository, number, Cancel)).Checks
        );

        var log = await world.Host.CheckLogAsync(world.Repository, check, 20, Cancel);

        Assert.Equal(20, log.Length);
        Assert.EndsWith("x end", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merge_is_pinned_to_its_head_and_merged_already_is_a_success()
    {
        var world = await WorldAsync();
        var first = await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        var second = await world.PushAsync("t/1", "a.txt", "three\n");

        await FailsAsync(PullRequestHostError.Conflict, () => MergeAsync(world, number, first));
        var merged = await MergeAsync(world, number, second);

        Assert.Equal(merged, await world.Host.BranchAsync(world.Repository, "main", Cancel));
        Assert.Equal(merged, await MergeAsync(world, number, second));
        var view = await world.Host.ViewAsync(world.Repository, number, Cancel);
        Assert.True(view is { Open: false, Merged: true });
        Assert.Equal(merged, view.MergeCommit);
        Assert.NotEmpty(view.EndedBy);
    }

    [Fact]
    public async Task A_conflicting_merge_is_refused_and_changes_nothing()
    {
        var world = await WorldAsync();
        var head = await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        var moved = await world.PushAsync("main", "a.txt", "other\n");

        await FailsAsync(PullRequestHostError.Refused, () => MergeAsync(world, number, head));

        Assert.Equal(moved, await world.Host.BranchAsync(world.Repository, "main", Cancel));
    }

    [Fact]
    public async Task A_pull_request_that_a_person_closed_is_closed_by_that_person()
    {
        var world = await WorldAsync();
        var head = await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        await world.CloseAsync(number);

        var view = await world.Host.ViewAsync(world.Repository, number, Cancel);

        Assert.Equal((false, false, world.Person), (view.Open, view.Merged, view.EndedBy));
        await FailsAsync(PullRequestHostError.Conflict, () => MergeAsync(world, number, head));
    }

    [Fact]
    public async Task A_branch_is_deleted_only_where_it_stands_as_known()
    {
        var world = await WorldAsync();
        var first = await world.PushAsync("t/1", "a.txt", "two\n");
        var second = await world.PushAsync("t/1", "a.txt", "three\n");

        await world.Host.DeleteBranchAsync(world.Repository, "t/1", first, Cancel);
        Assert.Equal(second, await world.Host.BranchAsync(world.Repository, "t/1", Cancel));
        await world.Host.DeleteBranchAsync(world.Repository, "t/1", second, Cancel);
        await world.Host.DeleteBranchAsync(world.Repository, "t/1", second, Cancel);

        Assert.Null(await world.Host.BranchAsync(world.Repository, "t/1", Cancel));
    }

    /// <summary>Fails in the way that is expected, with words.</summary>
    protected static async Task<PullRequestHostException> FailsAsync(
        PullRequestHostError error,
        Func<Task> act
    )
    {
        var thrown = await Assert.ThrowsAsync<PullRequestHostException>(act);
        Assert.Equal(error, thrown.Error);
        Assert.NotEmpty(thrown.Message);
        return thrown;
    }

    /// <summary>A pull request of a branch to <c>main</c>.</summary>
    protected static PullRequestDraft Draft(string branch) =>
        new()
        {
            Branch = branch,
            Base = "main",
            Title = "Count to two",
            Body = "What it does.\n\n" + Marker,
        };

    /// <summary>The test's end.</summary>
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<string> MergeAsync(IPullRequestWorld world, int number, string head) =>
        world.Host.MergeAsync(world.Repository, number, head, "squash", "Count", Cancel);
}

/// <summary>A pull request as the host shows it to people.</summary>
public sealed record ShownPullRequest(
    string Title,
    IReadOnlyList<string> Labels,
    IReadOnlyList<string> Reviewers
);

/// <summary>A host of a kind with one repository, and a person who acts in it with a right to push.</summary>
public interface IPullRequestWorld
{
    /// <summary>The adapter under test.</summary>
    IPullRequestHost Host { get; }

    /// <summary>The repository's name on the host.</summary>
    string Repository { get; }

    /// <summary>The person's login.</summary>
    string Person { get; }

    /// <summary>Puts a file onto a branch, which is made from <c>main</c> when missing. The commit.</summary>
    Task<string> PushAsync(string branch, string path, string text);

    /// <summary>The person approves or asks for changes.</summary>
    Task ReviewAsync(int number, bool approve, string text);

    /// <summary>The person comments on a line; the remark's id.</summary>
    Task<string> LineCommentAsync(int number, string path, int line, string text);

    /// <summary>The person comments.</summary>
    Task CommentAsync(int number, string text);

    /// <summary>The person closes it without a merge.</summary>
    Task CloseAsync(int number);

    /// <summary>A check of the host's own CI; null = it runs.</summary>
    Task<long> CheckAsync(string head, string name, string? conclusion, string summary);

    /// <summary>As people see it.</summary>
    Task<ShownPullRequest> ShownAsync(int number);
}
