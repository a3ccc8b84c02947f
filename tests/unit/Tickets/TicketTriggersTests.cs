using CsCheck;
using Orchestrator.Decisions.Tickets;
using Orchestrator.GrainInterfaces.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Tickets;

public sealed class TicketTriggersTests
{
    private static readonly TicketPerson Alice = new("u1", "alice@example.test", "Alice");
    private static readonly TicketPerson Mallory = new("u2", "", "alice@example.test");
    private static readonly TicketPerson Bot = new("bot", "bot@example.test", "Bot");
    private static readonly TicketRules Rules = new()
    {
        Kind = "linear",
        Label = "orchestrator",
        Assignee = "bot@example.test",
        Command = "/orchestrator",
    };
    private static readonly TicketView Ticket = new() { Key = "ENG-1", Creator = Alice };

    public static TheoryData<string, string[]> Standing =>
        new()
        {
            { "nothing", [] },
            { "label", ["label"] },
            { "LABEL in another case", ["label"] },
            { "assigned", ["assigned"] },
            { "assigned to somebody else", [] },
            { "label and assigned", ["label"] },
            { "label, closed", [] },
            { "command", ["comment-c1"] },
            { "command, closed", ["comment-c1"] },
            { "label and command", ["label", "comment-c1"] },
            { "our own command", [] },
        };

    [Theory]
    [MemberData(nameof(Standing))]
    public void What_stands_on_a_ticket_is_due_once(string situation, string[] due)
    {
        var labelled = Ticket with { Labels = ["bug", "orchestrator"] };
        var commanded = Ticket with
        {
            Comments = [new TicketComment("c1", Alice, "/orchestrator go", false)],
        };
        var ticket = situation switch
        {
            "nothing" => Ticket,
            "label" => labelled,
            "LABEL in another case" => Ticket with { Labels = ["Orchestrator"] },
            "assigned" => Ticket with { Assignee = Bot },
            "assigned to somebody else" => Ticket with { Assignee = Alice },
            "label and assigned" => labelled with { Assignee = Bot },
            "label, closed" => labelled with { Closed = true },
            "command" => commanded,
            "command, closed" => commanded with { Closed = true },
            "label and command" => labelled with { Comments = commanded.Comments },
            _ => Ticket with
            {
                Comments = [new TicketComment("c1", Bot, "/orchestrator go", true)],
            },
        };

        var (asked, refused) = TicketTriggers.Of(ticket, Rules);

        Assert.Equal(due, asked.Select(t => t.Name));
        Assert.Empty(refused);
    }

    [Theory]
    [InlineData("u1", true)]
    [InlineData("ALICE@example.test", true)]
    [InlineData("Alice", false)]
    [InlineData("u3", false)]
    public void Who_may_start_work_is_known_by_id_or_address_and_never_by_a_name(
        string triggerer,
        bool may
    )
    {
        var rules = Rules with { Triggerers = [triggerer] };
        var (due, refused) = TicketTriggers.Of(
            Ticket with
            {
                Labels = ["orchestrator"],
                Creator = Mallory,
                Changes = [new TicketChange(Alice, ["orchestrator"], "")],
            },
            rules
        );
        Assert.Equal((may ? 1 : 0, may ? 0 : 1), (due.Count, refused.Count));
        var other = TicketTriggers.Of(
            Ticket with
            {
                Comments = [new TicketComment("c", Mallory, "/orchestrator x", false)],
            },
            rules
        );
        Assert.Empty(other.Due);
        Assert.Contains("Tickets:Linear:Triggerers", other.Refused.Single().Why);
    }

