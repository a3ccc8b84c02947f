using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Decisions.Tickets;
using Xunit;

namespace Orchestrator.UnitTests.Tickets;

/// <summary>Texts to and from hosts of tickets.</summary>
public sealed class TicketTextTests
{
    private static readonly Gen<string> Words = Gen.OneOf(
        Gen.String[0, 300],
        Gen.String[Gen.Char["[]()<>*_`#@!~|\\{}& ab\n\r\t:/.\u0001"], 0, 300],
        Gen.Const("https://example.test/a_b https://x https:// http://a b"),
        Gen.Const("\ud800 \udc00 \u0000 \u2028 x")
    );

    [Fact]
    public void A_document_of_lines_is_valid_and_reads_back_as_the_lines() =>
        Words.Sample(text =>
        {
            var document = JsonSerializer.Deserialize<JsonElement>(
                AdfText.Write(text).ToJsonString()
            );
            Assert.Equal("doc", document.GetProperty("type").GetString());
            foreach (var paragraph in document.GetProperty("content").EnumerateArray())
            {
                Assert.Equal("paragraph", paragraph.GetProperty("type").GetString());
                foreach (var node in paragraph.GetProperty("content").EnumerateArray())
                {
                    Assert.Equal("text", node.GetProperty("type").GetString());
                    Assert.NotEqual("", node.GetProperty("text").GetString());
                    if (node.TryGetProperty("marks", out var marks))
                    {
                        Assert.StartsWith(
                            "http",
                            marks[0].GetProperty("attrs").GetProperty("href").GetString()
                        );
                    }
                }
            }
            // What is written and read is a fixed point, so that a comment that is right is left alone.
            var read = AdfText.Read(document);
            var again = JsonSerializer.Deserialize<JsonElement>(AdfText.Write(read).ToJsonString());
            Assert.Equal(read, AdfText.Read(again));
        });

    [Theory]
    [InlineData(
        """{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"a"},{"type":"hardBreak"},{"type":"text","text":"b"}]}]}""",
        "a\nb"
    )]
    [InlineData(
        """{"type":"doc","content":[{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]}]},{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"b"}]}]}]}]}""",
        "- a\n- b"
    )]
    [InlineData(
        """{"type":"doc","content":[{"type":"paragraph","content":[{"type":"mention","attrs":{"text":"@bob"}},{"type":"inlineCard","attrs":{"url":"https://x.test"}},{"type":"unknown","content":[{"type":"text","text":"!"}]}]}]}""",
        "@bobhttps://x.test!"
    )]
    [InlineData("\"as older servers say it\"", "as older servers say it")]
    [InlineData("""{"type":"doc","content":"no list"}""", "")]
    [InlineData("[1,2]", "")]
    [InlineData("null", "")]
    public void A_document_is_read_for_its_words(string json, string words) =>
        Assert.Equal(words, AdfText.Read(JsonSerializer.Deserialize<JsonElement>(json)));

    [Fact]
    public void A_document_as_deep_as_json_goes_is_read_without_a_crash()
    {
        var deep =
            string.Concat(Enumerable.Repeat("""{"type":"x","content":[""", 30))
            + """{"type":"text","text":"a"}"""
            + string.Concat(Enumerable.Repeat("]}", 30));
        Assert.Equal("a", AdfText.Read(JsonSerializer.Deserialize<JsonElement>(deep)));
    }

    [Fact]
    public void Markdown_of_others_words_has_no_markup_that_is_not_escaped() =>
        Words.Sample(text =>
        {
            var written = MarkdownText.Write(text, "marker_1;");
            foreach (
                var word in written
                    .Split(' ', '\n')
                    .Where(w => !w.StartsWith("http", StringComparison.Ordinal))
            )
            {
                var plain = System.Text.RegularExpressions.Regex.Replace(word, @"\\.", "");
                Assert.DoesNotContain(
                    plain,
                    c => "`*_[]<>#|~".Contains(c, StringComparison.Ordinal)
                );
                Assert.DoesNotMatch("@(?!\u200b)", plain);
            }
        });

    [Theory]
    [InlineData("see https://x.test/a_b#c&d", "see https://x.test/a_b#c&d")]
    [InlineData("https://x.test/[a](b)", @"https://x.test/\[a\]\(b\)")]
    [InlineData("- a\nmarker_1;", "\\- a\nmarker_1;")]
    [InlineData("a marker_1;", @"a marker\_1;")]
    [InlineData("@all", "@\u200ball")]
    public void Addresses_and_the_marker_stay(string text, string written) =>
        Assert.Equal(written, MarkdownText.Write(text, "marker_1;"));

    [Fact]
    public void A_request_has_the_words_then_the_ticket_and_is_bounded() =>
        Gen.Select(Gen.String[0, 300], Gen.Int[0, 100_000], Gen.String[0, 100])
            .Sample(
                (title, length, words) =>
                {
                    var request = TicketRequest.Of(
                        new TicketView
                        {
                            Key = "ENG-1",
                            Title = title,
                            Description = new string('d', length),
                        },
                        new TicketTrigger("comment-1", null, words),
                        new TicketRules
                        {
                            Kind = "linear",
                            Repositories = new Dictionary<string, string> { ["*"] = "/src" },
                        }
                    );
                    Assert.InRange(request.Request!.Length, 1, 82_000);
                    Assert.InRange(request.Title!.Length, 1, 200);
                    Assert.Equal(["linear:ENG-1"], request.Tickets);
                    Assert.Contains("Ticket ENG-1", request.Request, StringComparison.Ordinal);
                    Assert.DoesNotContain('\0', request.Request);
                    Assert.Equal(
                        length > 60_000,
                        request.Request.Contains("(The rest is cut.)", StringComparison.Ordinal)
                    );
                }
            );

    [Theory]
    [InlineData("u1", "a@x.test", "linear:a@x.test")]
    [InlineData("u 1<>", "", "linear:u1")]
    [InlineData(null, "", "linear:unknown")]
    public void Who_asks_is_named_by_address_or_id(string? id, string email, string requester)
    {
        var by = id is null ? null : new TicketPerson(id, email, "n");
        Assert.Equal(
            requester,
            TicketRequest.RequesterOf(new TicketTrigger("label", by, ""), "linear")
        );
    }
}
