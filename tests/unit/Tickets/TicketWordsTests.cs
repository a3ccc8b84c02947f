using Orchestrator.Decisions.Tickets;
using Xunit;

namespace Orchestrator.UnitTests.Tickets;

public sealed class TicketWordsTests
{
    private static readonly TicketPerson Alice = new("u1", "alice@example.test", "Alice");
    private static readonly TicketPerson Bob = new("u2", "", "Bob");
    private static readonly TicketPerson Bot = new("bot", "bot@example.test", "Bot");
    private static readonly TicketRules Rules = new()
    {
        Kind = "linear",
        Label = "orchestrator",
        Assignee = "bot@example.test",
        Command = "/orchestrator",
    };

    [Fact]
    public void Who_assigned_the_ticket_to_the_account_last_gave_the_reason()
    {
        var ticket = new TicketView
        {
            Key = "ENG-1",
            Creator = Alice,
            Assignee = Bot,
            Changes =
            [
                new TicketChange(Alice, [], "bot"),
                new TicketChange(Bob, [], "bot"),
                new TicketChange(Alice, ["bug"], ""),
                new TicketChange(Alice, [], "u9"),
            ],
        };
        Assert.Equal(
            [new TicketTrigger("assigned", Bob, "")],
            TicketTriggers.Of(ticket, Rules).Due
        );
        Assert.Equal(
            [new TicketTrigger("assigned", Alice, "")],
            TicketTriggers.Of(ticket with { Changes = [] }, Rules).Due
        );
    }

    [Fact]
    public void A_label_is_a_reason_without_words_and_a_command_one_with_them() =>
        Assert.Equal(
            [new TicketTrigger("label", Alice, ""), new TicketTrigger("comment-c1", Bob, "fix it")],
            TicketTriggers
                .Of(
                    new TicketView
                    {
                        Key = "ENG-1",
                        Creator = Alice,
                        Labels = ["orchestrator"],
                        Comments = [new TicketComment("c1", Bob, "/orchestrator fix it", false)],
                    },
                    Rules
                )
                .Due
        );

    [Fact]
    public void Rules_that_name_nothing_start_nothing()
    {
        var (due, refused) = TicketTriggers.Of(
            new TicketView
            {
                Key = "ENG-1",
                Labels = ["", "orchestrator"],
                Assignee = new TicketPerson("", "", ""),
                Comments = [new TicketComment("c1", Alice, "", false)],
            },
            new TicketRules { Kind = "linear" }
        );
        Assert.Empty(due);
        Assert.Empty(refused);
    }

    [Fact]
    public void Rules_name_nothing_until_they_are_told_to()
    {
        var rules = new TicketRules { Kind = "linear" };
        Assert.Equal(
            ("", "", "", "", "", ""),
            (
                rules.Label,
                rules.Assignee,
                rules.Command,
                rules.StateStarted,
                rules.StateReview,
                rules.StateDone
            )
        );
    }

    [Fact]
    public void A_ticket_says_nothing_that_its_host_does_not_say()
    {
        var ticket = new TicketView { Key = "ENG-1" };
        Assert.Equal(
            ("", "", "", ""),
            (ticket.Title, ticket.Description, ticket.WebAddress, ticket.State)
        );
    }

