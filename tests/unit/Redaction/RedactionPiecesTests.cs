using System.Text;
using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

public sealed class RedactionPiecesTests
{
    private const int Ahead = RedactionStream.Ahead;
    private const int HeldMax = RedactionStream.HeldMax;
    private const string Literal = "the-literal-secret";
    private const string Number = "the-literal-12345678";
    private const string Mixed = "a8Jk2mLq9ZxT4vBn7Wc1Yd6Rf3Gh5Ks0Pu8E";
    private const string Part = "eyJ" + "hbGciOiJ9";
    private const string Jwt = "[redacted:jwt]";
    private static readonly string Hub = "ghp_" + new string('a', 36);
    private const string Aws = "AKIA" + "ABCDEFGHIJKLMN09";
    private static readonly string Key = KeyBlock(2);

    // As long as a token may be: what follows begins a new one, though no blank is between.
    private static readonly string Longest = "ghp_" + new string('x', 2_048);

    private static readonly Redactor Redactor = new([Literal, Number]);

    public static TheoryData<string, string> Small =>
        new()
        {
            { "", "" },
            { "abc", "abc" },
            { "0123456789abcdef", "0123456789abcdef" },
            { Hub, "[redacted:github-token]" },
            { $"{Hub} in between {Aws}", "[redacted:github-token] in between [redacted:aws-key]" },
            { $"a {Literal}{Literal} b", "a [redacted:literal][redacted:literal] b" },
            { $"{Literal}{Hub}", "[redacted:literal][redacted:github-token]" },
            { $"https://u:{Hub}@h", "https://u:[redacted:url-password]@h" },
            { $"x {Part}.{Part}.{Part}.{Part} y", $"x {Jwt} y" },
            { $"a\n{Key}\nb", "a\n[redacted:private-key]\nb" },
            { "x" + Hub, "x" + Hub },
            { $"{Number}:AA{new string('b', 33)}", $"[redacted:literal]:AA{new string('b', 33)}" },
            {
                $"1{Number[12..]}:AA{new string('b', 33)}",
                $"1{Number[12..]}:[redacted:telegram-token]"
            },
        };

