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
    public void A_chain_of_secrets_longer_than_what_may_be_held_does_not_grow_the_memory()
    {
        // One hit begins before the other ends, for ever.
        var stream = Redactor.Stream();
        var key = "-----BEGIN " + "PRIVATE KEY-----\n" + new string('A', 100) + "\n";
        long given = 0;
        for (var i = 0; i < 10_000; i++)
        {
            given += stream.Push(key).Length;
        }
        var rest = stream.Finish();

        Assert.DoesNotContain("AAAAAAAA", rest, StringComparison.Ordinal);
        Assert.True(given > 0, "nothing was given out before the end");
    }

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
