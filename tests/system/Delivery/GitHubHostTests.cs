using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Grains.Delivery;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Delivery;

public sealed class GitHubHostTests(SharedGitHub shared)
    : PullRequestHostConformance,
        IClassFixture<SharedGitHub>
{
    private GitHubStandIn GitHub => shared.GitHub;

    protected override async Task<IPullRequestWorld> WorldAsync() =>
        await GitHubWorld.CreateAsync(GitHub);

    [Theory]
    [InlineData(401, PullRequestHostError.Unauthorised, "GitHub:Token")]
    [InlineData(403, PullRequestHostError.Forbidden, "docs/delivery.md")]
    [InlineData(404, PullRequestHostError.NotFound, "not there")]
    [InlineData(409, PullRequestHostError.Conflict, "meanwhile")]
    [InlineData(422, PullRequestHostError.Refused, "said no")]
    [InlineData(500, PullRequestHostError.Unavailable, "500")]
    [InlineData(502, PullRequestHostError.Unavailable, "502")]
    public async Task A_refusal_is_of_its_kind_and_says_the_way_out(
        int status,
        PullRequestHostError error,
        string words
    )
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        await GitHub.FaultAsync($"GET /repos/{world.Repository}$", status);

        var thrown = await FailsAsync(
            error,
            () => world.Host.RepositoryAsync(world.Repository, Cancel)
        );

        Assert.Contains(words, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tok_", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(
            "main",
            (await world.Host.RepositoryAsync(world.Repository, Cancel)).DefaultBranch
        );
    }

    [Theory]
    [InlineData(403, "x-ratelimit-reset", 1_800)]
    [InlineData(429, "x-ratelimit-reset", 1_800)]
    [InlineData(403, "retry-after", 90)]
    [InlineData(429, "retry-after", 90)]
    [InlineData(429, "", 60)]
    [InlineData(403, "words", 60)]
    public async Task A_rate_limit_says_when_to_come_back(int status, string by, int seconds)
    {
        var now = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        var time = new FakeTimeProvider(now);
        var world = await GitHubWorld.CreateAsync(GitHub, time: time);
        var headers = new Dictionary<string, string>();
        if (by == "x-ratelimit-reset")
        {
            headers["x-ratelimit-limit"] = "5000";
            headers["x-ratelimit-remaining"] = "0";
            headers[by] = now.AddSeconds(seconds)
                .ToUnixTimeSeconds()
                .ToString(CultureInfo.InvariantCulture);
        }
        else if (by == "retry-after")
        {
            headers[by] = seconds.ToString(CultureInfo.InvariantCulture);
        }
        await GitHub.FaultAsync(
            $"GET /repos/{world.Repository}$",
            status,
            body: by == "words"
                ? """{"message":"You have exceeded a secondary rate limit."}"""
                : """{"message":"API rate limit exceeded"}""",
            headers: headers
        );

        var thrown = await FailsAsync(
            PullRequestHostError.RateLimited,
            () => world.Host.RepositoryAsync(world.Repository, Cancel)
        );

        Assert.Equal(now.AddSeconds(seconds), thrown.RetryAt);
    }

    [Fact]
    public async Task No_answer_within_the_time_and_a_cut_connection_are_unavailable()
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        var hasty = GitHubWorld.HostOf(GitHub, o => o.TimeMax = TimeSpan.FromMilliseconds(300));
        await GitHub.FaultAsync($"GET /repos/{world.Repository}$", mode: "hang");
        var late = await FailsAsync(
            PullRequestHostError.Unavailable,
            () => hasty.RepositoryAsync(world.Repository, Cancel)
        );
        Assert.Contains("GitHub:TimeMax", late.Message, StringComparison.Ordinal);

        // The pool may try a fresh connection once by itself where nothing was answered.
        await GitHub.FaultAsync($"GET /repos/{world.Repository}$", times: 5, mode: "drop");
        await FailsAsync(
            PullRequestHostError.Unavailable,
            () => world.Host.RepositoryAsync(world.Repository, Cancel)
        );
        await FailsAsync(
            PullRequestHostError.Unavailable,
            () =>
                GitHubWorld
                    .HostOf(GitHub, o => o.Address = "http://127.0.0.1:9/")
                    .RepositoryAsync(world.Repository, Cancel)
        );
    }

    [Fact]
    public async Task A_caller_who_leaves_is_no_failure_of_the_host()
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        await GitHub.FaultAsync($"GET /repos/{world.Repository}$", mode: "hang");
        using var leaving = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            world.Host.RepositoryAsync(world.Repository, leaving.Token)
        );
    }

    [Fact]
    public async Task An_answer_over_the_limit_is_not_read_to_its_end()
    {
        var world = await GitHubWorld.CreateAsync(GitHub, o => o.AnswerBytesMax = 65_536);
        await GitHub.FaultAsync(
            $"GET /repos/{world.Repository}$",
            200,
            body: "{\"default_branch\":\"" + new string('x', 200_000) + "\"}"
        );

        var thrown = await FailsAsync(
            PullRequestHostError.Unavailable,
            () => world.Host.RepositoryAsync(world.Repository, Cancel)
        );

        Assert.Contains("GitHub:AnswerBytesMax", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>proxy</html>")]
    [InlineData("{\"default_branch\":")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task An_answer_that_is_none_is_unavailable(string body)
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        await GitHub.FaultAsync($"GET /repos/{world.Repository}$", 200, body: body);

        await FailsAsync(
            PullRequestHostError.Unavailable,
            () => world.Host.RepositoryAsync(world.Repository, Cancel)
        );
    }

    [Fact]
    public async Task An_opening_whose_answer_was_lost_is_found_the_next_time()
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        await world.PushAsync("t/1", "a.txt", "two\n");
        await GitHub.FaultAsync($"POST /repos/{world.Repository}/pulls$", mode: "drop-after");

        await FailsAsync(
            PullRequestHostError.Unavailable,
            () => world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel)
        );
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);

        var only = Assert.Single(await GitHub.PullRequestsAsync(world.Repository));
        Assert.Equal(number, only["number"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_pull_request_that_appeared_since_the_look_is_taken()
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        await world.PushAsync("t/1", "a.txt", "two\n");
        var there = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        // The look says that there is none.
        await GitHub.FaultAsync($"GET /repos/{world.Repository}/pulls$", 200, body: "[]");

        Assert.Equal(there, await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel));
    }

    [Fact]
    public async Task A_merge_whose_answer_was_lost_is_merged_and_done_once()
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        var head = await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        await GitHub.FaultAsync($"PUT .*/pulls/{number}/merge$", mode: "drop-after");

        var merged = await world.Host.MergeAsync(
            world.Repository,
            number,
            head,
            "squash",
            "Count",
            Cancel
        );

        Assert.Equal(merged, await GitHub.BranchAsync(world.Repository, "main"));
        Assert.Single(
            await GitHub.RequestsAsync(),
            r =>
                r["method"]!.ToString() == "PUT"
                && r["path"]!.ToString() == $"/repos/{world.Repository}/pulls/{number}/merge"
        );
    }

    [Fact]
    public async Task Checks_that_the_branch_demands_are_read_and_hold_the_merge()
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        var head = await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        await GitHub.AsAsync(
            GitHubStandIn.Owner,
            HttpMethod.Put,
            $"repos/{world.Repository}/branches/main/protection",
            new JsonObject
            {
                ["required_status_checks"] = new JsonObject
                {
                    ["strict"] = false,
                    ["contexts"] = new JsonArray("build"),
                },
                ["enforce_admins"] = true,
                ["required_pull_request_reviews"] = null,
                ["restrictions"] = null,
            }
        );
        await GitHub.FaultAsync(
            $"GET /repos/{world.Repository}/rules/branches/main$",
            200,
            body: """[{"type":"deletion"},{"type":"required_status_checks","parameters":{"required_status_checks":[{"context":"lint","integration_id":1}]}}]"""
        );

        var view = await world.Host.ViewAsync(world.Repository, number, Cancel);

        Assert.Equal(["build", "lint"], view.RequiredChecks);
        Assert.Equal("blocked", view.MergeState);
        await FailsAsync(
            PullRequestHostError.Refused,
            () => world.Host.MergeAsync(world.Repository, number, head, "merge", "Count", Cancel)
        );
    }

    [Fact]
    public async Task The_end_of_a_jobs_log_is_given_without_colours()
    {
        var world = await GitHubWorld.CreateAsync(GitHub, o => o.AnswerBytesMax = 65_536);
        var head = await world.PushAsync("t/1", "a.txt", "two\n");
        var id = await world.CheckAsync(head, "build", "failure", "the summary");
        var check = new PullRequestCheck($"run:{id}", "build", "failure", "", false);
        Assert.Equal(
            "build\nthe summary",
            await world.Host.CheckLogAsync(world.Repository, check, 1_000, Cancel)
        );

        await GitHub.JobLogAsync(
            id,
            new string('x', 200_000) + "\n\u001b[31mError: a.txt is not one\u001b[0m\r\n"
        );

        var log = await world.Host.CheckLogAsync(world.Repository, check, 30, Cancel);
        Assert.EndsWith("x\nError: a.txt is not one", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_comments_than_a_page_are_read_up_to_500()
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        for (var i = 0; i < 130; i++)
        {
            await world.CommentAsync(number, $"comment {i}");
        }

        var view = await world.Host.ViewAsync(world.Repository, number, Cancel);

        Assert.Equal(130, view.Remarks.Count);
        Assert.Equal(130, view.Remarks.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public async Task Our_own_account_is_asked_once_and_a_stranger_is_not_trusted()
    {
        var world = await GitHubWorld.CreateAsync(GitHub);
        await world.PushAsync("t/1", "a.txt", "two\n");
        var number = await world.Host.OpenAsync(world.Repository, Draft("t/1"), Cancel);
        await GitHub.CommentAsync(world.Repository, number, GitHubStandIn.Stranger, "me too");
        var before = await AsksAsync("GET", "/user");

        await world.Host.ViewAsync(world.Repository, number, Cancel);
        var view = await world.Host.ViewAsync(world.Repository, number, Cancel);

        Assert.Equal(1, await AsksAsync("GET", "/user") - before);
        Assert.False(Assert.Single(view.Remarks).Trusted);
    }

    [Fact]
    public async Task An_address_of_an_Enterprise_Server_works_too()
    {
        var world = await GitHubWorld.CreateAsync(
            GitHub,
            o => o.Address = GitHub.Address + "api/v3"
        );
        await world.PushAsync("t/1", "a.txt", "two\n");
        var draft = Draft("t/1") with { IsDraft = true };
        var number = await world.Host.OpenAsync(world.Repository, draft, Cancel);

        await world.Host.UpdateAsync(
            world.Repository,
            number,
            draft with
            {
                IsDraft = false,
            },
            Cancel
        );

        Assert.False((await world.Host.ViewAsync(world.Repository, number, Cancel)).IsDraft);
        var access = await world.Host.PushAccessAsync(world.Repository, Cancel);
        Assert.Equal(new Uri(GitHub.Address, world.Repository + ".git"), access.Address);
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("acme/shop/../other")]
    [InlineData("acme/shop?x=1")]
    [InlineData("../user")]
    public async Task A_name_that_is_none_reaches_no_network(string repository)
    {
        var before = (await GitHub.RequestsAsync()).Count;

        await FailsAsync(
            PullRequestHostError.NotFound,
            () => GitHubWorld.HostOf(GitHub).RepositoryAsync(repository, Cancel)
        );

        Assert.Equal(before, (await GitHub.RequestsAsync()).Count);
    }

    private async Task<int> AsksAsync(string method, string path) =>
        (await GitHub.RequestsAsync()).Count(r =>
            r["method"]!.ToString() == method && r["path"]!.ToString() == path
        );
}