    [Theory]
    [MemberData(nameof(Small))]
    public void A_small_text_in_pieces_of_any_size_is_redacted_as_a_whole(
        string text,
        string redacted
    )
    {
        Assert.Equal(redacted, Redactor.Redact(text));
        foreach (var size in (int[])[1, 2, 3, 7, 100, 4_096])
        {
            Assert.Equal(redacted, Pieces(text, size));
        }
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var stream = Redactor.Stream();
            Assert.Equal("", stream.Push(text.AsSpan(0, cut)));
            Assert.Equal("", stream.Push(""));
            Assert.Equal("", stream.Push(text.AsSpan(cut)));
            Assert.Equal(redacted, stream.Finish());
            Assert.Equal("", stream.Finish());
        }
    }

    [Fact]
    public void A_flush_of_nothing_changes_nothing()
    {
        var stream = Redactor.Stream();

        Assert.Equal("", stream.Finish());
        Assert.Equal("", stream.Push("x" + Hub));
        Assert.Equal("x" + Hub, stream.Finish());
        Assert.Equal("", stream.Push(Hub));
        // It follows a character of the same word that was given out already.
        Assert.Equal(Hub, stream.Finish());
    }

    public static TheoryData<string, string, int> Across
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            foreach (
                var (secret, rule) in ((string, string)[])
                    [
                        (Hub, "github-token"),
                        (Aws, "aws-key"),
                        (Literal, "literal"),
                        (Key, "private-key"),
                        ($"{Part}.{Part}.{Part}.{Part}", "jwt"),
                    ]
            )
            {
                int[] places =
                [
                    0,
                    1,
                    2,
                    5,
                    secret.Length / 2,
                    secret.Length - 2,
                    secret.Length - 1,
                    secret.Length,
                ];
                foreach (var at in places)
                {
                    data.Add(secret, rule, at);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Across))]
    public void A_secret_across_the_place_where_text_is_given_out_goes_as_one(
        string secret,
        string rule,
        int at
    )
    {
        var before = Dots(Ahead - at);
        var after = new string('\n', Ahead - (secret.Length - at));
        var stream = Redactor.Stream();
        var mark = $"[redacted:{rule}]";

        var given = stream.Push(before + secret + after);

        Assert.Equal(at == secret.Length ? before + mark : before, given);
        Assert.Equal(before + mark + after, given + stream.Finish());
        Assert.Equal("", stream.Finish());
    }

    [Theory]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(4_096)]
    [InlineData(40_000)]
    public void Secrets_all_over_a_long_text_are_gone_in_pieces_of_any_size(int size)
    {
        var text = new StringBuilder();
        var redacted = new StringBuilder();
        foreach (var length in (int[])[0, Ahead - 20, 30, Ahead, Ahead - 100, 0, 2 * Ahead])
        {
            text.Append(Dots(length)).Append(Hub).Append(' ').Append(Literal);
            redacted.Append(Dots(length)).Append("[redacted:github-token] [redacted:literal]");
        }

        Assert.Equal(redacted.ToString(), Pieces(text.ToString(), size));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(4_096)]
    public void A_private_key_over_many_pieces_is_one_secret(int size)
    {
        var before = Dots(Ahead - 1_000) + "\n";
        var after = "\n" + Dots(Ahead + 1_000);

        Assert.Equal(
            before + "[redacted:private-key]" + after,
            Pieces(before + KeyBlock(80) + after, size)
        );
    }

    [Fact]
    public void A_key_that_never_ends_is_cut_as_in_the_whole()
    {
        var line = new string('M', 64) + "\n";
        var text =
            "-----BEGIN "
            + "PRIVATE KEY-----\n"
            + string.Concat(Enumerable.Repeat(line, (HeldMax / 65) + 500));
        var whole = Redactor.Redact(text);

        Assert.StartsWith("[redacted:private-key]", whole, StringComparison.Ordinal);
        Assert.Equal(whole, Pieces(text, 10_000));
    }

    public static TheoryData<string, string, string, int> Neighbours
    {
        get
        {
            var bot = ":AA" + new string('b', 33);
            var data = new TheoryData<string, string, string, int>();
            foreach (var shift in (int[])[-20, -1, 0, 1, 20])
            {
                data.Add(
                    $"{Aws} {Longest}",
                    Aws + " ",
                    "[redacted:aws-key] [redacted:github-token][redacted:aws-key] ",
                    shift
                );
                data.Add(Number, bot, "[redacted:literal]" + bot, shift);
                data.Add(Literal, Literal, "[redacted:literal][redacted:literal]", shift);
                data.Add("x", Hub, "x" + Hub, shift);
                data.Add("12345678", bot, "12345678:[redacted:telegram-token]", shift);
                data.Add($"{Part}.{Part}.{Part}.", $"{Part}.{Part}.{Part} ", Jwt + " ", shift);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Neighbours))]
    public void Neighbours_about_the_place_where_text_is_given_out_are_told_apart(
        string first,
        string second,
        string redacted,
        int shift
    )
    {
        var at = first.Length + shift;
        var before = new string('\n', Ahead - at);
        var after = new string('\n', Ahead - (first.Length + second.Length - at));
        var stream = Redactor.Stream();

        var given = stream.Push(before + first + second + after);

        Assert.Equal(before + redacted + after, given + stream.Finish());
    }

    [Fact]
    public void Text_is_given_out_as_soon_as_twice_the_reach_is_new()
    {
        var stream = Redactor.Stream();

        Assert.Equal("", stream.Push(Dots((2 * Ahead) - 1)));
        Assert.Equal(Dots(Ahead), stream.Push("."));
        Assert.Equal("", stream.Push(Dots(Ahead - 1)));
        Assert.Equal(Dots(Ahead), stream.Push("."));
        Assert.Equal(Dots(Ahead), stream.Finish());
        Assert.Equal("", stream.Finish());
    }

    [Theory]
    [InlineData((4 * Ahead) + 1)]
    [InlineData(HeldMax)]
    [InlineData(HeldMax + 1)]
    public void A_piece_longer_than_what_is_held_is_taken(int length)
    {
        var first = Redactor.Stream();
        Assert.Equal(Dots(length - Ahead), first.Push(Dots(length)));
        Assert.Equal(Dots(Ahead), first.Finish());

        var second = Redactor.Stream();
        Assert.Equal("", second.Push(Literal + Dots(Ahead)));
        Assert.Equal("[redacted:literal]" + Dots(length), second.Push(Dots(length)));
        Assert.Equal(Dots(Ahead), second.Finish());
    }

    [Theory]
    [InlineData(2 * Ahead)]
    [InlineData((2 * Ahead) + 2)]
    [InlineData((2 * Ahead) + Ahead)]
    public void A_second_piece_fits_behind_what_is_held(int length)
    {
        var stream = Redactor.Stream();
        var held = (2 * Ahead) - 1;

        Assert.Equal("", stream.Push(Dots(held)));
        Assert.Equal(Dots(held + length - Ahead), stream.Push(Dots(length)));
        Assert.Equal(Dots(Ahead), stream.Finish());
    }

    [Fact]
    public void A_chain_of_secrets_is_held_until_it_is_as_long_as_may_be()
    {
        var chain = Chain(HeldMax + 1_000);
        var stream = Redactor.Stream();

        Assert.Equal("", stream.Push(chain.AsSpan(0, HeldMax - 1)));
        Assert.Equal(Jwt, stream.Push(chain.AsSpan(HeldMax - 1, 1)));
        Assert.Equal("." + Jwt, stream.Push(chain.AsSpan(HeldMax)) + stream.Finish());
    }

    [Fact]
    public void A_chain_behind_other_text_is_held_as_long()
    {
        var chain = Chain(HeldMax + 1_000);
        var stream = Redactor.Stream();

        Assert.Equal(Dots(Ahead), stream.Push(Dots(Ahead) + chain[..Ahead]));
        Assert.Equal("", stream.Push(chain.AsSpan(Ahead, HeldMax - 1 - Ahead)));
        Assert.Equal(Jwt, stream.Push(chain.AsSpan(HeldMax - 1, 1)));
        Assert.Equal("." + Jwt, stream.Push(chain.AsSpan(HeldMax)) + stream.Finish());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2_000)]
    [InlineData(Redactor.LiteralMax - 1)]
    [InlineData(Redactor.LiteralMax)]
    public void The_longest_literal_across_the_border_is_gone_and_of_a_longer_one_its_first_part(
        int at
    )
    {
        var longest = Long(Redactor.LiteralMax);
        var before = Dots(Ahead - at);
        var after = new string('\n', Ahead);
        foreach (var literal in (string[])[longest, longest + "!"])
        {
            var rest = literal[longest.Length..];
            var stream = new Redactor([literal]).Stream();

            var given = stream.Push(before + literal + after);

            Assert.Equal(before + "[redacted:literal]" + rest + after, given + stream.Finish());
        }
    }

    [Fact]
    public void What_was_taken_is_counted_once_in_a_text_and_in_pieces()
    {
        var redactor = new Redactor([Literal]);

        redactor.Redact("nothing");
        Assert.Equal(0, redactor.Taken);
        redactor.Redact($"{Literal} and {Hub}");
        Assert.Equal(2, redactor.Taken);

        var stream = redactor.Stream();
        stream.Push(Dots(Ahead - 5) + Literal + " " + Hub + Dots(Ahead - 60));
        Assert.Equal(2, redactor.Taken);
        stream.Push(Dots(Ahead));
        Assert.Equal(4, redactor.Taken);
        stream.Push(Aws);
        stream.Finish();
        stream.Finish();
        Assert.Equal(5, redactor.Taken);
    }

    private static string KeyBlock(int lines) =>
        "-----BEGIN RSA "
        + "PRIVATE KEY-----\n"
        + string.Concat(Enumerable.Repeat(Mixed + "\n", lines))
        + "-----END RSA "
        + "PRIVATE KEY-----";

    // Parts of which any three are a token.
    private static string Chain(int length) =>
        string.Join('.', Enumerable.Repeat(Part, (length / 13) + 3));

    private static string Long(int length) =>
        string.Concat(Enumerable.Range(0, 1_000).Select(i => $"part{i:000};"))[..length];

    private static string Dots(int count) => new('.', count);

    private static string Pieces(string text, int size)
    {
        var stream = Redactor.Stream();
        var given = new StringBuilder();
        for (var at = 0; at < text.Length; at += size)
        {
            given.Append(stream.Push(text.AsSpan(at, Math.Min(size, text.Length - at))));
        }
        return given.Append(stream.Finish()).ToString();
    }
}
