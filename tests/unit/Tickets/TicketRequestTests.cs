using Orchestrator.Decisions.Tickets;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Tickets;

public sealed class TicketRequestTests
{
    private static readonly TicketRules Rules = new()
    {
        Kind = "jira",
        Repositories = new Dictionary<string, string> { ["ENG"] = "/src/eng" },
    };

    [Theory]
    [InlineData("", "", "", "Ticket ENG-1")]
    [InlineData("", "Fix it", "", "Ticket ENG-1: Fix it")]
    [InlineData("", "", "It fails.", "Ticket ENG-1\n\nIt fails.")]
    [InlineData("", "Fix it", "It fails.", "Ticket ENG-1: Fix it\n\nIt fails.")]
    [InlineData("now", "", "", "now\n\nTicket ENG-1")]
    [InlineData("now", "Fix it", "It fails.", "now\n\nTicket ENG-1: Fix it\n\nIt fails.")]
    [InlineData(
        " do\r\nit ",
        " Fix \n  it ",
        "\na\r\nb\rc\n",
        "do\nit\n\nTicket ENG-1: Fix it\n\na\nb\nc"
    )]
    [InlineData("n\0ow", "T", "a\0b", "now\n\nTicket ENG-1: T\n\nab")]
    [InlineData(" \n", " ", "\0", "Ticket ENG-1")]
    public void A_request_is_the_words_then_the_ticket_then_its_description(
        string words,
        string title,
        string description,
        string request
    ) => Assert.Equal(request, Of(words, title, description).Request);

    [Theory]
    [InlineData("", "ENG-1")]
    [InlineData(" Fix \n it", "ENG-1 Fix it")]
    public void A_task_is_called_by_the_key_and_the_title(string title, string called) =>
        Assert.Equal(called, Of("", title, "").Title);

    [Fact]
    public void A_request_names_its_ticket_and_the_repository_of_its_team()
    {
        var request = Of("", "", "");
        Assert.Equal(["jira:ENG-1"], request.Tickets);
        Assert.Equal("/src/eng", request.Repository);
    }

    [Theory]
    [InlineData(59_999, 0)]
    [InlineData(60_000, 0)]
    [InlineData(60_001, 1)]
    public void A_description_has_at_most_60000_characters_and_says_that_it_is_cut(
        int length,
        int over
    ) =>
        Assert.Equal(
            "Ticket ENG-1\n\n"
                + new string('d', length - over)
                + (over > 0 ? "\n\n(The rest is cut.)" : ""),
            Of("", "", new string('d', length)).Request
        );

    [Theory]
    [InlineData(19_999, 0)]
    [InlineData(20_000, 0)]
    [InlineData(20_001, 1)]
    public void A_commands_words_have_at_most_20000_characters_and_say_that_they_are_cut(
        int length,
        int over
    ) =>
        Assert.Equal(
            new string('w', length - over)
                + (over > 0 ? "\n\n(The rest is cut.)" : "")
                + "\n\nTicket ENG-1",
            Of(new string('w', length), "", "").Request
        );

    [Theory]
    [InlineData(193, 193, 193)]
    [InlineData(194, 194, 194)]
    [InlineData(195, 195, 194)]
    [InlineData(500, 500, 194)]
    [InlineData(501, 500, 194)]
    public void A_title_has_at_most_500_characters_in_the_request_and_200_with_the_key_as_a_name(
        int length,
        int inRequest,
        int inName
    )
    {
        var request = Of("", new string('t', length), "");
        Assert.Equal("Ticket ENG-1: " + new string('t', inRequest), request.Request);
        Assert.Equal("ENG-1 " + new string('t', inName), request.Title);
    }

    [Theory]
    [InlineData(58, 58)]
    [InlineData(59, 59)]
    [InlineData(60, 59)]
    public void A_requesters_name_has_at_most_64_characters(int length, int kept) =>
        Assert.Equal(
            "jira:" + new string('u', kept),
            TicketRequest.RequesterOf(
                new TicketTrigger("label", new TicketPerson(new string('u', length), "", ""), ""),
                "jira"
            )
        );

    [Fact]
    public void A_requesters_name_is_made_of_plain_characters() =>
        Assert.Equal(
            "jira:A_z.0-9:b@x",
            TicketRequest.RequesterOf(
                new TicketTrigger("label", new TicketPerson("u1", "A_z.0-9:b/ \u00e4@x", ""), ""),
                "jira"
            )
        );

    private static SubmitRequest Of(string words, string title, string description) =>
        TicketRequest.Of(
            new TicketView
            {
                Key = "ENG-1",
                Title = title,
                Description = description,
            },
            new TicketTrigger("comment-1", null, words),
            Rules
        );
}
