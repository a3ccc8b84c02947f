using System.Buffers;
using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

/// <summary>Which words, cases and neighbours make a secret of a text, or none; and that each secret taken out counts.</summary>
public sealed class RedactionWordsTests
{
    private const string Random16 = "a1g2h3i4j5k6l7m8";
    private const string Line16 = "aaaaaaaaaaaaaaaa";

    private static readonly Redactor Redactor = new([]);
    private static readonly SecretScan Scan = new(new Redactor([]), allowMarked: false);

    [Fact]
    public void Each_secret_taken_out_counts_in_whole_texts_and_in_pieces()
    {
        var redactor = new Redactor(["a-known-secret"]);
        const string Text = "a-known-secret and Bearer " + Random16;

        redactor.Redact(Text);
        Assert.Equal(2, redactor.Taken);

        redactor.Redact("nothing");
        Assert.Equal(2, redactor.Taken);

        var stream = redactor.Stream();
        stream.Push(Text, new ArrayBufferWriter<char>());
        stream.Finish(new ArrayBufferWriter<char>());
        Assert.Equal(4, redactor.Taken);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("passwd")]
    [InlineData("pass")]
    [InlineData("pwd")]
    [InlineData("secret")]
    [InlineData("changeme")]
    [InlineData("example")]
    [InlineData("postgres")]
    [InlineData("mysql")]
    [InlineData("root")]
    [InlineData("admin")]
    [InlineData("guest")]
    [InlineData("user")]
    [InlineData("test")]
    [InlineData("mypassword")]
    [InlineData("yourpassword")]
    [InlineData("xxx")]
    [InlineData("***")]
    [InlineData("...")]
    [InlineData("POSTGRES")]
    [InlineData("postgres.")]
    public void An_address_out_of_documentation_holds_no_secret(string password)
    {
        var text = $"postgres://u:{password}@h/db";

        Assert.NotSame(text, Redactor.Redact(text)); // the redactor does not ask
        Assert.Empty(Scan.Text("a", text, 10));
        Assert.NotEmpty(Scan.Text("a", "postgres://u:postgrey@h/db", 10));
    }

    [Theory]
    [InlineData("a1g2h3i4j5k6l7m8(", false)]
    [InlineData("a1g2h3i4+5k6l7m8(", true)]
    [InlineData("a1g2h3i4j5k6l7m8", true)]
    [InlineData("meter12.usedTokens", false)]
    [InlineData("meter123.usedTokens", true)]
    [InlineData("1meter.usedTokens", true)]
    public void What_is_assigned_is_no_secret_when_it_is_a_call_or_a_member(
        string value,
        bool secret
    ) => Assert.Equal(secret ? 1 : 0, Scan.Text("a", "signing_key=" + value, 10).Count);

