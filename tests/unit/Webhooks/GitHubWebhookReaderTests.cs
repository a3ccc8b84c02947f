using System.Text;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class GitHubWebhookReaderTests
{
    private static readonly string Head = new('a', 40);

    [Theory]
    [InlineData("pull_request")]
    [InlineData("pull_request_review")]
    [InlineData("pull_request_review_comment")]
    [InlineData("pull_request_review_thread")]
    public void What_is_said_about_a_pull_request_names_its_number_branch_and_head(string name) =>
        Assert.Equal(
            [Event(name, 7, "fix-it", Head, "opened")],
            Told(
                name,
                $$$"""{"action":"opened","pull_request":{"number":7,"head":{"ref":"fix-it","sha":"{{{Head}}}"}}"""
            )
        );

    [Fact]
    public void A_comment_on_a_pull_request_names_its_number() =>
        Assert.Equal(
            [Event("issue_comment", 8, action: "created")],
            Told(
                "issue_comment",
                """{"action":"created","issue":{"number":8,"pull_request":{"url":"u"}}"""
            )
        );

    [Fact]
    public void A_run_of_a_check_names_its_pull_requests_with_the_suites_branch() =>
        Assert.Equal(
            [
                Event("check_run", 7, "fix-it", Head, "completed"),
                Event("check_run", 9, "fix-it", Head, "completed"),
            ],
            Told(
                "check_run",
                $$$"""{"action":"completed","check_run":{"head_sha":"{{{Head}}}","head_branch":"no","check_suite":{"head_branch":"fix-it"},"pull_requests":[{"number":7},{"number":0},{"number":-1},{"number":9},{"number":7}]}"""
            )
        );

    [Theory]
    [InlineData("check_suite")]
    [InlineData("workflow_run")]
    public void A_suite_or_a_workflow_names_its_pull_requests_with_its_branch(string name) =>
        Assert.Equal(
            [Event(name, 7, "fix-it", Head, "completed")],
            Told(
                name,
                $$$"""{"action":"completed","{{{name}}}":{"head_sha":"{{{Head}}}","head_branch":"fix-it","pull_requests":[{"number":7}]}"""
            )
        );

    [Theory]
    [InlineData("\"head_branch\":\"fix-it\",", "fix-it")]
    [InlineData("\"head_branch\":null,", "")]
    public void A_check_of_a_fork_is_known_by_its_commit(string member, string branch) =>
        Assert.Equal(
            [Event("check_suite", 0, branch, Head)],
            Told(
                "check_suite",
                $$$"""{"check_suite":{{{{member}}}"head_sha":"{{{Head}}}","pull_requests":[]}"""
            )
        );

    [Fact]
    public void A_status_is_told_to_each_branch_that_has_the_commit() =>
        Assert.Equal(
            [Event("status", 0, "main", Head), Event("status", 0, "fix-it", Head)],
            Told(
                "status",
                $$$"""{"sha":"{{{Head}}}","branches":[{"name":"main"},{"name":"fix-it"}]"""
            )
        );

    [Theory]
    [InlineData(",\"branches\":[]")]
    [InlineData(",\"branches\":7")]
    [InlineData("")]
    public void A_status_without_branches_is_told_for_its_commit(string branches) =>
        Assert.Equal(
            [Event("status", 0, "", Head)],
            Told("status", $$$"""{"sha":"{{{Head}}}"{{{branches}}}""")
        );

    [Fact]
    public void A_push_names_the_branch_and_what_it_stands_at_now() =>
        Assert.Equal(
            [Event("push", 0, "feature/x", Head)],
            Told("push", $$$"""{"ref":"refs/heads/feature/x","before":"b","after":"{{{Head}}}" """)
        );

    [Fact]
    public void A_deleted_branch_is_named() =>
        Assert.Equal(
            [Event("delete", 0, "feature/x")],
            Told("delete", """{"ref_type":"branch","ref":"feature/x" """)
        );

    [Fact]
    public void A_change_of_the_repository_is_told_for_all_of_it() =>
        Assert.Equal(
            [Event("repository", 0, action: "archived")],
            Told("repository", """{"action":"archived" """)
        );

    [Fact]
    public void Of_many_pull_requests_the_first_twenty_are_told()
    {
        var numbers = string.Join(',', Enumerable.Range(1, 21).Select(n => $"{{\"number\":{n}}}"));
        Assert.Equal(
            Enumerable.Range(1, 20),
            Told("workflow_run", "{\"workflow_run\":{\"pull_requests\":[" + numbers + "]}")
                .Select(e => e.Number)
        );
    }

    [Theory]
    [InlineData("issue_comment", """{"issue":{"number":8}""")]
    [InlineData("issue_comment", """{"issue":{"number":8,"pull_request":null}""")]
    [InlineData("issue_comment", """{"issue":{"number":0,"pull_request":{}}""")]
    public void A_comment_on_a_plain_issue_is_nobodys_business(string name, string body) =>
        Ignored("A comment on an issue that is no pull request.", name, Of(body));

    [Theory]
    [InlineData("push", """{"ref":"refs/tags/v1","after":"a" """)]
    [InlineData("push", """{"ref":"refs/heads/" """)]
    [InlineData("push", """{"after":"a" """)]
    [InlineData("delete", """{"ref_type":"tag","ref":"v1" """)]
    [InlineData("delete", """{"ref_type":"branch","ref":"" """)]
    [InlineData("delete", """{"ref":"v1" """)]
    public void A_tag_is_nobodys_business(string name, string body) =>
        Ignored("It is about a tag, not about a branch.", name, Of(body));

    [Theory]
    [InlineData("pull_request", """{"pull_request":{"number":0,"head":{"ref":"x"}}""")]
    [InlineData("pull_request", """{"pull_request":{"number":-7}""")]
    [InlineData("pull_request_review", """{"number":7""")]
    [InlineData("check_run", """{"check_run":{"check_suite":{"head_branch":"x"}}""")]
    [InlineData("check_suite", """{"check_suite":{"head_branch":"x","pull_requests":[{}]}""")]
    [InlineData("workflow_run", """{"check_suite":{"head_sha":"a"}""")]
    [InlineData("status", """{"branches":[{"name":"main"}]""")]
    public void What_names_nothing_is_nobodys_business(string name, string body) =>
        Ignored($"The event '{name}' names no pull request, branch or commit.", name, Of(body));

    [Fact]
    public void A_greeting_is_taken_for_one_whatever_is_in_it() =>
        Ignored("A greeting: the webhook is set up.", "ping", "no json");

    [Theory]
    [InlineData("star")]
    [InlineData("")]
    [InlineData("PUSH")]
    public void An_event_that_nothing_follows_is_ignored_by_name(string name) =>
        Ignored(
            $"Nothing here follows the event '{name}'.",
            name,
            Of("""{"pull_request":{"number":7}""")
        );

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{")]
    [InlineData("")]
    public void A_body_that_is_no_object_is_ignored(string body) =>
        Ignored("The body is no JSON object.", "push", body);

    [Theory]
    [InlineData("""{"ref":"refs/heads/x"}""")]
    [InlineData("""{"ref":"refs/heads/x","repository":{"full_name":"alone"}}""")]
    [InlineData("""{"ref":"refs/heads/x","repository":{"full_name":"o/../n"}}""")]
    [InlineData("""{"ref":"refs/heads/x","repository":"o/n"}""")]
    public void A_delivery_of_no_repository_is_ignored(string body) =>
        Ignored("The delivery names no repository.", "push", body);

    private static ForgeEvent Event(
        string name,
        int number,
        string branch = "",
        string head = "",
        string action = ""
    ) => new(new RemoteRepository("github", "o/n"), number, branch, head, name, action, "d1");

    private static string Of(string body) => body + ""","repository":{"full_name":"o/n"}}""";

    private static ForgeReading Read(string name, string body) =>
        GitHubWebhookReader.Read(name, "d1", Encoding.UTF8.GetBytes(body));

    private static IReadOnlyList<ForgeEvent> Told(string name, string body)
    {
        var read = Read(name, Of(body));
        Assert.Equal("", read.Reason);
        return read.Events;
    }

    private static void Ignored(string reason, string name, string body)
    {
        var read = Read(name, body);
        Assert.Equal(reason, read.Reason);
        Assert.Empty(read.Events);
    }
}
