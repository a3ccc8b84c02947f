using System.Text;
using Orchestrator.Decisions.Webhooks;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class TicketWebhookReaderTests
{
    [Fact]
    public void A_linear_issue_is_read_with_its_labels_state_and_assignee()
    {
        var read = TicketWebhookReader.Linear(
            "d1",
            Json(
                """
                {"action":"update","type":"Issue","createdAt":"2026-05-04T03:02:01.000Z","url":"https://linear.app/acme/issue/ENG-1/x",
                 "actor":{"id":"u1","name":"Ann","type":"user"},
                 "data":{"id":"8a7b","identifier":"ENG-1","title":"Fix it","labels":[{"id":"l","name":"agent"},{"id":"m"}],
                         "assignee":{"name":"Bob"},"state":{"name":"In Progress"}}}
                """
            )
        );
        var told = read.Event!;
        Assert.Equal(
            ("linear:ENG-1", "issue", "updated", "Ann", "u1", "Bob", "In Progress", "Fix it"),
            (
                told.TicketKey,
                told.Event,
                told.Action,
                told.Actor,
                told.ActorId,
                told.Assignee,
                told.State,
                told.Title
            )
        );
        Assert.Equal(["agent"], told.Labels);
        Assert.Equal(new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero), told.At);
        Assert.Equal(("d1", ""), (told.DeliveryId, told.Comment));
    }

    [Fact]
    public void A_comment_of_either_host_carries_its_words_and_its_id()
    {
        var linear = TicketWebhookReader
            .Linear(
                "d",
                Json(
                    """{"action":"create","type":"Comment","data":{"id":"c1","body":"please","issueId":"i9","issue":{"id":"i9","identifier":"ENG-7","title":"T"},"user":{"name":"Ann"},"userId":"u1"}}"""
                )
            )
            .Event!;
        Assert.Equal(
            ("linear:ENG-7", "comment", "please", "c1", "Ann", "u1", "T"),
            (
                linear.TicketKey,
                linear.Event,
                linear.Comment,
                linear.CommentId,
                linear.Actor,
                linear.ActorId,
                linear.Title
            )
        );
        var jira = TicketWebhookReader
            .Jira(
                "d",
                Json(
                    """
                    {"timestamp":1700000000000,"webhookEvent":"comment_created",
                     "comment":{"id":"10","author":{"accountId":"a1","displayName":"Ann"},
                       "body":{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"one"}]},{"type":"paragraph","content":[{"type":"text","text":"two"}]}]}},
                     "issue":{"key":"OPS-12","self":"https://acme.atlassian.net/rest/api/2/issue/1","fields":{"summary":"S","labels":["x",7],"status":{"name":"Open"},"assignee":null}}}
                    """
                )
            )
            .Event!;
        Assert.Equal(
            ("jira:OPS-12", "comment", "created", "one\ntwo", "10", "a1", "Open"),
            (
                jira.TicketKey,
                jira.Event,
                jira.Action,
                jira.Comment,
                jira.CommentId,
                jira.ActorId,
                jira.State
            )
        );
        Assert.Equal("https://acme.atlassian.net/browse/OPS-12", jira.WebAddress);
        Assert.Equal(["x"], jira.Labels);
    }

    [Theory]
    [InlineData("linear", """{"action":"create","type":"Project","data":{}}""", "Project")]
    [InlineData("linear", """{"action":"create","type":"Comment","data":{}}""", "names no issue")]
    [InlineData(
        "linear",
        """{"action":"create","type":"Issue","data":{"identifier":"../x"}}""",
        "names no issue"
    )]
    [InlineData("linear", """{"action":{"a":[]},"type":[],"data":7}""", "follows")]
    [InlineData("linear", "[]", "no JSON object")]
    [InlineData("jira", """{"webhookEvent":"sprint_started"}""", "sprint_started")]
    [InlineData(
        "jira",
        """{"webhookEvent":"jira:issue_updated","issue":{"id":"1"}}""",
        "by its key"
    )]
    [InlineData("jira", """{"webhookEvent":"_"}""", "follows")]
    [InlineData(
        "jira",
        """{"webhookEvent":"jira:issue_updated","issue":{"key":"A-1\ud800"}}""",
        "by its key"
    )]
    public void What_is_nobodys_business_or_misshapen_is_ignored_with_a_reason(
        string host,
        string body,
        string reason
    )
    {
        var read =
            host == "linear"
                ? TicketWebhookReader.Linear("d", Json(body))
                : TicketWebhookReader.Jira("d", Json(body));
        Assert.Null(read.Event);
        Assert.Contains(reason, read.Reason, StringComparison.Ordinal);
    }

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);
}
