using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

/// <summary>The bounds of what is looked for around an anchor.</summary>
public sealed class RedactionLooksTests
{
    private const string Key = "-----BEGIN PRIVATE KEY-----";
    private const string Random16 = "a1g2h3i4j5k6l7m8";

    private static readonly Redactor Redactor = new([]);

    [Theory]
    [InlineData(1, true)]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void Between_scheme_and_value_stand_at_most_eight_blanks(int blanks, bool secret) =>
        Is(secret, "Bearer" + new string(' ', blanks), Random16, "");

    [Theory]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void A_quote_is_escaped_at_most_four_times(int backslashes, bool secret) =>
        Is(secret, "signing_key=" + new string('\\', backslashes) + "\"", Random16, "");

    [Theory]
    [InlineData(15, false)]
    [InlineData(16, true)]
    public void A_scheme_s_value_has_at_least_16_characters(int length, bool secret) =>
        Is(secret, "Bearer ", Random16[..length], "");

    [Theory]
    [InlineData("Authorization: Digest ", "abcdefg", false)]
    [InlineData("Authorization: Digest ", "abcdefgh", true)]
    [InlineData("Authorization=Digest ", "abcdefgh", true)]
    [InlineData("Authorization: Digest-", "abcdefghijkl", false)]
    [InlineData("Authorization; Digest ", "abcdefghijkl", false)]
    public void A_header_has_a_scheme_a_blank_and_a_value(string head, string value, bool secret) =>
        Is(secret, head, value, "");

    [Theory]
    [InlineData("a1g2h3i4a1g2h3i4", true)] // three bits a character, exactly
    [InlineData("g1h2i3g1h2i3g1h2", false)] // less, and no hex digits alone
    [InlineData("1a2b3c1a2b3c1a2b", true)] // the same of hex digits
    [InlineData("1a2b1a2b1a2b1a2b", false)] // two bits
    [InlineData("1234567890123456", false)] // no letters
    [InlineData("abcdefghijklmnop", false)] // no digits
    public void An_assigned_value_must_look_random(string value, bool secret) =>
        Is(secret, "signing_key=", value, "");

    [Theory]
    [InlineData(39, true, false)]
    [InlineData(40, true, true)]
    [InlineData(40, false, false)]
    [InlineData(60, false, false)]
    public void A_pair_s_value_that_begins_like_a_path_is_base64_when_it_is_long_and_padded(
        int length,
        bool padded,
        bool secret
    ) =>
        Is(
            secret,
            "Name=x;AccountKey=",
            "/" + new string('a', length - (padded ? 2 : 1)) + (padded ? "=" : ""),
            ";"
        );

    [Theory]
    [InlineData("x;Pwd=", "abcdef", "", true)]
    [InlineData("x; Pwd=", "abcdef", "", true)]
    [InlineData("x;  Pwd=", "abcdef", "", false)]
    [InlineData("Pwd=", "abcdef", ";", true)]
    [InlineData("Pwd=", "abcde", ";", false)]
    [InlineData("Pwd = ", "abcdef", ";", true)]
    [InlineData("Pwd=", "abcdef", "", false)]
    [InlineData("Pwd:", "abcdef", ";", false)]
    public void A_pair_ends_with_a_semicolon_or_follows_one(
        string head,
        string value,
        string tail,
        bool secret
    ) => Is(secret, head, value, tail);

    [Theory]
    [InlineData("{\"auth\":\"", 15, false)]
    [InlineData("{\"auth\":\"", 16, true)]
    [InlineData("//host/:_auth=", 15, false)]
    [InlineData("//host/:_auth=", 16, true)]
    [InlineData("{\"d\":\"", 42, false)]
    [InlineData("{\"d\":\"", 43, true)]
    public void A_value_that_its_name_tells_has_a_least_length(
        string head,
        int length,
        bool secret
    ) => Is(secret, head, new string('q', length), "\"");

    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public void A_bot_s_number_has_eight_to_ten_digits(int digits, bool secret) =>
        Is(secret, new string('7', digits) + ":", "AA" + new string('x', 33), "");

    [Theory]
    [InlineData(34, false)]
    [InlineData(35, true)]
    public void A_bot_s_token_has_at_least_35_characters(int length, bool secret) =>
        Is(secret, "12345678:", "AA" + new string('x', length - 2), "");

    [Theory]
    [InlineData("x://u:", "abc", "@h", true)]
    [InlineData("x://u:", "ab", "@h", false)]
    [InlineData("x://:", "abc", "@h", true)]
    [InlineData("x://u:", "abc", "/h", false)]
    [InlineData("x://u:", "$bc", "@h", false)]
    [InlineData("-://u:", "abc", "@h", false)]
    [InlineData("://u:", "abc", "@h", false)]
    public void A_password_stands_in_an_address_between_colon_and_at(
        string head,
        string value,
        string tail,
        bool secret
    ) => Is(secret, head, value, tail);

    [Theory]
    [InlineData("", false)]
    [InlineData("\naaaaaaaaaaaaaaa", false)]
    [InlineData("\naaaaaaaaaaaaaaaa", true)]
    [InlineData("\r\n\r\naaaaaaaaaaaaaaaa", true)]
    [InlineData("\r\n\r\n\naaaaaaaaaaaaaaaa", false)]
    [InlineData("\\r\\naaaaaaaaaaaaaaaa", true)]
    public void A_cut_key_has_at_least_one_line_of_16(string rest, bool secret) =>
        Is(secret, "", Key + rest, "");

    [Theory]
    [InlineData("-----END PRIVATE KEY-----", "")]
    [InlineData("-----END PRIVATE KEY-----", "\nnext line")]
    [InlineData("\nabc\n-----END PRIVATE KEY-----", " next")]
    [InlineData("\nabc\n-----END PRIVATE KEY", "\nnext line")]
    [InlineData("\nabc\n-----END RSA PRIVATE KEY-----", "-")]
    public void A_whole_key_ends_with_its_foot(string rest, string after) =>
        Is(true, "before ", Key + rest, after);

    [Theory]
    [InlineData("-----BEGIN CERTIFICATE-----\naaaaaaaaaaaaaaaaaaaa")]
    [InlineData("-----BEGIN PRIVATE KEY----\naaaaaaaaaaaaaaaaaaaa")]
    [InlineData("Private-Lines: 3")]
    [InlineData("Private-Lines: 3\naaaaaaaaaaaaaaa")]
    public void What_is_no_key_stays(string text) => Assert.Same(text, Redactor.Redact(text));

    [Fact]
    public void The_lines_of_a_PuTTY_key_are_gone_with_their_number()
    {
        var redacted = Redactor.Redact("x\nPrivate-Lines: 1\naaaaaaaaaaaaaaaa\nPrivate-MAC: b");

        Assert.Equal("x\n[redacted:putty-key]\nPrivate-MAC: b", redacted);
    }

    private static void Is(bool secret, string head, string value, string tail)
    {
        var text = head + value + tail;

        var redacted = Redactor.Redact(text);

        if (secret)
        {
            Assert.StartsWith(head + "[redacted:", redacted, StringComparison.Ordinal);
            Assert.EndsWith("]" + tail, redacted, StringComparison.Ordinal);
            Assert.DoesNotContain(value, redacted, StringComparison.Ordinal);
        }
        else
        {
            Assert.Same(text, redacted);
        }
    }
}
