using System.Text;
using CsCheck;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Silo.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Runners;

/// <summary>What is kept of a child's output holds no part of a secret, wherever the middle was left out.</summary>
public sealed class RedactedCaptureTests
{
    private const string Secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    private const int PartMin = 12;

    [Fact]
    public void No_part_of_a_secret_stands_where_the_output_was_cut() =>
        Gen.Select(Gen.Int[0, 400], Gen.Int[64, 512], Gen.Int[1, 200])
            .Sample(
                (before, bytesMax, piece) =>
                {
                    var text =
                        new string('a', before) + " token " + Secret + " " + new string('b', 400);
                    var kept = Capture(Encoding.UTF8.GetBytes(text), bytesMax, piece);

                    for (var at = 0; at + PartMin <= Secret.Length; at++)
                    {
                        Assert.DoesNotContain(
                            Secret.Substring(at, PartMin),
                            kept,
                            StringComparison.Ordinal
                        );
                    }
                },
                iter: 300
            );

    [Fact]
    public void Text_of_any_letters_cut_anywhere_comes_out_whole_below_the_limit()
    {
        var text = string.Concat(Enumerable.Repeat("größe 漢字 😀 ", 50));
        for (var piece = 1; piece < 8; piece++)
        {
            Assert.Equal(text, Capture(Encoding.UTF8.GetBytes(text), 1_000_000, piece));
        }
    }

    [Fact]
    public void What_comes_after_the_end_is_not_taken()
    {
        var capture = new RedactedCapture(1_000, new Redactor([]));
        capture.Add("one"u8);
        capture.Finish();
        capture.Add("two"u8);
        capture.Finish();

        Assert.Equal("one", capture.Text);
    }

    [Fact]
    public void A_flood_makes_no_garbage_beyond_what_is_kept()
    {
        const int bytesMax = 1024 * 1024;
        var capture = new RedactedCapture(bytesMax, new Redactor(["a-literal-secret"]));
        var piece = Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Repeat("an agent that does not stop to speak\n", 1_771))
        );
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var flooded = 0L; flooded < 128 * 1024 * 1024; flooded += piece.Length)
        {
            capture.Add(piece);
        }
        capture.Finish();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, bytesMax / 2, 4 * bytesMax);
    }

    private static string Capture(byte[] bytes, int bytesMax, int piece)
    {
        var capture = new RedactedCapture(bytesMax, new Redactor([]));
        foreach (var part in bytes.Chunk(piece))
        {
            capture.Add(part);
        }
        capture.Finish();
        return capture.Text;
    }
}
