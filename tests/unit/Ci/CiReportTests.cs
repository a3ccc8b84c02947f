using Orchestrator.Decisions.Ci;
using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>A report has one order whatever order the checks speak in, and one word for each way that it ends.</summary>
public sealed class CiReportTests
{
    private static readonly Redactor NoLiterals = new([]);

    // As it is to be told; each differs from the one before it in one thing first.
    private static readonly CiFinding[] InOrder =
    [
        At(CiLevel.Error, CiCheck.Policy, "B.cs", 9, 9),
        At(CiLevel.Error, CiCheck.Policy, "a.cs", 1, 7),
        At(CiLevel.Error, CiCheck.Policy, "a.cs", 2, 1),
        At(CiLevel.Error, CiCheck.Policy, "a.cs", 2, 5),
        At(CiLevel.Error, CiCheck.Policy, "a.cs", 10, 0),
        At(CiLevel.Error, CiCheck.Secrets, "A.cs", 1, 1),
        At(CiLevel.Error, CiCheck.PolicyFile, "A.cs", 1, 1),
        At(CiLevel.Error, CiCheck.Artifacts, "A.cs", 1, 1),
        At(CiLevel.Warning, CiCheck.Policy, "A.cs", 0, 0),
        At(CiLevel.Notice, CiCheck.Policy, "A.cs", 0, 0),
    ];

    [Fact]
    public void The_worst_comes_first_then_by_check_path_line_and_column()
    {
        var mixed = InOrder.Where((_, i) => i % 3 == 1).Concat(InOrder.Where((_, i) => i % 3 != 1));

        Assert.Equal(InOrder, Of(InOrder).Findings);
        Assert.Equal(InOrder, Of([.. InOrder.Reverse()]).Findings);
        Assert.Equal(InOrder, Of([.. mixed]).Findings);
    }

    [Theory]
    [InlineData(0, "passed")]
    [InlineData(1, "failed")]
    [InlineData(3, "violation")]
    [InlineData(4, "needs_approval")]
    public void Each_exit_code_has_its_word(int exitCode, string outcome) =>
        Assert.Equal(outcome, CiSamples.Report(exitCode).Outcome);

    [Theory]
    [InlineData("", 0)]
    [InlineData("notice", 0)]
    [InlineData("warning", 4)]
    [InlineData("notice,warning", 4)]
    [InlineData("warning,notice", 4)]
    public void A_strict_check_fails_by_any_question_and_by_nothing_less(
        string levels,
        int exitCode
    )
    {
        CiFinding[] findings =
        [
            .. levels
                .Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(l =>
                    CiSamples.Finding with
                    {
                        Level = l == "warning" ? CiLevel.Warning : CiLevel.Notice,
                    }
                ),
        ];

        Assert.Equal(
            exitCode,
            CiReport.Of(CiSamples.Subject, findings, strict: true, NoLiterals).ExitCode
        );
        Assert.Equal(
            0,
            CiReport.Of(CiSamples.Subject, findings, strict: false, NoLiterals).ExitCode
        );
    }

    [Theory]
    [InlineData(CiReport.FindingsMax - 1, CiReport.FindingsMax - 1)]
    [InlineData(CiReport.FindingsMax, CiReport.FindingsMax)]
    [InlineData(CiReport.FindingsMax + 1, CiReport.FindingsMax)]
    public void At_most_so_many_findings_are_listed_and_all_are_counted(int found, int listed)
    {
        var report = Of([.. Enumerable.Repeat(InOrder[^1], found)]);

        Assert.Equal(listed, report.Findings.Count);
        Assert.Equal(found, report.FindingsTotal);
    }

    [Fact]
    public void No_text_of_a_finding_keeps_a_secret()
    {
        const string Secret = "opened-by-sesame";
        var told = Assert.Single(
            CiReport
                .Of(
                    CiSamples.Subject,
                    [
                        CiSamples.Finding with
                        {
                            Path = $"src/{Secret}",
                            Rule = $"rule {Secret}",
                            Message = $"It says {Secret} aloud.",
                            Source = $"{Secret}:1",
                        },
                    ],
                    strict: false,
                    new Redactor([Secret])
                )
                .Findings
        );

        string[] texts = [told.Path, told.Rule, told.Message, told.Source];
        Assert.All(texts, t => Assert.Contains("[redacted:", t, StringComparison.Ordinal));
        Assert.All(texts, t => Assert.DoesNotContain(Secret, t, StringComparison.Ordinal));
    }

    private static CiFinding At(CiLevel level, CiCheck check, string path, int line, int column) =>
        new(check, level, "r", path, line, column, "m");

    private static CiReport Of(CiFinding[] findings) =>
        CiReport.Of(CiSamples.Subject, findings, strict: false, NoLiterals);
}