    [Theory]
    [InlineData("cio", 32)]
    [InlineData("ico-", 32)]
    [InlineData("sk", 80)]
    [InlineData("EAA", 100)]
    [InlineData("EAAA", 60)]
    [InlineData("live_", 30)]
    [InlineData("test_", 30)]
    [InlineData("sk-", 32)]
    [InlineData("fw_", 22)]
    [InlineData("tvly-", 32)]
    [InlineData("tvly-dev-", 32)]
    [InlineData("ak-", 22)]
    [InlineData("as-", 22)]
    [InlineData("YC", 38)]
    [InlineData("tk-us-", 48)]
    public void A_token_that_begins_like_a_word_has_digits_and_letters_of_both_cases(
        string prefix,
        int length
    )
    {
        var letters = prefix + Repeated("aB", length);

        Assert.Same(letters, Redactor.Redact(letters));
        Assert.StartsWith(
            "[redacted:",
            Redactor.Redact(prefix + Repeated("aB1", length)),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("x", "-----BEGIN PRIVATE KEY-----\n" + Line16, true)]
    [InlineData("", "-----begin PRIVATE KEY-----\n" + Line16, false)]
    [InlineData("x", "Private-Lines: 1\n" + Line16, false)]
    [InlineData("", "private-lines: 1\n" + Line16, false)]
    [InlineData("", "12345678:aa" + Line16 + Line16 + "a", false)]
    [InlineData("", "BEARER " + Random16, true)]
    [InlineData("x", "Bearer " + Random16, false)]
    [InlineData("", "BASIC " + Random16, true)]
    [InlineData("x", "Basic " + Random16, false)]
    [InlineData("", "ssws " + Random16, true)]
    [InlineData("x", "SSWS " + Random16, false)]
    [InlineData("", "AUTHORIZATION: Digest abcdefgh", true)]
    [InlineData("x", "Authorization: Digest abcdefgh", false)]
    [InlineData("", "PASSWORD=abcdef;", true)]
    [InlineData("x", "Password=abcdef;", false)]
    [InlineData("", "PWD=abcdef;", true)]
    [InlineData("x", "Pwd=abcdef;", false)]
    [InlineData("", "ACCOUNTKEY=abcdef;", true)]
    [InlineData("x", "AccountKey=abcdef;", false)]
    [InlineData("", "SHAREDACCESSKEY=abcdef;", true)]
    [InlineData("x", "SharedAccessKey=abcdef;", false)]
    [InlineData("x", "\"auth\":\"" + Line16 + "\"", true)]
    [InlineData("", "\"AUTH\":\"" + Line16 + "\"", false)]
    [InlineData("x", ":_auth=" + Line16, true)]
    [InlineData("x", ":_AUTH=" + Line16, false)]
    [InlineData("x", "\"d\":\"" + Line16 + Line16 + Line16 + "\"", true)]
    [InlineData("", "\"D\":\"" + Line16 + Line16 + Line16 + "\"", false)]
    [InlineData("x", "Signing_Key=" + Random16, true)]
    public void A_rule_knows_the_case_of_its_anchor_and_what_may_stand_before_it(
        string before,
        string text,
        bool secret
    ) =>
        Assert.Equal(
            secret,
            Redactor.Redact(before + text).Contains("[redacted:", StringComparison.Ordinal)
        );

    [Theory]
    [InlineData("x://[redacted:abc]@h")]
    [InlineData("x://u:[redacted:abc]@h")]
    [InlineData("x://u:abc[redacted:abc]d@h")]
    [InlineData("x;AccountKey=")]
    [InlineData("x;Pwd=[redacted:abc]def;")]
    public void Nothing_and_what_a_mark_stands_in_are_no_value(string text) =>
        Assert.Same(text, Redactor.Redact(text));

    [Fact]
    public void A_cut_key_is_gone_wherever_it_stands_and_no_further_than_its_most()
    {
        var far = new string('.', 20_000) + "\n";
        var line = new string('a', 127) + "\n";
        const string Begin = "-----BEGIN PRIVATE KEY-----\n";

        Assert.Equal(far + "[redacted:private-key]\n.", Redactor.Redact(far + Begin + line + "."));

        // The break after the title is the body's first character: 128 lines later 16,384 are reached.
        var whole = Redactor.Redact(Begin + string.Concat(Enumerable.Repeat(line, 129)));
        Assert.Equal("[redacted:private-key]\n" + line, whole);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void A_piece_of_any_size_is_taken(int before)
    {
        var text = new string('.', before + (2 * RedactionStream.HeldMax));
        var (stream, written) = (Redactor.Stream(), new ArrayBufferWriter<char>());

        stream.Push(text.AsSpan(0, before), written);
        stream.Push(text.AsSpan(before), written);
        stream.Finish(written);

        Assert.Equal(text.Length, written.WrittenCount);
    }

    [Fact]
    public void A_secret_across_the_place_of_a_cut_is_one()
    {
        const string Secret = "Bearer " + Random16;
        for (var back = -1; back <= Secret.Length; back++)
        {
            var head = new string('.', RedactionStream.Ahead - back);
            var text = (head + Secret).PadRight(2 * RedactionStream.Ahead, '.');
            var (stream, written) = (Redactor.Stream(), new ArrayBufferWriter<char>());

            stream.Push(text, written);
            stream.Finish(written);

            Assert.Equal(Redactor.Redact(text), new string(written.WrittenSpan));
        }
    }

    private static string Repeated(string unit, int length) =>
        string.Concat(Enumerable.Repeat(unit, length))[..length];
}
