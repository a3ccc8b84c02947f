using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Tickets;

public sealed class SharedJira() : SharedTickets("jira");

public sealed class JiraTicketsTests(SharedJira shared)
    : TicketHostConformance(shared.StandIn),
        IClassFixture<SharedJira>
{
    protected override string WritesComment => @"(POST|PUT) /rest/api/3/issue/[A-Z]+-\d+/comment";

    protected override string ReadsTicket(string key) => $"GET /rest/api/3/issue/{key} ";

    // A text node is text, whatever is in it; the stub refuses a document that Jira's format forbids.
    protected override void HoldsNoMarkup(string said) =>
        Assert.Contains("![x](https://evil.test/?q) <img", said, StringComparison.Ordinal);

    [Fact]
    public async Task The_stub_is_taken_by_a_client_that_is_not_ours()
    {
        await NodeTool.RunAsync("jira/client-check.mjs", StandIn.Root.ToString());
        Assert.Contains(
            await StandIn.RequestsAsync(),
            r => r.StartsWith("POST /rest/api/3/search/jql", StringComparison.Ordinal)
        );
    }
}
