using System.Security.Cryptography;
using System.Text;
using Orchestrator.Decisions.Webhooks;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class WebhookLimitsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(
        1_700_000_000_000
    );
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("{}");

    [Theory]
    [InlineData(-300_001, false)]
    [InlineData(-300_000, true)]
    [InlineData(-299_999, true)]
    [InlineData(299_999, true)]
    [InlineData(300_000, true)]
    [InlineData(300_001, false)]
    public void A_delivery_may_be_five_minutes_away_from_this_servers_clock(
        long milliseconds,
        bool taken
    )
    {
        var body = Encoding.UTF8.GetBytes(
            "{\"type\":\"Issue\",\"webhookTimestamp\":"
                + (Now.ToUnixTimeMilliseconds() + milliseconds)
                + "}"
        );
        Assert.Equal(
            (
                "Issue",
                taken ? null : "'webhookTimestamp' is not within 5 minutes of this server's clock."
            ),
            InboundSource.Find("linear")!.Read(body, null, Now)
        );
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(199, true)]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void A_deliverys_id_of_up_to_200_characters_is_taken_as_it_is(int length, bool taken)
    {
        var id = new string('~', length);
        Assert.Equal(taken, InboundSource.IdOf(id, Body) == id);
    }

    [Theory]
    [InlineData("!", true)]
    [InlineData("a~b", true)]
    [InlineData("a b", false)]
    [InlineData("a\u007fb", false)]
    [InlineData("\u00e9", false)]
    public void A_deliverys_id_is_made_of_visible_ascii(string id, bool taken) =>
        Assert.Equal(taken, InboundSource.IdOf(id, Body) == id);

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void A_message_is_sent_again_up_to_the_very_end_of_trying(int spare, bool again)
    {
        var due = Now.AddSeconds(5);
        Assert.Equal(
            again ? due : null,
            WebhookSchedule.Outbound(1, due.AddMilliseconds(spare), Now)
        );
    }

    [Theory]
    [InlineData(23, false)]
    [InlineData(24, true)]
    [InlineData(63, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_secret_of_our_own_has_24_to_64_bytes(int length, bool taken)
    {
        var bytes = Enumerable.Range(1, length).Select(i => (byte)i).ToArray();
        Assert.Equal(
            taken ? bytes : null,
            WebhookSignature.Key("whsec_" + Convert.ToBase64String(bytes))
        );
    }

    [Theory]
    [InlineData("b")]
    [InlineData("a b")]
    [InlineData("b b")]
    [InlineData("b a b")]
    public void A_secret_that_is_listed_twice_still_fits(string secrets) =>
        Assert.True(WebhookSignature.Fits(Signed("b"), "", Body, secrets.Split(' ')));

    [Fact]
    public void What_is_signed_with_an_empty_secret_never_fits()
    {
        Assert.False(WebhookSignature.Fits(Signed(""), "", Body, [""]));
        Assert.False(WebhookSignature.Fits(Signed(""), "", Body, ["", "a"]));
    }

    private static string Signed(string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Body));
}
