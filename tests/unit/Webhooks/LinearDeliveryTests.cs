using System.Text;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class LinearDeliveryTests
{
    [Theory]
    [InlineData("create", "created")]
    [InlineData("update", "updated")]
    [InlineData("remove", "removed")]
    public void An_issue_is_told_with_all_that_it_says_and_nothing_of_a_comment(
        string action,
        string told
    ) =>
        Assert.Equal(
            new TicketEvent
            {
                Source = "linear",
                TicketKey = "linear:ENG-1",
                Event = "issue",
                Action = told,
                Actor = "Ann",
                ActorId = "u1",
                Assignee = "Bob",
                State = "Todo",
                Title = "Fix it",
                WebAddress = "https://linear.app/acme/issue/ENG-1/x",
                At = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero),
                DeliveryId = "d1",
            },
            Told(
                "{\"action\":\"" + action + "\"",
                """
                "type":"Issue","createdAt":"2026-05-04T03:02:01.000Z","url":"https://linear.app/acme/issue/ENG-1/x",
                "actor":{"id":"u1","name":"Ann"},
                "data":{"id":"8a7b","identifier":"ENG-1","title":"Fix it","body":"no comment","assignee":{"name":"Bob"},"state":{"name":"Todo"}}}
                """
            )
        );

    [Fact]
    public void An_issue_that_says_only_its_key_leaves_all_else_empty() =>
        Assert.Equal(
            new TicketEvent
            {
                Source = "linear",
                TicketKey = "linear:ENG-1",
                Event = "issue",
                Action = "created",
                DeliveryId = "d1",
            },
            Told("""{"action":"create" """, """ "type":"Issue","data":{"identifier":"ENG-1"}} """)
        );

    [Fact]
    public void A_comment_has_its_words_and_id_and_its_issues_title() =>
        Assert.Equal(
            new TicketEvent
            {
                Source = "linear",
                TicketKey = "linear:ENG-7",
                Event = "comment",
                Action = "created",
                Actor = "Ann",
                ActorId = "u1",
                Title = "The issue's",
                Comment = "please",
                CommentId = "c1",
                DeliveryId = "d1",
            },
            Told(
                """{"action":"create" """,
                """ "type":"Comment","data":{"id":"c1","body":"please","title":"no","issueId":"i9","issue":{"id":"i8","identifier":"ENG-7","title":"The issue's"},"user":{"name":"Ann"},"userId":"u1"}} """
            )
        );

    [Fact]
    public void An_attachment_has_its_issues_title_and_not_its_own() =>
        Assert.Equal(
            new TicketEvent
            {
                Source = "linear",
                TicketKey = "linear:ENG-7",
                Event = "attachment",
                Action = "removed",
                Title = "The issue's",
                DeliveryId = "d1",
            },
            Told(
                """{"action":"remove" """,
                """ "type":"Attachment","data":{"id":"a1","body":"no","title":"its own","issue":{"identifier":"ENG-7","title":"The issue's"}}} """
            )
        );

    [Theory]
    [InlineData("""{"issueId":"i9","issue":{"id":"i8","identifier":"ENG-7"}}""", "linear:ENG-7")]
    [InlineData("""{"issueId":"i9","issue":{"id":"i8"}}""", "linear:i9")]
    [InlineData("""{"issue":{"id":"i8"}}""", "linear:i8")]
    [InlineData("""{"issue":{"identifier":"a_b-1"}}""", "linear:a_b-1")]
    [InlineData("""{"issue":{"identifier":7}}""", "linear:7")]
    public void A_comment_is_of_the_issues_key_or_else_of_its_id(string data, string key) =>
        Assert.Equal(
            key,
            Told("""{"action":"create" """, "\"type\":\"Comment\",\"data\":" + data + "}").TicketKey
        );

    [Theory]
    [InlineData("""{"id":"u1","name":"Ann"}""", "Ann", "u1")]
    [InlineData("""{"id":"u1"}""", "Uma", "u1")]
    [InlineData("""{"name":"Ann"}""", "Ann", "u2")]
    [InlineData("null", "Uma", "u2")]
    [InlineData("\"Ann\"", "Uma", "u2")]
    public void Who_did_it_is_the_actor_or_else_the_user_of_the_data(
        string actor,
        string name,
        string id
    )
    {
        var told = Told(
            """{"action":"create" """,
            "\"type\":\"Comment\",\"actor\":"
                + actor
                + ""","data":{"issueId":"i","user":{"name":"Uma"},"userId":"u2"}}"""
        );
        Assert.Equal((name, id), (told.Actor, told.ActorId));
    }

    [Theory]
    [InlineData("2026-05-04T03:02:01Z", "2026-05-04T03:02:01.0000000+00:00")]
    [InlineData("2026-05-04T03:02:01.250+02:00", "2026-05-04T01:02:01.2500000+00:00")]
    [InlineData("2026-05-04T03:02:01", "2026-05-04T03:02:01.0000000+00:00")]
    [InlineData("yesterday", null)]
    [InlineData("", null)]
    public void When_it_happened_is_told_in_utc(string created, string? at) =>
        Assert.Equal(
            at,
            Told(
                """{"action":"create" """,
                "\"createdAt\":\""
                    + created
                    + "\",\"type\":\"Issue\",\"data\":{\"identifier\":\"E-1\"}}"
            )
                .At?.ToString("o", System.Globalization.CultureInfo.InvariantCulture)
        );

    [Theory]
    [InlineData("https://linear.app/x", "https://linear.app/x")]
    [InlineData("http://linear.test/x", "http://linear.test/x")]
    [InlineData("javascript:alert(1)", "")]
    [InlineData("ftp://linear.app/x", "")]
    [InlineData("/acme/issue/ENG-1", "")]
    [InlineData("linear.app", "")]
    [InlineData("", "")]
    public void Only_an_address_of_the_web_is_shown_to_people(string address, string shown) =>
        Assert.Equal(
            shown,
            Told(
                """{"action":"create" """,
                "\"url\":\"" + address + "\",\"type\":\"Issue\",\"data\":{\"identifier\":\"E-1\"}}"
            ).WebAddress
        );

    [Theory]
    [InlineData(499, 499)]
    [InlineData(500, 500)]
    [InlineData(501, 500)]
    public void A_title_has_at_most_500_characters(int length, int kept) =>
        Assert.Equal(
            new string('t', kept),
            Told(
                """{"action":"create" """,
                "\"type\":\"Issue\",\"data\":{\"identifier\":\"E-1\",\"title\":\""
                    + new string('t', length)
                    + "\"}}"
            ).Title
        );

    [Fact]
    public void Of_many_labels_the_first_fifty_with_a_name_are_told()
    {
        var labels = string.Join(
            ',',
            Enumerable.Range(0, 60).Select(i => i % 10 == 0 ? "{}" : $"{{\"name\":\"l{i}\"}}")
        );
        var read = TicketWebhookReader.Linear(
            "d1",
            Encoding.UTF8.GetBytes(
                """{"action":"create","type":"Issue","data":{"identifier":"E-1","labels":["""
                    + labels
                    + "]}}"
            )
        );
        Assert.Equal(
            Enumerable.Range(0, 60).Where(i => i % 10 != 0).Take(50).Select(i => "l" + i),
            read.Event!.Labels
        );
    }

    [Theory]
    [InlineData(
        """{"action":"restore","type":"Issue","data":{"identifier":"ENG-1"}}""",
        "Nothing here follows Linear's 'Issue' with the action 'restore'."
    )]
    [InlineData(
        """{"type":"Issue","data":{"identifier":"ENG-1"}}""",
        "Nothing here follows Linear's 'Issue' with the action ''."
    )]
    [InlineData(
        """{"action":"create","type":"Project","data":{"issue":{"identifier":"ENG-1"}}}""",
        "Nothing here follows Linear's 'Project' with the action 'create'."
    )]
    [InlineData(
        """{"action":true,"type":[],"data":7}""",
        "Nothing here follows Linear's '' with the action ''."
    )]
    [InlineData(
        """{"action":"create","type":"Issue","data":{"issueId":"ENG-1"}}""",
        "Linear's 'Issue' names no issue."
    )]
    [InlineData(
        """{"action":"create","type":"Comment","data":{"identifier":"ENG-1"}}""",
        "Linear's 'Comment' names no issue."
    )]
    [InlineData(
        """{"action":"create","type":"Issue","data":{"identifier":"ENG-1/x"}}""",
        "Linear's 'Issue' names no issue."
    )]
    [InlineData(
        """{"action":"create","type":"Issue","data":{"identifier":"ENG-1\ud800"}}""",
        "Linear's 'Issue' names no issue."
    )]
    [InlineData("[]", "The body is no JSON object.")]
    [InlineData("{", "The body is no JSON object.")]
    public void What_is_ignored_is_told_why(string body, string reason) =>
        Assert.Equal(
            new TicketReading(null, reason),
            TicketWebhookReader.Linear("d1", Encoding.UTF8.GetBytes(body))
        );

    private static TicketEvent Told(string action, string rest)
    {
        var read = TicketWebhookReader.Linear("d1", Encoding.UTF8.GetBytes(action + "," + rest));
        Assert.Equal("", read.Reason);
        Assert.Empty(read.Event!.Labels);
        return read.Event with { Labels = [] };
    }
}