    [Fact]
    public void The_last_who_put_the_label_on_counts_then_the_maker_and_an_unknown_one_starts_nothing()
    {
        var rules = Rules with { Triggerers = ["u1"] };
        var labelled = Ticket with { Labels = ["orchestrator"] };
        TicketPerson? By(params TicketChange[] changes) =>
            TicketTriggers.Of(labelled with { Changes = changes }, Rules).Due.Single().By;

        Assert.Equal(Alice, By());
        Assert.Equal(
            Mallory,
            By(
                new TicketChange(Alice, ["orchestrator"], ""),
                new TicketChange(Mallory, ["Orchestrator"], ""),
                new TicketChange(Bot, ["bug"], "u9")
            )
        );
        var unknown = TicketTriggers.Of(
            labelled with
            {
                Changes = [new TicketChange(null, ["orchestrator"], "")],
            },
            rules
        );
        Assert.Empty(unknown.Due);
        Assert.Equal("nobody knows who asked", unknown.Refused.Single().Why);
        Assert.Empty(TicketTriggers.Of(labelled with { Creator = null }, rules).Due);
    }

    [Theory]
    [InlineData("issue", "updated", "linear:ENG-1", "", "", true)]
    [InlineData("issue", "updated", "linear:OPS-1", "", "", false)]
    [InlineData("issue", "updated", "linear:OPS-1", "", "Orchestrator", true)]
    [InlineData("issue", "removed", "linear:ENG-1", "", "orchestrator", false)]
    [InlineData("comment", "created", "linear:ENG-1", "/orchestrator go", "", true)]
    [InlineData("comment", "updated", "linear:ENG-1", "Anybody?", "", false)]
    [InlineData("comment", "created", "linear:ENG-1", "", "", true)]
    [InlineData(
        "comment",
        "created",
        "linear:d40aca00-9575-47fe-8cfe-e4467a883829",
        "/orchestrator",
        "",
        true
    )]
    [InlineData("attachment", "created", "linear:ENG-1", "", "orchestrator", false)]
    [InlineData("worklog", "created", "jira:ENG-1", "", "orchestrator", false)]
    public void Only_an_event_that_may_bring_a_reason_costs_a_look_at_its_ticket(
        string what,
        string action,
        string ticket,
        string comment,
        string label,
        bool may
    )
    {
        var told = new TicketEvent
        {
            Source = ticket.Split(':')[0],
            TicketKey = ticket,
            Event = what,
            Action = action,
            Comment = comment,
            Labels = label.Length > 0 ? [label] : [],
            DeliveryId = "d",
        };
        var rules = Rules with { Repositories = new Dictionary<string, string> { ["ENG"] = "/s" } };
        Assert.Equal(may, TicketTriggers.MayBring(told, rules));
    }

    [Theory]
    [InlineData("/orchestrator", "")]
    [InlineData("  /Orchestrator\n fix it ", "fix it")]
    [InlineData("/orchestrator\tfix", "fix")]
    [InlineData("/orchestrators fix", null)]
    [InlineData("please /orchestrator fix", null)]
    [InlineData("> /orchestrator fix", null)]
    [InlineData("", null)]
    public void A_command_stands_at_the_beginning_as_a_word_of_its_own(string text, string? words)
    {
        Assert.Equal(words, TicketTriggers.WordsAfter("/orchestrator", text));
        Assert.Null(TicketTriggers.WordsAfter("", text));
    }

    [Fact]
    public void Of_many_commands_the_last_twenty_count() =>
        Gen.Int[0, 100]
            .Sample(count =>
            {
                var (due, _) = TicketTriggers.Of(
                    Ticket with
                    {
                        Comments =
                        [
                            .. Enumerable
                                .Range(0, count)
                                .Select(i => new TicketComment(
                                    "c" + i,
                                    Alice,
                                    "/orchestrator " + i,
                                    i % 3 == 0
                                )),
                        ],
                    },
                    Rules
                );
                var foreign = Enumerable.Range(0, count).Where(i => i % 3 != 0).TakeLast(20);
                Assert.Equal(foreign.Select(i => "comment-c" + i), due.Select(d => d.Name));
                Assert.Equal(
                    due.Count,
                    due.Select(d => d.KeyFor("linear", "ENG-1")).Distinct().Count()
                );
            });
}
