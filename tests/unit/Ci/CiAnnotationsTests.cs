using Orchestrator.Decisions.Ci;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>
/// Annotations are the commands that the runners document: GitHub's with file, line, col and title, Azure's with type, sourcepath,
/// linenumber and code, each escaped by its own rules.
/// </summary>
public sealed class CiAnnotationsTests
{
    private static readonly CiFinding Odd = CiSamples.Finding with
    {
        Rule = "r:1,2%",
        Path = "50%,a:b;c].cs",
        Message = "100%: a, b; [c]\r\nd",
        Source = "p%25.yaml:1",
    };

    [Theory]
    [InlineData(CiLevel.Error, "src/a.cs", 3, 7, "::error file=src/a.cs,line=3,col=7,")]
    [InlineData(CiLevel.Warning, "src/a.cs", 1, 1, "::warning file=src/a.cs,line=1,col=1,")]
    [InlineData(CiLevel.Notice, "src/a.cs", 3, 0, "::notice file=src/a.cs,line=3,")]
    [InlineData(CiLevel.Error, "src/a.cs", 0, 0, "::error file=src/a.cs,")]
    [InlineData(CiLevel.Error, "src/a.cs", 0, 7, "::error file=src/a.cs,")]
    [InlineData(CiLevel.Error, "", 0, 0, "::error ")]
    [InlineData(CiLevel.Error, "", 3, 0, "::error ")]
    [InlineData(CiLevel.Error, "", 3, 7, "::error ")]
    public void GitHub_is_told_the_place_as_far_as_it_is_known(
        CiLevel level,
        string path,
        int line,
        int column,
        string begin
    ) =>
        Assert.Equal(
            begin + "title=policy%3A protect::It is protected. (policy.yaml:12)",
            Only(CiSystem.GitHub, At(level, path, line, column))
        );

    [Theory]
    [InlineData(CiLevel.Error, "src/a.cs", 3, "type=error;sourcepath=src/a.cs;linenumber=3;")]
    [InlineData(CiLevel.Warning, "src/a.cs", 1, "type=warning;sourcepath=src/a.cs;linenumber=1;")]
    // Azure knows errors and warnings only.
    [InlineData(CiLevel.Notice, "src/a.cs", 3, "type=warning;sourcepath=src/a.cs;linenumber=3;")]
    [InlineData(CiLevel.Error, "src/a.cs", 0, "type=error;sourcepath=src/a.cs;")]
    [InlineData(CiLevel.Error, "", 0, "type=error;")]
    [InlineData(CiLevel.Error, "", 3, "type=error;")]
    public void Azure_is_told_the_place_as_far_as_it_is_known(
        CiLevel level,
        string path,
        int line,
        string properties
    ) =>
        Assert.Equal(
            $"##vso[task.logissue {properties}code=policy/protect]It is protected. (policy.yaml:12)",
            Only(CiSystem.Azure, At(level, path, line, 0))
        );

    [Fact]
    public void A_finding_without_a_source_ends_with_its_message()
    {
        var finding = CiSamples.Finding with { Source = "" };

        Assert.Equal(
            "::error file=src/a.cs,line=3,col=7,title=policy%3A protect::It is protected.",
            Only(CiSystem.GitHub, finding)
        );
        Assert.EndsWith(
            "]It is protected.",
            Only(CiSystem.Azure, finding),
            StringComparison.Ordinal
        );
    }

    // A property escapes more than the message does: it also ends at ',' and ':' for GitHub, at ';' and ']' for Azure.
    [Fact]
    public void Each_system_has_its_own_escapes()
    {
        Assert.Equal(
            "::error file=50%25%2Ca%3Ab;c].cs,line=3,col=7,title=policy%3A r%3A1%2C2%25"
                + @"::100%25: a, b; [c]\u{D}\u{A}d (p%2525.yaml:1)",
            Only(CiSystem.GitHub, Odd)
        );
        Assert.Equal(
            "##vso[task.logissue type=error;sourcepath=50%AZP25,a:b%3Bc%5D.cs;linenumber=3;code=policy/r:1,2%AZP25"
                + @"]100%AZP25: a, b; [c]\u{D}\u{A}d (p%AZP2525.yaml:1)",
            Only(CiSystem.Azure, Odd)
        );
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(CiAnnotations.LinesMax - 1, CiAnnotations.LinesMax - 1)]
    [InlineData(CiAnnotations.LinesMax, CiAnnotations.LinesMax)]
    [InlineData(CiAnnotations.LinesMax + 1, CiAnnotations.LinesMax)]
    public void At_most_so_many_lines_are_written(int findings, int lines)
    {
        var report = CiSamples.Many(findings);

        Assert.Equal(lines, CiAnnotations.Lines(report, CiSystem.GitHub).Count);
        Assert.Equal(lines, CiAnnotations.Lines(report, CiSystem.Azure).Count);
    }

    [Fact]
    public void The_lines_are_in_the_order_of_the_report()
    {
        var report = CiSamples.Report(
            3,
            CiSamples.Finding,
            At(CiLevel.Warning, "", 0, 0) with
            {
                Check = CiCheck.Secrets,
                Rule = "second",
            }
        );

        Assert.Equal(
            [
                "::error file=src/a.cs,line=3,col=7,title=policy%3A protect::It is protected. (policy.yaml:12)",
                "::warning title=secrets%3A second::It is protected. (policy.yaml:12)",
            ],
            CiAnnotations.Lines(report, CiSystem.GitHub)
        );
    }

    [Theory]
    [InlineData(CiSystem.None)]
    [InlineData(CiSystem.GitLab)]
    public void A_system_that_reads_a_file_gets_no_lines(CiSystem system) =>
        Assert.Empty(CiAnnotations.Lines(CiSamples.Many(3), system));

    private static CiFinding At(CiLevel level, string path, int line, int column) =>
        CiSamples.Finding with
        {
            Level = level,
            Path = path,
            Line = line,
            Column = column,
        };

    private static string Only(CiSystem system, CiFinding finding) =>
        Assert.Single(CiAnnotations.Lines(CiSamples.Report(3, finding), system));
}
