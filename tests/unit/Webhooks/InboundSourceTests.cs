using System.Text;
using Orchestrator.Decisions.Webhooks;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class InboundSourceTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(
        1_700_000_000_000
    );

    [Theory]
    [InlineData("github", """{"a":1}""", "push", "push", true)]
    [InlineData("github", """{"a":1}""", "pu\u0001sh ", "push", true)]
    [InlineData("github", "[1]", "push", "", false)]
    [InlineData("github", """{"a":1""", "push", "", false)]
    [InlineData("github", "", "push", "", false)]
    [InlineData(
        "jira",
        """{"webhookEvent":"jira:issue_updated"}""",
        null,
        "jira:issue_updated",
        true
    )]
    [InlineData("jira", """{"webhookEvent":7}""", null, "", true)]
    [InlineData(
        "linear",
        """{"type":"Issue","webhookTimestamp":1700000000000}""",
        null,
        "Issue",
        true
    )]
    [InlineData(
        "linear",
        """{"type":"Issue","webhookTimestamp":1700000299000}""",
        null,
        "Issue",
        true
    )]
    [InlineData(
        "linear",
        """{"type":"Issue","webhookTimestamp":1700000301000}""",
        null,
        "Issue",
        false
    )]
    [InlineData(
        "linear",
        """{"type":"Issue","webhookTimestamp":1699999699000}""",
        null,
        "Issue",
        false
    )]
    [InlineData(
        "linear",
        """{"type":"Issue","webhookTimestamp":-9223372036854775808}""",
        null,
        "Issue",
        false
    )]
    [InlineData(
        "linear",
        """{"type":"Issue","webhookTimestamp":"1700000000000"}""",
        null,
        "Issue",
        false
    )]
    [InlineData("linear", """{"type":"Issue"}""", null, "Issue", false)]
    public void A_body_is_read_by_its_hosts_rules(
        string source,
        string body,
        string? header,
        string name,
        bool taken
    )
    {
        var read = InboundSource.Find(source)!.Read(Encoding.UTF8.GetBytes(body), header, Now);
        Assert.Equal((name, taken), (read.Event, read.Problem is null));
    }

    [Fact]
    public void A_body_that_is_nested_too_deep_is_not_taken()
    {
        static byte[] Nested(int depth) =>
            Encoding.UTF8.GetBytes(
                """{"a":""" + new string('[', depth - 1) + new string(']', depth - 1) + "}"
            );
        var source = InboundSource.Find("github")!;
        Assert.Null(source.Read(Nested(InboundSource.DepthMax), "x", Now).Problem);
        Assert.NotNull(source.Read(Nested(InboundSource.DepthMax + 1), "x", Now).Problem);
        Assert.NotNull(source.Read(Nested(100_000), "x", Now).Problem);
    }

    [Fact]
    public void A_delivery_without_a_usable_id_is_known_by_its_body()
    {
        var body = Encoding.UTF8.GetBytes("{}");
        var hash = "sha256-44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        Assert.Equal("72d3162e", InboundSource.IdOf("72d3162e", body));
        Assert.Equal(hash, InboundSource.IdOf("", body));
        Assert.Equal(hash, InboundSource.IdOf(null, body));
        Assert.Equal(hash, InboundSource.IdOf("a b", body));
        Assert.Equal(hash, InboundSource.IdOf(new string('a', 201), body));
    }
}
