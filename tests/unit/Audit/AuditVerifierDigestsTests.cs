using System.Text;
using Orchestrator.Decisions.Audit;
using Orchestrator.GrainInterfaces.Api;
using Xunit;
using static Orchestrator.UnitTests.Audit.AuditLines;

namespace Orchestrator.UnitTests.Audit;

/// <summary>A line whose bytes were changed is told by what stands in it, and the lines after it are judged by themselves.</summary>
public sealed class AuditVerifierDigestsTests
{
    private static readonly string Zeros = new('0', 64);

    [Fact]
    public void A_changed_header_is_told() =>
        Assert.Equal(
            ["/0 Line 1: the header was changed."],
            Told(Changed(0, "\"product\":\"1\"", "\"product\":\"2\""))
        );

    // The export of one task says nothing of positions, so that only the digest can show them changed.
    [Fact]
    public void A_changed_record_is_told_with_its_task_and_number() =>
        Assert.Equal(
            [
                "t/2 Line 3: the record of task t, fact 2 was changed, or does not belong after the line before it.",
            ],
            Told(Changed(2, "\"position\":2", "\"position\":9"))
        );

    [Fact]
    public void Of_two_changed_records_in_a_row_each_is_told()
    {
        var lines = Whole();
        lines[1] = Replaced(lines[1], "\"position\":1", "\"position\":8");
        lines[2] = Replaced(lines[2], "\"position\":2", "\"position\":9");

        Assert.Equal(
            [
                "t/1 Line 2: the record of task t, fact 1 was changed, or does not belong after the line before it.",
                "t/2 Line 3: the record of task t, fact 2 was changed, or does not belong after the line before it.",
            ],
            Told(AuditFile.Verify(lines))
        );
    }

    [Fact]
    public void A_changed_last_line_is_told()
    {
        var finding = Assert.Single(Changed(^1, "\"end\":true", "\"end\": true").Findings);

        Assert.Equal(
            (5L, "Line 5: the last line was changed, or a line before it is missing."),
            (finding.Line, finding.Message)
        );
    }

    [Fact]
    public void A_last_line_without_its_line_feed_is_told()
    {
        var lines = Whole();
        lines[^1] = lines[^1][..^1];

        var finding = Assert.Single(AuditFile.Verify(lines).Findings);
        Assert.Equal((5L, "Line 5: does not end in a line feed."), (finding.Line, finding.Message));
    }

    [Fact]
    public void Where_only_a_digest_was_changed_the_lines_after_it_are_whole()
    {
        var lines = Whole();
        var content = Record("t", 1, 1);
        lines[1] = Line(content, Digest(Zero, "another"));

        Assert.Equal(
            [
                "t/1 Line 2: the record of task t, fact 1 was changed, or does not belong after the line before it.",
            ],
            Told(AuditFile.Verify(lines))
        );
    }

    [Fact]
    public void A_changed_digest_that_a_later_line_is_made_anew_on_excuses_that_one_not()
    {
        string[] contents =
        [
            Header(3, Hash("t", 3), "t"),
            Record("t", 1, 1),
            Record("t", 2, 2),
            Record("t", 3, 3),
            End(3),
        ];
        var lines = Of(contents);
        var forged = Digest(Zero, "another");
        lines[1] = Line(contents[1], forged);
        // Line 3 follows from line 2 as it was; line 4 does not follow from line 3 as it is.
        var anew = Digest(Digest(forged, contents[2]), contents[3]);
        lines[3] = Line(contents[3], anew);
        lines[4] = Line(contents[4], Digest(anew, contents[4]));

        Assert.Equal([2, 4], AuditFile.Verify(lines).Findings.Select(f => (int)f.Line));
    }

    public static TheoryData<string> NoLines() =>
        new()
        {
            "",
            "nonsense",
            "}",
            "\"}",
            // Nothing but a line's end.
            $",\"digest\":\"{Zeros}\"}}",
            // Ends that are not to the byte as they must be.
            $"{{\"a\":1,\"digest\":\"{Zeros}\"]",
            $"{{\"a\":1,\"digest\":\"{Zeros}\"}} ",
            $"{{\"a\":1, \"digest\":\"{Zeros}\"}}",
            $"{{\"a\":1,\"dugest\":\"{Zeros}\"}}",
            $"{{\"a\":1,\"digest\":\"{Zeros[..63]}A\"}}",
            $"{{\"a\":1,\"digest\":\"{Zeros[..63]}g\"}}",
            $"{{\"a\":1,\"digest\":\"{Zeros[..63]}\"}}",
        };

    [Theory]
    [MemberData(nameof(NoLines))]
    public void What_is_no_line_is_told_once_and_spoils_no_other(string text)
    {
        var lines = Whole();
        lines.Insert(2, Encoding.UTF8.GetBytes(text + "\n"));

        Assert.Equal(
            ["t/0 Line 3: no record can be read there; the last before it is task t, fact 1."],
            Told(AuditFile.Verify(lines))
        );
    }

    [Fact]
    public void An_empty_file_is_told() =>
        Assert.Equal(["/0 Line 1: the file is empty."], Told(new AuditVerifier().End()));

    [Theory]
    [InlineData(1, "/0 Line 2: the file's last line is missing, it was cut.")]
    [InlineData(
        2,
        "t/0 Line 3: the file's last line is missing, it was cut; the last before it is task t, fact 1."
    )]
    [InlineData(
        4,
        "t/0 Line 5: the file's last line is missing, it was cut; the last before it is task t, fact 3."
    )]
    public void A_file_that_was_cut_is_told_with_the_last_record_in_it(
        int lines,
        string expected
    ) => Assert.Equal([expected], Told(AuditFile.Verify(Whole()[..lines])));

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    public void Whatever_stands_after_the_last_line_is_told_once_for_each_line(int again)
    {
        var lines = Whole();
        lines.Add(lines[again]);
        lines.Add("nonsense\n"u8.ToArray());

        Assert.Equal(
            [
                "Line 6: stands after the file's last line.",
                "Line 7: stands after the file's last line.",
            ],
            AuditFile.Verify(lines).Findings.Select(f => f.Message)
        );
    }

    // The end of a file without its last line is a finding too.
    [Theory]
    [InlineData(98, 99)]
    [InlineData(99, 100)]
    [InlineData(100, 100)]
    [InlineData(150, 100)]
    public void The_first_100_findings_are_kept(int lines, int kept)
    {
        var verifier = new AuditVerifier();
        for (var i = 0; i < lines; i++)
        {
            verifier.Take("nonsense"u8);
        }

        Assert.Equal(
            Enumerable.Range(1, kept).Select(n => (long)n),
            verifier.End().Findings.Select(f => f.Line)
        );
    }

    private static List<byte[]> Whole() =>
        Of(
            Header(3, Hash("t", 3), "t"),
            Record("t", 1, 1),
            Record("t", 2, 2),
            Record("t", 3, 3),
            End(3)
        );

    private static AuditVerdict Changed(Index line, string before, string after)
    {
        var lines = Whole();
        lines[line] = Replaced(lines[line], before, after);
        return AuditFile.Verify(lines);
    }

    private static byte[] Replaced(byte[] line, string before, string after)
    {
        var text = Encoding.UTF8.GetString(line);
        Assert.Contains(before, text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace(before, after, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Told(AuditVerdict verdict) =>
        verdict.Findings.Select(f => $"{f.TaskId}/{f.Sequence} {f.Message}");
}
