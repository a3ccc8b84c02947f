using System.Text;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

public sealed class GitDiffReaderTests
{
    private const string Zero = "0000000000000000000000000000000000000000";

    [Fact]
    public void D14_Renames_modes_binaries_and_strange_names_are_read_as_git_wrote_them()
    {
        var raw =
            $":100644 100755 {Zero} {Zero} M\0 M app.py\0:100644 100644 {Zero} {Zero} R087\0old.txt\0ne\tw ü.txt\0:000000 160000 {Zero} {Zero} A\0sub\0";
        var numbers = "1\t2\t M app.py\0" + "3\t0\t\0old.txt\0ne\tw ü.txt\0" + "-\t-\tsub\0";

        var files = GitDiffReader.Files(Encoding.UTF8.GetBytes(raw + numbers));

        Assert.Equal(
            [
                (" M app.py", "", "M", 1, 2, "100755"),
                ("ne\tw ü.txt", "old.txt", "R", 3, 0, "100644"),
                ("sub", "", "A", -1, -1, "160000"),
            ],
            files.Select(f =>
                (f.Path, f.OldPath, f.Status, f.AddedLines, f.DeletedLines, f.NewMode)
            )
        );
    }

    [Fact]
    public void Output_that_was_cut_anywhere_never_throws()
    {
        var raw = Encoding.UTF8.GetBytes($":100644 100644 {Zero} {Zero} R087\0old\0new\0: \0:x\0");
        for (var cut = 0; cut <= raw.Length; cut++)
        {
            Assert.InRange(GitDiffReader.Files(raw.AsSpan(0, cut)).Count, 0, 1);
        }
    }

    [Fact]
    public void A_file_named_like_a_record_passes_for_none()
    {
        var hostile = $":100644 100644 {Zero} {Zero} D";
        var output =
            $":000000 100644 {Zero} {Zero} A\09\t9\treal.txt\0:100644 100644 {Zero} {Zero} R100\0a b c d e\0{hostile}\0:100644 100644 {Zero} {Zero} M\0real.txt\0"
            + $"1\t0\t9\t9\treal.txt\00\t0\t\0a b c d e\0{hostile}\05\t6\treal.txt\0";

        var files = GitDiffReader.Files(Encoding.UTF8.GetBytes(output));

        Assert.Equal(
            [("9\t9\treal.txt", "A", 1, 0), (hostile, "R", 0, 0), ("real.txt", "M", 5, 6)],
            files.Select(f => (f.Path, f.Status, f.AddedLines, f.DeletedLines))
        );
    }

    [Fact]
    public void Added_lines_carry_their_file_and_number_and_no_content_passes_for_a_header()
    {
        const string Patch = """
            diff --git a/a.txt b/a.txt
            --- a/a.txt
            +++ b/a.txt
            @@ -1,3 +1,4 @@ heading
             one
            -two
            --- b/gone
            +++ b/other.txt
            +@@ -1 +900 @@
            +last
            \ No newline at end of file
            diff --git "a/q\"\303\274" "b/q\"\303\274"
            --- /dev/null
            +++ "b/q\"\303\274"
            @@ -0,0 +1 @@
            +x
            """;

        var added = PatchReader.Added(Encoding.UTF8.GetBytes(Patch.ReplaceLineEndings("\n")));

        Assert.Equal(
            [
                new AddedLine("a.txt", 2, "++ b/other.txt"),
                new AddedLine("a.txt", 3, "@@ -1 +900 @@"),
                new AddedLine("a.txt", 4, "last"),
                new AddedLine("q\"ü", 1, "x"),
            ],
            added
        );
    }
}
