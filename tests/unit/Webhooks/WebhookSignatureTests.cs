using System.Text;
using Orchestrator.Decisions.Webhooks;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class WebhookSignatureTests
{
    // The example of GitHub's own documentation ("Validating webhook deliveries").
    private const string Secret = "It's a Secret to Everybody";
    private const string Right =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("Hello, World!");

    [Theory]
    [InlineData(Right, true)]
    [InlineData("sha256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17", true)]
    [InlineData("sha256=857107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", false)]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1", false)]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17aa", false)]
    [InlineData("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", false)]
    [InlineData("sha1=7571", false)]
    [InlineData("sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void The_documented_example_fits_and_every_change_of_it_does_not(
        string? header,
        bool fits
    )
    {
        Assert.Equal(fits, WebhookSignature.Fits(header, "sha256=", Body, [Secret]));
    }

    [Fact]
    public void During_a_rotation_either_secret_opens_and_no_secret_opens_nothing()
    {
        Assert.True(WebhookSignature.Fits(Right, "sha256=", Body, ["new secret", Secret]));
        Assert.False(WebhookSignature.Fits(Right, "sha256=", Body, ["new secret"]));
        Assert.False(WebhookSignature.Fits(Right, "sha256=", Body, []));
        Assert.False(WebhookSignature.Fits(Right, "sha256=", Body, [""]));
    }

    [Fact]
    public void Every_changed_bit_of_the_body_closes_the_door()
    {
        for (var bit = 0; bit < Body.Length * 8; bit++)
        {
            var changed = (byte[])Body.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(WebhookSignature.Fits(Right, "sha256=", changed, [Secret]));
        }
    }

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 24)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 0)]
    [InlineData("whsec_c2hvcnQ=", 0)]
    [InlineData("whsec_no base64!", 0)]
    [InlineData("", 0)]
    public void A_secret_of_our_own_is_base64_of_24_to_64_bytes(string secret, int bytes)
    {
        Assert.Equal(bytes, WebhookSignature.Key(secret)?.Length ?? 0);
    }

    // The example of the Standard Webhooks' libraries.
    [Fact]
    public void Our_own_signature_is_the_standards_example_and_has_one_part_per_secret()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1614265330);
        var body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");
        const string Key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        const string Signed = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        Assert.Equal(
            Signed,
            WebhookSignature.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, [Key])
        );
        var both = WebhookSignature.Sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at,
            body,
            ["whsec_" + Convert.ToBase64String(new byte[32]), Key]
        );
        Assert.EndsWith(" " + Signed, both, StringComparison.Ordinal);
        Assert.Equal(2, both.Split(' ').Length);
    }
}
