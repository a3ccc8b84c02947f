using System.Text;
using CsCheck;
using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

public sealed class RedactionStreamTests
{
    private const string Literal = "the-literal-secret";
    private static readonly Redactor Redactor = new([Literal]);

    public static TheoryData<string, string, string> Secrets => RedactionCorpus.Secrets;

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_cut_in_two_at_any_place_is_gone(string rule, string around, string secret)
    {
        var text = around.Replace("@@", secret, StringComparison.Ordinal);
        for (var cut = 0; cut <= text.Length; cut++)
        {
            Assert.Equal(
                around.Replace("@@", $"[redacted:{rule}]", StringComparison.Ordinal),
                Pieces([text[..cut], text[cut..]])
            );
        }
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_anywhere_about_the_place_where_text_is_given_out_is_gone(
        string rule,
        string around,
        string secret
    )
    {
        var text = around.Replace("@@", secret, StringComparison.Ordinal);
        var marked = around.Replace("@@", $"[redacted:{rule}]", StringComparison.Ordinal);
        // After so many characters in one push, the place where it is cut falls on every character of the secret.
        for (
            var before = RedactionStream.Ahead - text.Length - 2;
            before <= RedactionStream.Ahead;
            before++
        )
        {
            var filler = new string('.', before);
            var after = new string('\n', (2 * RedactionStream.Ahead) - before - text.Length);
            Assert.Equal(filler + marked + after, Pieces([filler + text + after]));
        }
    }

    [Fact]
    public void What_comes_out_is_what_redacting_the_whole_gives() =>
        Gen.Select(RedactionCorpus.Text.Array[1, 40], Gen.Int[1, 60_000].Array[1, 8], Gen.Bool)
            .Sample(
                (texts, sizes, fill) =>
                {
                    var text = string.Concat(
                        texts.Select(
                            (t, i) => t + (fill ? new string(' ', sizes[i % sizes.Length]) : "")
                        )
                    );
                    var pieces = new List<string>();
                    for (int at = 0, i = 0; at < text.Length; i++)
                    {
                        var size = Math.Min(sizes[i % sizes.Length], text.Length - at);
                        pieces.Add(text.Substring(at, size));
                        at += size;
                    }
                    Assert.Equal(Redactor.Redact(text), Pieces(pieces));
                },
                iter: 100
            );

    [Fact]
    public void Two_million_characters_pass_with_little_held_back()
    {
        var stream = Redactor.Stream();
        var piece = new string('x', 990) + " " + Literal + "\n";
        // The mark is as long as the literal: what was given tells what is held back.
        long given = 0;
        var pushed = 0L;
        for (var i = 0; i < 2_000; i++)
        {
            given += stream.Push(piece).Length;
            pushed += piece.Length;
            Assert.True(pushed - given <= RedactionStream.HeldMax, $"{pushed - given} held back");
        }
        given += stream.Finish().Length;
        Assert.Equal(pushed, given);
    }

    [Fact]
    public void Text_is_given_out_as_soon_as_enough_follows_it()
    {
        var stream = Redactor.Stream();

        Assert.Equal("", stream.Push(Dots((2 * RedactionStream.Ahead) - 1)));
        Assert.Equal(Dots(RedactionStream.Ahead), stream.Push("."));
        Assert.Equal("", stream.Push(Dots(RedactionStream.Ahead - 1)));
        Assert.Equal(Dots(RedactionStream.Ahead), stream.Push("."));
        Assert.Equal(Dots(RedactionStream.Ahead), stream.Finish());
        Assert.Equal("", stream.Finish());
    }

    [Fact]
    public void A_piece_of_any_length_is_taken()
    {
        var stream = Redactor.Stream();
        var first = stream.Push("x " + Literal + " ");
        var second = stream.Push(Dots(1_000_000));

        Assert.Equal("", first);
        Assert.Equal("x [redacted:literal] " + Dots(1_000_000 - RedactionStream.Ahead), second);
        Assert.Equal(Dots(RedactionStream.Ahead), stream.Finish());
    }

    [Fact]
    public void A_secret_that_ends_where_text_is_given_out_goes_with_it()
    {
        var secret = "AKIA" + "ABCDEFGHIJKLMN09";
        var (before, after) = About(secret, secret.Length);

        Assert.Equal(
            before + "[redacted:aws-key]",
            Redactor.Stream().Push(before + secret + after)
        );
    }

    public static TheoryData<string, string> Neighbours
    {
        get
        {
            var part = "eyJ" + "hbGciOiJ9";
            return new()
            {
                // A token as long as one may be: what follows begins a new one, though no blank is between.
                {
                    "AKIA" + "ABCDEFGHIJKLMN09 ghp_" + new string('x', 2_048),
                    "AKIA" + "ABCDEFGHIJKLMN09 "
                },
                // A literal's own digits are no bot's number.
                { "the-literal-12345678", ":AA" + new string('b', 33) },
                { "the-literal-secret", "the-literal-secret" },
                // Each begins before the one before it ends.
                { $"{part}.{part}.{part}.", $"{part}.{part}.{part} " },
                { $"{part}.{part}.{part[..6]}", $"{part[6..]}.{part}.{part} " },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Neighbours))]
    public void Secrets_side_by_side_about_the_place_where_text_is_given_out_are_gone(
        string first,
        string second
    )
    {
        var text = first + second;
        var redactor = new Redactor([Literal, "the-literal-12345678"]);
        for (
            var at = Math.Max(0, first.Length - 30);
            at <= Math.Min(text.Length, first.Length + 30);
            at++
        )
        {
            var (before, after) = About(text, at);
            var stream = redactor.Stream();

            var given = stream.Push(before + text + after) + stream.Finish();

            Assert.Equal(before + redactor.Redact(text) + after, given);
        }
    }

    [Fact]
    public void A_chain_of_secrets_shorter_than_what_may_be_held_is_one()
    {
        var chain = Chain(RedactionStream.HeldMax - RedactionStream.Ahead);

        Assert.Equal("[redacted:jwt]", Pieces(chain.Chunk(10_000).Select(c => new string(c))));
    }

    [Fact]
    public void A_chain_of_secrets_longer_than_what_may_be_held_is_cut_behind_a_secret()
    {
        var stream = Redactor.Stream();
        var given = new StringBuilder();
        var pushed = 0;
        while (pushed < 5 * RedactionStream.HeldMax)
        {
            var piece = Chain(5_000);
            given.Append(stream.Push(piece + "."));
            pushed += piece.Length + 1;
        }
        var marks = given.ToString().Split("[redacted:jwt]").Length - 1;
        given.Append(stream.Finish());

        Assert.DoesNotContain("eyJ", given.ToString(), StringComparison.Ordinal);
        // As much is given out at once as is held: neither never, nor one secret at a time.
        Assert.InRange(marks, 3, 13);
    }

    // Parts of which any three are a token, at least so long.
    private static string Chain(int length) =>
        string.Join('.', Enumerable.Repeat("eyJ" + "hbGciOiJ9", (length / 13) + 3));

    private static string Dots(int count) => new('.', count);

    // What to push with a text, so that the place where text is given out is its character of that index.
    private static (string Before, string After) About(string text, int at) =>
        (Dots(RedactionStream.Ahead), new string('\n', RedactionStream.Ahead - (text.Length - at)));

    private static string Pieces(IEnumerable<string> pieces)
    {
        var stream = Redactor.Stream();
        var text = new StringBuilder();
        foreach (var piece in pieces)
        {
            text.Append(stream.Push(piece));
        }
        return text.Append(stream.Finish()).ToString();
    }
}
