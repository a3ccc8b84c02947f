using Orchestrator.Grains.Delivery;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Tickets;

public sealed class SharedLinear() : SharedTickets("linear");

public sealed class LinearTicketsTests(SharedLinear shared)
    : TicketHostConformance(shared.StandIn),
        IClassFixture<SharedLinear>
{
    protected override string WritesComment => "mutation Say";

    // Whole keys only: what is meant for SHOP-2 must not meet SHOP-20.
    protected override string ReadsTicket(string key) => $@"query Issue.*{key}\b";

    protected override void HoldsNoMarkup(string said)
    {
        Assert.Contains(@"\!\[x\]\(https://evil.test/?q\)", said, StringComparison.Ordinal);
        Assert.Contains(@"\<img", said, StringComparison.Ordinal);
        Assert.Contains(@"\[a\]\(javascript:alert\(1\)\)", said, StringComparison.Ordinal);
        Assert.Contains("@\u200balice", said, StringComparison.Ordinal);
        Assert.Contains(@"https://evil.test/\[x\]", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUTHENTICATION_ERROR", TicketHostError.Unauthorised)]
    [InlineData("FORBIDDEN", TicketHostError.Forbidden)]
    [InlineData("RATELIMITED", TicketHostError.RateLimited)]
    [InlineData("ENTITY_NOT_FOUND", TicketHostError.NotFound)]
    [InlineData("INPUT_ERROR", TicketHostError.Refused)]
    public async Task An_error_of_graphql_is_of_its_kind_under_whatever_status(
        string code,
        TicketHostError error
    )
    {
        var key = await StandIn.CreateAsync("Fault");
        foreach (var status in (int[])[200, 400])
        {
            await StandIn.FaultAsync(
                ReadsTicket(key),
                status,
                $$"""{"errors":[{"message":"said no","extensions":{"code":"{{code}}"} }],"data":null}"""
            );
            await FailsAsync(error, () => Host().ReadAsync(key, false, Cancel));
        }
    }
}
