using System.Text;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class JiraDeliveryTests
{
    private const string Issue = "\"issue\":{\"key\":\"OPS-12\"}";

    [Fact]
    public void An_issue_is_told_with_all_that_it_says_and_nothing_of_a_comment() =>
        Assert.Equal(
            new TicketEvent
            {
                Source = "jira",
                TicketKey = "jira:OPS-12",
                Event = "issue",
                Action = "updated",
                Actor = "Ann",
                ActorId = "a1",
                Assignee = "Bob",
                State = "Open",
                Title = "It fails",
                WebAddress = "https://acme.atlassian.net/browse/OPS-12",
                At = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123),
                DeliveryId = "d1",
            },
            Told(
                """
                "timestamp":1700000000123,"webhookEvent":"jira:issue_updated",
                "user":{"accountId":"a1","displayName":"Ann"},
                "comment":{"id":"10","body":"not of this event","author":{"accountId":"a2","displayName":"Eve"}},
                "issue":{"key":"OPS-12","self":"https://acme.atlassian.net/rest/api/2/issue/1",
                  "fields":{"summary":"It fails","status":{"name":"Open"},"assignee":{"displayName":"Bob"}}}
                """
            )
        );

    [Fact]
    public void A_comment_has_its_words_its_id_and_its_author() =>
        Assert.Equal(
            new TicketEvent
            {
                Source = "jira",
                TicketKey = "jira:OPS-12",
                Event = "comment",
                Action = "created",
                Actor = "Eve",
                ActorId = "a2",
                Comment = "please",
                CommentId = "10",
                DeliveryId = "d1",
            },
            Told(
                """
                "webhookEvent":"comment_created","issue":{"key":"OPS-12"},
                "comment":{"id":"10","body":"please","author":{"accountId":"a2","displayName":"Eve"}}
                """
            )
        );

    [Theory]
    [InlineData("jira:issue_created", "issue", "created")]
    [InlineData("jira:issue_updated", "issue", "updated")]
    [InlineData("jira:issue_deleted", "issue", "removed")]
    [InlineData("comment_updated", "comment", "updated")]
    [InlineData("comment_deleted", "comment", "removed")]
    [InlineData("attachment_created", "attachment", "created")]
    [InlineData("attachment_deleted", "attachment", "removed")]
    [InlineData("worklog_updated", "worklog", "updated")]
    public void An_events_name_says_what_it_is_about_and_what_happened(
        string name,
        string what,
        string action
    ) =>
        Assert.Equal(
            new TicketEvent
            {
                Source = "jira",
                TicketKey = "jira:OPS-12",
                Event = what,
                Action = action,
                DeliveryId = "d1",
            },
            Told("\"webhookEvent\":\"" + name + "\"," + Issue)
        );

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("99999999999999", 99_999_999_999_999L)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("100000000000000", null)]
    [InlineData("100000000000001", null)]
    [InlineData("9223372036854775807", null)]
    [InlineData("1e99", null)]
    [InlineData("1.5", null)]
    [InlineData("\"1700000000000\"", null)]
    [InlineData("null", null)]
    public void The_instant_is_told_when_it_is_a_plausible_number(string sent, long? ms) =>
        Assert.Equal(
            ms,
            Told("\"webhookEvent\":\"jira:issue_created\"," + Issue + ",\"timestamp\":" + sent)
                .At?.ToUnixTimeMilliseconds()
        );

    [Theory]
    [InlineData(
        "https://acme.atlassian.net/rest/api/2/issue/1",
        "https://acme.atlassian.net/browse/OPS-12"
    )]
    [InlineData("http://jira.test:8080/rest/x", "http://jira.test:8080/browse/OPS-12")]
    [InlineData("ftp://jira.test/x", "")]
    [InlineData("rest/api/2/issue/1", "")]
    [InlineData("", "")]
    public void People_are_shown_the_issues_page_on_the_host_of_its_own_address(
        string self,
        string shown
    ) =>
        Assert.Equal(
            shown,
            Told(
                "\"webhookEvent\":\"jira:issue_created\",\"issue\":{\"key\":\"OPS-12\",\"self\":\""
                    + self
                    + "\"}"
            ).WebAddress
        );

    [Theory]
    [InlineData("\"plain *words*\"", "plain *words*")]
    [InlineData(
        """{"content":[{"type":"heading","content":[{"text":"H"}]},{"type":"paragraph","content":[{"text":"a"},{"text":"b"}]},{"type":"paragraph","content":[{"text":"c"}]}]}""",
        "H\nab\nc"
    )]
    [InlineData(
        """{"content":[{"type":"listItem","content":[{"text":"one"}]},{"type":"listItem","content":[{"text":"two"}]}]}""",
        "one\ntwo"
    )]
    [InlineData(
        """{"content":[{"type":"paragraph","content":[{"text":"a"},{"type":"hardBreak"},{"text":"b"}]}]}""",
        "a\nb"
    )]
    [InlineData(
        """{"content":[{"type":"strong","content":[{"text":"a"}]},{"type":"panel","content":[{"text":"b"}]}]}""",
        "ab"
    )]
    [InlineData("7", "")]
    [InlineData("null", "")]
    [InlineData("{}", "")]
    public void A_comments_words_are_a_line_for_each_block(string body, string words) =>
        Assert.Equal(words, Commented(body));

    [Theory]
    [InlineData(40_000, 25_536)]
    [InlineData(65_535, 1)]
    [InlineData(65_536, 0)]
    public void A_comment_in_pieces_has_at_most_65536_characters(int first, int second) =>
        Assert.Equal(
            new string('a', first) + new string('b', second),
            Commented(
                "{\"content\":[{\"text\":\""
                    + new string('a', first)
                    + "\"},{\"text\":\""
                    + new string('b', 70_000)
                    + "\"},{\"text\":\"c\"}]}"
            )
        );

    [Fact]
    public void What_stands_after_a_comments_limit_is_not_read() =>
        Assert.Equal(
            new string('a', 65_536),
            Commented(
                "{\"content\":[{\"type\":\"paragraph\",\"content\":[{\"text\":\""
                    + new string('a', 65_536)
                    + "\"}]},{\"type\":\"paragraph\",\"content\":[{\"text\":\"b\"}]}]}"
            )
        );

    [Theory]
    [InlineData(65_536)]
    [InlineData(65_537)]
    public void A_comment_in_one_piece_has_at_most_65536_characters(int length) =>
        Assert.Equal(new string('a', 65_536), Commented("\"" + new string('a', length) + "\""));

    [Fact]
    public void Labels_that_are_no_text_are_left_out()
    {
        var read = Read(
            "\"webhookEvent\":\"jira:issue_created\",\"issue\":"
                + """{"key":"OPS-12","fields":{"labels":["x",7,"",{"name":"y"},"z"]}}"""
        );
        Assert.Equal(["x", "z"], read.Event!.Labels);
    }

    [Theory]
    [InlineData("sprint_started", "Nothing here follows Jira's 'sprint_started'.")]
    [InlineData("sprint_created", "Nothing here follows Jira's 'sprint_created'.")]
    [InlineData("issue_property_set", "Nothing here follows Jira's 'issue_property_set'.")]
    [InlineData("issue_moved", "Nothing here follows Jira's 'issue_moved'.")]
    [InlineData("jira:issue", "Nothing here follows Jira's 'jira:issue'.")]
    [InlineData("created", "Nothing here follows Jira's 'created'.")]
    [InlineData("_created", "Nothing here follows Jira's '_created'.")]
    [InlineData("issue_", "Nothing here follows Jira's 'issue_'.")]
    [InlineData("", "Nothing here follows Jira's ''.")]
    public void An_event_that_nothing_follows_is_ignored_by_name(string name, string reason) =>
        Assert.Equal(
            new TicketReading(null, reason),
            Read("\"webhookEvent\":\"" + name + "\"," + Issue)
        );

    [Theory]
    [InlineData("""{"id":"1"}""")]
    [InlineData("""{"key":""}""")]
    [InlineData("""{"key":"OPS 12"}""")]
    [InlineData("""{"key":["OPS-12"]}""")]
    [InlineData("\"OPS-12\"")]
    public void An_event_of_an_issue_without_a_key_is_ignored(string issue) =>
        Assert.Equal(
            new TicketReading(null, "Jira's 'jira:issue_updated' names no issue by its key."),
            Read("\"webhookEvent\":\"jira:issue_updated\",\"issue\":" + issue)
        );

    [Theory]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("")]
    public void A_body_that_is_no_object_is_ignored(string body) =>
        Assert.Equal(
            new TicketReading(null, "The body is no JSON object."),
            TicketWebhookReader.Jira("d1", Encoding.UTF8.GetBytes(body))
        );

    private static string Commented(string body) =>
        Told(
            "\"webhookEvent\":\"comment_created\"," + Issue + ",\"comment\":{\"body\":" + body + "}"
        ).Comment;

    private static TicketReading Read(string members) =>
        TicketWebhookReader.Jira("d1", Encoding.UTF8.GetBytes("{" + members + "}"));

    private static TicketEvent Told(string members)
    {
        var read = Read(members);
        Assert.Equal("", read.Reason);
        Assert.Empty(read.Event!.Labels);
        return read.Event with { Labels = [] };
    }
}