    [Theory]
    [InlineData("u1", true)]
    [InlineData("U1", true)]
    [InlineData("Alice@Example.test", true)]
    [InlineData("Alice", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_person_is_known_by_id_or_address_in_any_case(string? configured, bool its) =>
        Assert.Equal(its, Alice.Is(configured!));

    [Fact]
    public void An_empty_name_means_nobody() => Assert.False(new TicketPerson("", "", "").Is(""));

    [Theory]
    [InlineData("u2", true)]
    [InlineData("u9 u2", true)]
    [InlineData("u2 u9", true)]
    [InlineData("u9 u8", false)]
    public void Each_of_those_who_may_start_work_may(string triggerers, bool may)
    {
        var (due, refused) = Commanded("linear", triggerers.Split(' '));
        Assert.Equal(may ? [new TicketTrigger("comment-c1", Bob, "go")] : [], due);
        Assert.Equal(
            may
                ? []
                :
                [
                    new TicketRefusal(
                        "comment-c1",
                        "'u2' may not start work (Tickets:Linear:Triggerers)"
                    ),
                ],
            refused
        );
    }

    [Theory]
    [InlineData("jira", "'u2' may not start work (Tickets:Jira:Triggerers)")]
    [InlineData("x", "'u2' may not start work (Tickets:X:Triggerers)")]
    [InlineData("", "'u2' may not start work (Tickets::Triggerers)")]
    public void A_refusal_names_the_setting_of_its_host(string kind, string why) =>
        Assert.Equal([new TicketRefusal("comment-c1", why)], Commanded(kind, ["u9"]).Refused);

    [Theory]
    [InlineData("linear:ENG-1", "linear", "ENG-1")]
    [InlineData(
        "jira:d40aca00-9575-47fe-8cfe-e4467a883829",
        "jira",
        "d40aca00-9575-47fe-8cfe-e4467a883829"
    )]
    public void A_tickets_full_name_is_its_host_and_its_key(
        string ticket,
        string kind,
        string key
    ) => Assert.Equal((kind, key), TicketKeys.Split(ticket));

    [Theory]
    [InlineData(":ENG-1")]
    [InlineData("ENG-1")]
    [InlineData("linear:")]
    [InlineData("linear:linear:ENG-1")]
    [InlineData("linear:d40aca00-9575-47fe-8cfe-e4467a88382g")]
    [InlineData("linear:d40aca00/9575/47fe/8cfe/e4467a883829")]
    [InlineData("linear:....................................")]
    public void Anything_else_is_no_tickets_full_name(string ticket) =>
        Assert.Null(TicketKeys.Split(ticket));

    [Theory]
    [InlineData(3_994, true)]
    [InlineData(3_995, false)]
    [InlineData(3_996, false)]
    [InlineData(3_998, false)]
    [InlineData(3_999, false)]
    [InlineData(9_000, false)]
    public void Of_a_text_the_first_4000_characters_are_looked_at(int before, bool found) =>
        Assert.Equal(
            found ? ["linear:E-123"] : [],
            TicketKeys.In(
                [
                    new TicketRules
                    {
                        Kind = "linear",
                        Repositories = new Dictionary<string, string> { ["E"] = "/src" },
                    },
                ],
                new string('.', before + 1) + "E-123"
            )
        );

    [Theory]
    [InlineData("https://x.test/~me", @"https://x.test/\~me")]
    [InlineData("https://x.test/a*b*", @"https://x.test/a\*b\*")]
    [InlineData("https://x.test/(a)!", @"https://x.test/\(a\)\!")]
    [InlineData("https://x.test/a_b#c&d=e", "https://x.test/a_b#c&d=e")]
    [InlineData("see <b>this</b> & `that`", @"see \<b\>this\</b\> \& \`that\`")]
    [InlineData("+ a\n= b\n- c\n# d\n> e", "\\+ a\n\\= b\n\\- c\n\\# d\n\\> e")]
    [InlineData("a\u0007b", "a b")]
    public void Markup_in_words_and_addresses_shows_as_it_is(string text, string written) =>
        Assert.Equal(written, MarkdownText.Write(text, "marker_1;"));

    private static (
        IReadOnlyList<TicketTrigger> Due,
        IReadOnlyList<TicketRefusal> Refused
    ) Commanded(string kind, string[] triggerers) =>
        TicketTriggers.Of(
            new TicketView
            {
                Key = "ENG-1",
                Comments = [new TicketComment("c1", Bob, "/orchestrator go", false)],
            },
            Rules with
            {
                Kind = kind,
                Triggerers = triggerers,
            }
        );
}
