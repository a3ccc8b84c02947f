using System.Text.Json;
using Orchestrator.Decisions.Tickets;
using Xunit;

namespace Orchestrator.UnitTests.Tickets;

public sealed class AdfDocumentTests
{
    [Theory]
    [InlineData("", "[]")]
    [InlineData("plain words here", """[{"type":"text","text":"plain words here"}]""")]
    [InlineData("two  blanks ", """[{"type":"text","text":"two  blanks "}]""")]
    [InlineData("  after blanks", """[{"type":"text","text":"after blanks"}]""")]
    [InlineData("a\u0001b\tc", """[{"type":"text","text":"a b c"}]""")]
    [InlineData(
        "https://x.test/a",
        """[{"type":"text","text":"https://x.test/a","marks":[{"type":"link","attrs":{"href":"https://x.test/a"}}]}]"""
    )]
    [InlineData(
        "see http://x.test/a  now",
        """[{"type":"text","text":"see "},{"type":"text","text":"http://x.test/a","marks":[{"type":"link","attrs":{"href":"http://x.test/a"}}]},{"type":"text","text":"  now"}]"""
    )]
    [InlineData(
        "https://a.test https://b.test ",
        """[{"type":"text","text":"https://a.test","marks":[{"type":"link","attrs":{"href":"https://a.test"}}]},{"type":"text","text":" "},{"type":"text","text":"https://b.test","marks":[{"type":"link","attrs":{"href":"https://b.test"}}]},{"type":"text","text":" "}]"""
    )]
    [InlineData(
        "ftp://x.test/a mailto:a@x.test javascript:x",
        """[{"type":"text","text":"ftp://x.test/a mailto:a@x.test javascript:x"}]"""
    )]
    [InlineData(
        "HTTPS://x.test https:// http://",
        """[{"type":"text","text":"HTTPS://x.test https:// http://"}]"""
    )]
    [InlineData(
        "(https://x.test) https://a{b} http://a[b",
        """[{"type":"text","text":"(https://x.test) https://a{b} http://a[b"}]"""
    )]
    public void A_line_is_a_paragraph_with_a_link_for_each_address(string line, string content) =>
        Assert.Equal(
            """{"version":1,"type":"doc","content":[{"type":"paragraph","content":"""
                + content
                + "}]}",
            AdfText.Write(line).ToJsonString(Plain)
        );

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\r\nb")]
    [InlineData("a\rb")]
    public void Each_line_is_a_paragraph_of_its_own(string text) =>
        Assert.Equal(
            """{"version":1,"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]},{"type":"paragraph","content":[{"type":"text","text":"b"}]}]}""",
            AdfText.Write(text).ToJsonString(Plain)
        );

    [Theory]
    [InlineData("""{"type":"emoji","attrs":{"text":"\u263a","shortName":":smile:"}}""", "\u263a")]
    [InlineData("""{"type":"status","attrs":{"text":"DONE","color":"green"}}""", "DONE")]
    [InlineData("""{"type":"mention","attrs":{"id":"1","text":"@bob"}}""", "@bob")]
    [InlineData("""{"type":"mention","attrs":{"text":"","url":"u"}}""", "u")]
    [InlineData("""{"type":"inlineCard","attrs":{"url":"https://x.test"}}""", "https://x.test")]
    [InlineData("""{"type":"emoji","attrs":{"shortName":":tada:"}}""", ":tada:")]
    [InlineData("""{"type":"emoji","attrs":{"shortName":":tada:","text":"🎉"}}""", "🎉")]
    [InlineData("""{"type":"date","attrs":{"timestamp":"1764460800000"}}""", "2025-11-30")]
    [InlineData("""{"type":"date","attrs":{"timestamp":"253402300799999"}}""", "9999-12-31")]
    [InlineData("""{"type":"date","attrs":{"timestamp":"253402300800000"}}""", "")]
    [InlineData("""{"type":"date","attrs":{"timestamp":"soon"}}""", "")]
    [InlineData("""{"type":"text","text":"\ud800"}""", "")]
    [InlineData("""{"type":"mention"}""", "")]
    [InlineData("""{"type":"mention","attrs":"@bob"}""", "")]
    [InlineData("""{"type":"text","text":7}""", "")]
    [InlineData("""{"type":"text"}""", "")]
    [InlineData("""{"text":"no type"}""", "")]
    public void A_piece_of_a_line_is_read_for_its_words(string node, string words) =>
        Assert.Equal(
            $"[{words}]",
            Read($$"""{"type":"paragraph","content":[{{Text("[")}},{{node}},{{Text("]")}}]}""")
        );

    [Theory]
    [InlineData("paragraph", "a\nb")]
    [InlineData("heading", "a\nb")]
    [InlineData("codeBlock", "a\nb")]
    [InlineData("blockquote", "a\nb")]
    [InlineData("tableRow", "a\nb")]
    [InlineData("panel", "ab")]
    [InlineData("", "ab")]
    public void A_block_ends_its_line(string type, string words) =>
        Assert.Equal(words, Read(Block("doc", Block(type, Text("a")), Block(type, Text("b")))));

    [Fact]
    public void Each_task_is_a_line_with_a_dash() =>
        Assert.Equal(
            "- a\n- b\nend",
            Read(
                Block(
                    "doc",
                    Block("taskList", Block("taskItem", Text("a")), Block("taskItem", Text("b"))),
                    Block("paragraph", Text("end"))
                )
            )
        );

    [Fact]
    public void Half_a_character_as_the_whole_text_is_none() =>
        Assert.Equal("", Read("\"\\ud800\""));

    [Fact]
    public void A_card_and_what_is_folded_away_keep_their_words() =>
        Assert.Equal(
            "https://x.test\nMore\nb",
            Read(
                Block(
                    "doc",
                    """{"type":"blockCard","attrs":{"url":"https://x.test"}}""",
                    """{"type":"expand","attrs":{"title":"More"},"content":[{"type":"paragraph","content":[{"type":"text","text":"b"}]}]}"""
                )
            )
        );

    [Fact]
    public void A_rule_is_a_line_of_dashes() =>
        Assert.Equal(
            "a\n\n---\nb",
            Read(
                Block(
                    "doc",
                    Block("paragraph", Text("a")),
                    """{"type":"rule"}""",
                    Block("paragraph", Text("b"))
                )
            )
        );

    [Theory]
    [InlineData(0, "a")]
    [InlineData(39, "a")]
    [InlineData(40, "a")]
    [InlineData(41, "")]
    [InlineData(90, "")]
    public void Words_are_read_down_to_forty_levels(int levels, string words) =>
        Assert.Equal(words, Read(Nested(levels)));

    [Fact]
    public void Beyond_forty_levels_the_words_beside_are_still_read() =>
        Assert.Equal("xy", Read(Block("doc", Text("x"), Nested(60), Text("y"))));

    [Fact]
    public void After_more_than_200000_characters_nothing_more_is_read()
    {
        var many = new string('a', 200_001);
        Assert.Equal(many, Read(Block("doc", Text(many), Text("b"))));
        Assert.Equal(many[2..] + "b", Read(Block("doc", Text(many[2..]), Text("b"))));
    }

    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string Text(string words) => $$"""{"type":"text","text":"{{words}}"}""";

    private static string Block(string type, params string[] content) =>
        $$"""{"type":"{{type}}","content":[{{string.Join(',', content)}}]}""";

    private static string Nested(int levels) =>
        Enumerable.Range(0, levels).Aggregate(Text("a"), (inner, _) => Block("x", inner));

    private static string Read(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1_000 });
        return AdfText.Read(document.RootElement);
    }
}
