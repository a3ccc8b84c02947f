using System.Text;
using Orchestrator.Decisions.Audit;
using Xunit;

namespace Orchestrator.UnitTests.Audit;

/// <summary>An export is the same text in every build, for files of earlier ones are verified by later ones.</summary>
public sealed class AuditWriterTests
{
    private static readonly byte[] Anchor = HashChain.Anchor("task_a");

    [Fact]
    public void An_export_is_this_text_to_the_byte()
    {
        var writer = new AuditWriter();
        // Letters and signs stand as they are stored; what is no line of JSON stands in base 64.
        var stored = Encoding.UTF8.GetBytes(
            """{"at":"2026-05-04T03:02:01+00:00","fact":{"fact":"submitted","spec":{"request":"Grüße <x> & \"y\""}}}"""
        );
        byte[] damaged = [0xff, 0xfe, (byte)'\n'];
        var first = HashChain.Next(Anchor, stored);
        var second = HashChain.Next(first, damaged);

        byte[][] lines =
        [
            writer.Header(
                new AuditHeader
                {
                    Product = "1.2.3",
                    Cluster = "orchestrator",
                    Schema = 3,
                    Made = new DateTimeOffset(2026, 5, 4, 0, 30, 0, TimeSpan.FromHours(2)),
                    Task = "task_a",
                    After = 0,
                    To = 2,
                    Head = Convert.ToHexStringLower(second),
                }
            ),
            writer.Record(
                new AuditRecord
                {
                    Position = 7,
                    TaskId = "task_a",
                    Sequence = 1,
                    Previous = Anchor,
                    Hash = first,
                    Stored = stored,
                }
            ),
            writer.Record(
                new AuditRecord
                {
                    Position = 9,
                    TaskId = "task_a",
                    Sequence = 2,
                    Previous = first,
                    Hash = second,
                    Stored = damaged,
                }
            ),
            writer.End(),
        ];

        Assert.Equal(
            """
            {"audit":1,"product":"1.2.3","cluster":"orchestrator","schema":3,"made":"2026-05-03T22:30:00+00:00","task":"task_a","after":0,"to":2,"head":"328cae89c217b90af9d5492242f6daf2af54826dda1013311a631b4d5085b0eb","digest":"222f57dd862f36cbab99c742b2167c25e4f1475ce3be9eacbb400d3f8fe7c54c"}
            {"position":7,"task":"task_a","sequence":1,"at":"2026-05-04T03:02:01+00:00","kind":"submitted","previous":"db5cf4d38120c0b48680e8a81ebbc97364508e6cc61c06b8a75c3a03e7ea430f","hash":"e35bcc34eb7078998ae82daa34d59aca0cee8efe80b4776f21a59644bdb1f741","stored":{"at":"2026-05-04T03:02:01+00:00","fact":{"fact":"submitted","spec":{"request":"Grüße <x> & \"y\""}}},"digest":"3f816d752e3169f80fd40c003a3da2cc11172de3d80aa6054b1c369c7ccb9f07"}
            {"position":9,"task":"task_a","sequence":2,"at":"","kind":"","previous":"e35bcc34eb7078998ae82daa34d59aca0cee8efe80b4776f21a59644bdb1f741","hash":"328cae89c217b90af9d5492242f6daf2af54826dda1013311a631b4d5085b0eb","stored_base64":"//4K","digest":"2c165a18a69457e8325c659542b9c1d3d3f9f5ed9b2c1026f66792bf9239df45"}
            {"end":true,"records":2,"digest":"666117109f066d6de8480deb8ec85255d0ca372dfc7f52178f1909e83112eb91"}

            """,
            Text(lines)
        );
        Assert.Equal(
            (2L, "666117109f066d6de8480deb8ec85255d0ca372dfc7f52178f1909e83112eb91"),
            (writer.Records, writer.Digest)
        );
        Assert.Empty(AuditFile.Verify(lines).Findings);
    }

    [Fact]
    public void An_export_of_nothing_of_which_nothing_is_known_is_this_text()
    {
        var writer = new AuditWriter();

        Assert.Equal((0L, new string('0', 64)), (writer.Records, writer.Digest));
        Assert.Equal(
            """
            {"audit":1,"product":"","cluster":"","schema":0,"made":"0001-01-01T00:00:00+00:00","task":null,"after":0,"to":0,"head":"","digest":"849e1e5e0dd39ec36e0a7514dc1d579538e837459de5114acb62462026be5782"}
            {"end":true,"records":0,"digest":"b6abeca1650103d2d59b9749510fc831f664a476e93c584dd3ca12c206ecbf9b"}

            """,
            Text([writer.Header(new AuditHeader()), writer.End()])
        );
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{ "a" : [ 1.0, "\u0041" ] }""", true)]
    [InlineData("", false)]
    [InlineData("nonsense", false)]
    [InlineData("""{"a":""", false)]
    [InlineData("""{"a":1""", false)]
    [InlineData("""{"a":nonsense}""", false)]
    [InlineData("{}{}", false)]
    [InlineData("{\"a\":\n1}", false)]
    [InlineData("{\"a\":\r1}", false)]
    public void What_is_one_line_of_JSON_stands_as_it_was_stored_and_all_else_in_base_64(
        string stored,
        bool asItIs
    )
    {
        var bytes = Encoding.UTF8.GetBytes(stored);
        var line = Text([
            new AuditWriter().Record(
                new AuditRecord
                {
                    Position = 1,
                    TaskId = "task_a",
                    Sequence = 1,
                    Previous = Anchor,
                    Hash = HashChain.Next(Anchor, bytes),
                    Stored = bytes,
                }
            ),
        ]);

        Assert.Contains(
            asItIs
                ? $",\"stored\":{stored},\"digest\":"
                : $",\"stored_base64\":\"{Convert.ToBase64String(bytes)}\",\"digest\":",
            line,
            StringComparison.Ordinal
        );
    }

    private static string Text(byte[][] lines) =>
        Encoding.UTF8.GetString(lines.SelectMany(l => l).ToArray());
}
