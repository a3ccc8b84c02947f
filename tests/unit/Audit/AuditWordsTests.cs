using System.Text;
using Orchestrator.Decisions.Audit;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Audit;

/// <summary>An auditor reads of a fact's bytes exactly these words, and of long ones a cut that shows.</summary>
public sealed class AuditWordsTests
{
    private static readonly byte[] Hash = [0x0a, 0xf0];

    [Fact]
    public void Every_kind_of_value_is_told_once_and_what_says_nothing_is_left_out() =>
        Assert.Equal(
            new AuditEntry(
                3,
                9,
                new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero),
                "odd",
                "ann",
                "",
                "note=two lines  [31m count=12.50 yes=true three=[a, b, 3] four=[4 items] mixed=[2 items] deep.a.b.c=1",
                "0af0"
            ),
            Entry(
                AuditFile.Fact(
                    "odd",
                    """
                    "by":"ann","note":"two\nlines\t\u001b[31m","count":12.50,"yes":true,"no":false,"nothing":null,"empty":"",
                    "none":[],"three":["a","b",3],"four":[1,2,3,4],"mixed":["a",{}],
                    "deep":{"a":{"b":{"c":1,"d":{"e":2},"f":[]}}}
                    """
                )
            )
        );

    [Theory]
    [InlineData("\"by\":\"ann\"", "ann")]
    [InlineData("\"requester\":\"bob\"", "bob")]
    [InlineData("\"by\":\"\",\"requester\":\"bob\"", "bob")]
    [InlineData("\"by\":\"ann\",\"spec\":{\"requester\":\"eve\"}", "ann")]
    [InlineData("\"spec\":{\"requester\":\"eve\"}", "eve")]
    [InlineData("\"spec\":{\"by\":\"\",\"requester\":\"eve\"}", "eve")]
    [InlineData("\"spec\":{\"request\":\"x\"}", "")]
    [InlineData("\"reply\":{\"id\":\"1\",\"by\":\"eve\"}", "eve")]
    [InlineData("\"reply\":7", "")]
    [InlineData("\"spec\":7", "")]
    [InlineData("\"by\":7", "")]
    [InlineData("\"turn\":1", "")]
    public void Who_asked_stands_in_the_fact_itself_or_else_in_what_was_asked(
        string members,
        string expected
    )
    {
        var entry = Entry(AuditFile.Fact("odd", members));

        Assert.Equal(("odd", expected, ""), (entry.Kind, entry.Who, entry.Channel));
    }

    [Theory]
    [InlineData("\"source\":\"cli\"", "cli")]
    [InlineData("\"channel\":\"telegram\"", "telegram")]
    [InlineData("\"source\":\"cli\",\"channel\":\"telegram\"", "cli")]
    [InlineData("\"source\":\"cli\",\"spec\":{\"source\":\"http\"}", "cli")]
    [InlineData("\"spec\":{\"source\":\"http\"}", "http")]
    [InlineData("\"spec\":{\"channel\":\"telegram\"}", "telegram")]
    [InlineData("\"reply\":{\"channel\":\"telegram\"}", "telegram")]
    public void The_door_stands_in_the_fact_itself_or_else_in_what_was_asked(
        string members,
        string expected
    )
    {
        var entry = Entry(AuditFile.Fact("odd", members));

        Assert.Equal(("odd", "", expected), (entry.Kind, entry.Who, entry.Channel));
    }

    [Fact]
    public void A_person_who_is_an_object_is_told_among_the_other_values()
    {
        var entry = Entry(AuditFile.Fact("odd", "\"by\":{\"name\":\"ann\",\"id\":7}"));

        Assert.Equal(("", "by.name=ann by.id=7"), (entry.Who, entry.What));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"at":"2026-05-04T03:02:01Z"}""")]
    [InlineData("""{"at":"yesterday","fact":{"fact":"x"}}""")]
    [InlineData("""{"at":"2026-05-04T03:02:01Z","fact":7}""")]
    public void Bytes_that_are_no_fact_are_counted_and_keep_their_place_and_hash(string stored) =>
        Assert.Equal(
            new AuditEntry(
                3,
                9,
                default,
                "unreadable",
                "",
                "",
                $"{stored.Length} bytes that are no fact",
                "0af0"
            ),
            Entry(stored)
        );

    [Theory]
    [InlineData(79, 79, "")]
    [InlineData(80, 80, "")]
    [InlineData(81, 79, "…")]
    [InlineData(1_000, 79, "…")]
    public void A_text_of_more_than_80_characters_is_cut_wherever_it_stands(
        int length,
        int kept,
        string mark
    )
    {
        var text = new string('x', length);
        var shown = new string('x', kept) + mark;

        var entry = Entry(
            AuditFile.Fact(
                text,
                $"\"by\":\"{text}\",\"note\":\"{text}\",\"rules\":[\"{text}\",\"y\"]"
            )
        );
        var door = Entry(AuditFile.Fact("odd", $"\"source\":\"{text}\""));

        Assert.Equal((shown, shown, shown), (entry.Kind, entry.Who, door.Channel));
        Assert.Equal($"note={shown} rules=[{shown}, y]", entry.What);
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("[1]", "list=[1]")]
    [InlineData("[1,2,3]", "list=[1, 2, 3]")]
    [InlineData("[1,2,3,4]", "list=[4 items]")]
    [InlineData("[\"a\\nb\"]", "list=[a b]")]
    [InlineData("[true,false]", "list=[2 items]")]
    [InlineData("[1,[2]]", "list=[2 items]")]
    public void Of_a_list_up_to_three_plain_items_are_told_and_else_how_many_they_are(
        string list,
        string expected
    ) => Assert.Equal(expected, Entry(AuditFile.Fact("odd", $"\"list\":{list}")).What);

    [Theory]
    [InlineData("""{"b":1}""", "a.b=1")]
    [InlineData("""{"b":{"c":1}}""", "a.b.c=1")]
    [InlineData("""{"b":{"c":{"d":1}}}""", "a.b.c.d=1")]
    [InlineData("""{"b":{"c":{"d":{"e":1}}}}""", "")]
    [InlineData("""{"b":{"c":{"d":{"e":1}},"f":2}}""", "a.b.f=2")]
    [InlineData("{}", "")]
    public void Four_names_deep_is_told_and_nothing_below(string value, string expected) =>
        Assert.Equal(expected, Entry(AuditFile.Fact("odd", $"\"a\":{value}")).What);

    [Theory]
    [InlineData(399, "", false)]
    [InlineData(400, "", false)]
    [InlineData(401, "", true)]
    // What was left out behind exactly 400 characters shows too.
    [InlineData(400, ",\"f\":\"x\"", true)]
    [InlineData(400, ",\"f\":\"\",\"g\":false", false)]
    public void What_has_at_most_400_characters_and_a_mark_where_more_was(
        int length,
        string more,
        bool isCut
    )
    {
        var value = new string('x', 80);
        // Four members with 80 characters each are 331 with the spaces between them, and " e=" is 3.
        var last = new string('y', length - 334);
        var whole = $"a={value} b={value} c={value} d={value} e={last}";

        var entry = Entry(
            AuditFile.Fact(
                "odd",
                $"\"a\":\"{value}\",\"b\":\"{value}\",\"c\":\"{value}\",\"d\":\"{value}\",\"e\":\"{last}\"{more}"
            )
        );

        Assert.Equal(length, whole.Length);
        Assert.Equal(isCut ? whole[..399] + "…" : whole, entry.What);
    }

    [Theory]
    [InlineData("""{"at":"2026-05-04","fact":{"fact":"approved"}}""", "2026-05-04", "approved")]
    [InlineData("""{"fact":{"fact":"approved"},"at":"x"}""", "x", "approved")]
    [InlineData("""{"at":"x","fact":{"kind":"approved"}}""", "x", "")]
    [InlineData("""{"at":"x","fact":7}""", "x", "")]
    [InlineData("""{"at":"x"}""", "x", "")]
    [InlineData("""{"fact":{"fact":"approved"}}""", "", "approved")]
    [InlineData("""{"at":5,"fact":{"fact":6}}""", "", "")]
    [InlineData("{}", "", "")]
    [InlineData("""["at","fact"]""", "", "")]
    [InlineData("5", "", "")]
    [InlineData("nonsense", "", "")]
    [InlineData("""{"at":"x""", "", "")]
    [InlineData("", "", "")]
    public void Instant_and_kind_are_read_as_they_stand_or_not_at_all(
        string stored,
        string at,
        string kind
    ) => Assert.Equal((at, kind), AuditText.Of(Encoding.UTF8.GetBytes(stored)));

    private static AuditEntry Entry(string stored) =>
        AuditText.Entry(3, 9, Encoding.UTF8.GetBytes(stored), Hash);
}
