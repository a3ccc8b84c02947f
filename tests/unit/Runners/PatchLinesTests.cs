using System.Text;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>Every line of a patch with its sign, file and number, and what is no hunk or no name as git writes it.</summary>
public sealed class PatchLinesTests
{
    [Fact]
    public void Each_line_of_a_hunk_has_its_sign_file_and_number_and_an_empty_one_stays()
    {
        const string Patch =
            "\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -3,4 +3,4 @@ x\n one\n\n-two\n+2\n three\n@@ -9 +9,0 @@\n-nine\n+no line of it\n";

        Assert.Equal(
            [
                new PatchLine(' ', "a", 3, "one"),
                new PatchLine(' ', "a", 4, ""),
                new PatchLine('-', "a", 5, "two"),
                new PatchLine('+', "a", 5, "2"),
                new PatchLine(' ', "a", 6, "three"),
                new PatchLine('-', "a", 9, "nine"),
            ],
            Lines(Patch)
        );
    }

    [Fact]
    public void A_last_line_without_its_end_counts_and_what_git_says_of_it_does_not()
    {
        Assert.Equal(
            [new PatchLine('-', "a", 1, "x"), new PatchLine('+', "a", 1, "y")],
            Lines("+++ b/a\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y")
        );
        Assert.Empty(Lines(""));
        Assert.Empty(Lines("\n"));
    }

    [Theory]
    [InlineData("b/a.txt", "a.txt")]
    [InlineData("b/a b.txt\t", "a b.txt")]
    [InlineData("b/a.txt\t2026-01-01 00:00", "a.txt")]
    [InlineData("b/a.txt\r", "a.txt")]
    [InlineData("a.txt", "a.txt")]
    [InlineData("bb/a", "bb/a")]
    [InlineData("b/b/a", "b/a")]
    [InlineData("/dev/null", "/dev/null")]
    [InlineData("\"b/a\\tb\"", "a\tb")]
    [InlineData("\"b/\\a\\b\\t\\n\\v\\f\\r\\\\\\\"\"", "\a\b\t\n\v\f\r\\\"")]
    [InlineData("\"b/\\303\\274\\342\\202\\254\"", "ü€")]
    [InlineData("\"b/\\001\\177\"", "\u0001\u007F")]
    [InlineData("\"b/\\012x\\0\"", "\nx0")]
    [InlineData("\"b/a\\\"", "a\\")]
    [InlineData("\"b/\\é\"", "?")]
    [InlineData("\"b/é\"", "é")]
    [InlineData("\"", "\"")]
    [InlineData("\"b/a", "\"b/a")]
    public void A_file_s_name_is_read_as_git_writes_it(string written, string name) =>
        Assert.Equal(
            [new PatchLine('+', name, 1, "x")],
            Lines($"+++ {written}\n@@ -0,0 +1 @@\n+x")
        );

    [Theory]
    [InlineData("@@ -1,0 +7 @@", 7)]
    [InlineData("@@ -1,0 +7,1 @@ heading with @@ -9 +9 @@", 7)]
    [InlineData("@@ -0,0 +0,1 @@", 0)]
    [InlineData("@ -1 +1 @@", null)]
    [InlineData("@@@ -1 -1 +1 @@@", null)]
    [InlineData("@@ +1 -1 @@", null)]
    [InlineData("@@ -1 -1 @@", null)]
    [InlineData("@@ +1 +1 @@", null)]
    [InlineData("@@ - + @@", null)]
    [InlineData("@@ -1,2,3 +1 @@", null)]
    [InlineData("@@ -1 +1,2,3 @@", null)]
    [InlineData("@@ -x +1 @@", null)]
    [InlineData("@@ -1 +x @@", null)]
    [InlineData("@@ -1 +1,x @@", null)]
    [InlineData("@@ -1,x +1 @@", null)]
    [InlineData("@@ -1 +-1 @@", null)]
    [InlineData("@@ -1", null)]
    [InlineData("@@", null)]
    [InlineData("x@@ -1 +1 @@", null)]
    public void What_is_no_header_begins_no_hunk(string header, int? line) =>
        Assert.Equal(
            line is { } first ? [new PatchLine('+', "a", first, "x")] : [],
            Lines($"+++ b/a\n{header}\n+x")
        );

    [Fact]
    public void Lines_outside_of_hunks_are_none()
    {
        Assert.Empty(Lines("+++ b/a\n+x\n-y\n z\n"));
        Assert.Equal(
            [new PatchLine('+', "", 1, "x")],
            Lines("+++b/a\n ++ b/a\n--- b/a\n@@ -0,0 +1 @@\n+x\n")
        );
    }

    private static IEnumerable<PatchLine> Lines(string patch) =>
        PatchReader.Lines(Encoding.UTF8.GetBytes(patch));
}
