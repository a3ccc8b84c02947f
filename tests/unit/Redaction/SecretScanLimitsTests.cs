using System.Text;
using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

public sealed class SecretScanLimitsTests
{
    private const string Mixed = "a8Jk2mLq9ZxT4vBn7Wc1Yd6Rf3Gh5Ks0Pu8E";
    private const string Token = "ghp_" + Mixed;
    private static readonly string[] Key =
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        Mixed,
        Mixed,
        "-----END " + "PRIVATE KEY-----",
    ];
    private static readonly SecretScan Lenient = new(new Redactor([]), allowMarked: true);
    private static readonly SecretScan Strict = new(new Redactor([]), allowMarked: false);

    [Theory]
    [InlineData("@@ # !!", 0)]
    [InlineData("# !! @@", 0)]
    [InlineData("@@ # !!\n", 0)]
    [InlineData("\n@@ # !!", 0)]
    [InlineData("x\n@@ # !!\ny", 0)]
    [InlineData("@@\n# !!", 1)]
    [InlineData("@@\n# !!\n", 1)]
    [InlineData("\n@@\n# !!", 2)]
    [InlineData("# !!\n@@", 2)]
    [InlineData("@@ # !!\n@@", 2)]
    [InlineData("@@\n@@ # !!", 1)]
    public void A_mark_allows_its_line_alone_be_it_the_first_or_the_last(string around, int line)
    {
        var text = around
            .Replace("@@", Token, StringComparison.Ordinal)
            .Replace("!!", SecretScan.AllowMark, StringComparison.Ordinal);

        Assert.Equal(
            line == 0 ? [] : [new ScanFinding("a", line, 1, "github-token")],
            Lenient.Text("a", text, 10)
        );
    }

    [Fact]
    public void A_key_over_many_lines_that_only_moves_is_not_new()
    {
        var removed = Lines('-');
        var added = Lines('+');

        Assert.Empty(Patch($"@@ -1,5 +1,5 @@\n{removed} x\n{added}"));
        Assert.Empty(Patch($"@@ -1,5 +1,5 @@\n{added} x\n{removed}"));
        Assert.Empty(Patch($"@@ -1,4 +0,0 @@\n{removed}@@ -9,0 +5,4 @@\n{added}"));
        Assert.Equal(
            [new ScanFinding("a", 2, 1, "private-key")],
            Patch($"@@ -1,2 +1,5 @@\n-{Key[0]}\n x\n{added}")
        );
    }

    [Fact]
    public void A_patch_tells_no_more_than_asked()
    {
        var patch = Bytes($"+++ b/a\n@@ -0,0 +1,2 @@\n+{Token}\n+{Token}Z\n");

        Assert.Empty(Strict.Patch(patch, 0));
        Assert.Equal([new ScanFinding("a", 1, 1, "github-token")], Strict.Patch(patch, 1));
        Assert.Equal(2, Strict.Patch(patch, 3).Count);
    }

    private static string Lines(char sign) => string.Concat(Key.Select(l => $"{sign}{l}\n"));

    private static IReadOnlyList<ScanFinding> Patch(string hunks) =>
        Strict.Patch(Bytes("+++ b/a\n" + hunks), 10);

    private static byte[] Bytes(string patch) => Encoding.UTF8.GetBytes(patch);
}
