using System.Globalization;
using Orchestrator.Decisions.Ci;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>A report for people says word by word what was judged, what objects, and how it ends.</summary>
public sealed class CiWordsTests
{
    private const int SummaryRowsMax = 100;

    private static readonly CiFinding Large = CiSamples.Finding with
    {
        Level = CiLevel.Warning,
        Rule = "size",
        Path = "",
        Line = 0,
        Column = 0,
        Message = "The diff is large.",
        Source = "",
    };

    private static readonly CiFinding Old = CiSamples.Finding with
    {
        Check = CiCheck.Artifacts,
        Level = CiLevel.Notice,
        Rule = "schema",
        Path = "results/t.json",
        Line = 0,
        Column = 0,
        Message = "It is old.",
        Source = "",
    };

    [Fact]
    public void The_lines_of_a_log_begin_with_a_word_and_stand_in_columns() =>
        Assert.Equal(
            [
                $"base:    {CiSamples.Base} (GITHUB_BASE_REF), compared from 0123456789ab",
                $"change:  {CiSamples.Head}: 4 files, +5 -6 lines",
                "policy:  team@1e69e186f191 (.orchestrator/policy.yaml of the base commit)",
                "error:   policy/protect src/a.cs:3:7: It is protected. (policy.yaml:12)",
                "warning: policy/size: The diff is large.",
                "notice:  artifacts/schema results/t.json: It is old.",
                "result:  violation: the policy denies it, or it adds a secret",
            ],
            CiWords.Lines(CiSamples.Report(3, CiSamples.Finding, Large, Old))
        );

    [Fact]
    public void Numbers_are_written_without_marks_of_a_language()
    {
        var report = CiSamples.Report(0) with
        {
            Subject = CiSamples.Subject with
            {
                Files = 1_234,
                AddedLines = 56_789,
                DeletedLines = 1_000_000,
            },
        };

        Assert.Equal(
            $"change:  {CiSamples.Head}: 1234 files, +56789 -1000000 lines",
            CiWords.Lines(report)[1]
        );
        Assert.Contains(
            "1234 files, +56789 -1000000 lines; ",
            CiWords.Summary(report),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(2, "")]
    [InlineData(3, "more:    1 findings are not listed.")]
    [InlineData(1_502, "more:    1500 findings are not listed.")]
    public void What_is_not_listed_is_counted(int total, string line)
    {
        var report = CiSamples.Report(3, CiSamples.Finding, Large) with { FindingsTotal = total };

        var lines = CiWords.Lines(report);

        Assert.Equal(line.Length > 0 ? 7 : 6, lines.Count);
        Assert.Equal(
            line.Length > 0 ? line : "warning: policy/size: The diff is large.",
            lines[^2]
        );
    }

    [Theory]
    [InlineData(0, "", "passed")]
    [InlineData(0, "notice", "passed")]
    [InlineData(0, "warning", "passed; the policy wants people to look at what is marked")]
    [InlineData(0, "notice,warning", "passed; the policy wants people to look at what is marked")]
    [InlineData(1, "warning", "failed: an artifact or the policy file is broken")]
    [InlineData(3, "warning", "violation: the policy denies it, or it adds a secret")]
    [InlineData(4, "warning", "needs approval: the policy asks, and the check is strict")]
    public void The_result_is_said_in_words(int exitCode, string levels, string words)
    {
        var report = CiSamples.Report(
            exitCode,
            [
                .. levels
                    .Split(',', StringSplitOptions.RemoveEmptyEntries)
                    .Select(l => l == "warning" ? Large : Old),
            ]
        );

        Assert.Equal("result:  " + words, CiWords.Lines(report)[^1]);
        Assert.StartsWith(
            $"### Orchestrator: {words}\n\n",
            CiWords.Summary(report),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Without_a_policy_of_its_own_the_base_is_judged_by_the_built_in_one()
    {
        var report = CiSamples.Report(0) with
        {
            Subject = CiSamples.Subject with { Policy = "default@0", PolicyPath = "" },
        };

        Assert.Equal(
            "policy:  default@0 (built in: the base commit has none)",
            CiWords.Lines(report)[2]
        );
        Assert.Equal(
            "### Orchestrator: passed\n\n4 files, +5 -6 lines; judged by policy default&#64;0 (built in&#58; the base commit has none).\n",
            CiWords.Summary(report)
        );
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("0123456789a", "0123456789a")]
    [InlineData("0123456789ab", "0123456789ab")]
    [InlineData("0123456789abc", "0123456789ab")]
    public void The_commit_that_is_compared_with_is_told_by_12_digits(string from, string shown)
    {
        var report = CiSamples.Report(0) with { Subject = CiSamples.Subject with { From = from } };

        Assert.EndsWith(
            $" (GITHUB_BASE_REF), compared from {shown}",
            CiWords.Lines(report)[0],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_named_the_base_and_the_policy_order_nothing()
    {
        var report = CiSamples.Report(0) with
        {
            Subject = CiSamples.Subject with
            {
                BaseFrom = "a\n##[b]",
                Policy = "p\n##[q]",
                PolicyPath = "r\n##[s]",
            },
        };

        var lines = CiWords.Lines(report);

        Assert.Contains(@"(a\u{A}# #[b])", lines[0], StringComparison.Ordinal);
        Assert.StartsWith(
            @"policy:  p\u{A}# #[q] (r\u{A}# #[s] of",
            lines[2],
            StringComparison.Ordinal
        );
    }

    // A row ends with its source, which most findings do not have.
    [Fact]
    public void A_summary_is_a_table_in_Markdown() =>
        Assert.Equal(
            """
            ### Orchestrator: violation: the policy denies it, or it adds a secret

            4 files, +5 -6 lines; judged by policy team&#64;1e69e186f191 (&#46;orchestrator&#47;policy&#46;yaml of the base commit).

            | | check | place | what |
            |---|---|---|---|
            | error | policy&#47;protect | src&#47;a&#46;cs&#58;3&#58;7 | It is protected&#46; policy&#46;yaml&#58;12 |
            | warning | policy&#47;size |  | The diff is large&#46;  |
            | notice | artifacts&#47;schema | results&#47;t&#46;json | It is old&#46;  |

            """,
            CiWords.Summary(CiSamples.Report(3, CiSamples.Finding, Large, Old))
        );

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(SummaryRowsMax - 1, SummaryRowsMax - 1, 0)]
    [InlineData(SummaryRowsMax, SummaryRowsMax, 0)]
    [InlineData(SummaryRowsMax + 1, SummaryRowsMax, 1)]
    [InlineData(SummaryRowsMax * 2, SummaryRowsMax, SummaryRowsMax)]
    public void A_summary_has_at_most_so_many_rows_and_counts_the_rest(
        int findings,
        int rows,
        int more
    )
    {
        const string RowEnd = " |\n";
        var page = CiWords.Summary(CiSamples.Many(findings));

        Assert.Equal(
            rows,
            page.Split('\n').Count(l => l.StartsWith("| error |", StringComparison.Ordinal))
        );
        Assert.EndsWith(
            more == 0
                ? RowEnd
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{RowEnd}\n{more} more are in the log or not listed.\n"
                ),
            page,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_summary_also_counts_what_the_report_does_not_list() =>
        Assert.EndsWith(
            "\n900 more are in the log or not listed.\n",
            CiWords.Summary(CiSamples.Many(500) with { FindingsTotal = 1_000 }),
            StringComparison.Ordinal
        );
}
