using System.Text.RegularExpressions;
using Xunit;

namespace Orchestrator.UnitTests.House;

/// <summary>The table of the predecessor's defects names tests that exist, and some defects are kept out by the sources themselves.</summary>
public sealed partial class DefectsTests
{
    [Fact]
    public void Every_defect_has_a_row_and_every_test_of_the_table_exists()
    {
        var table = Repository.Read("docs/defects.md");
        var tests = TestSources()
            .SelectMany(f => Methods().Matches(Repository.Read(f)).Select(m => m.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);

        Assert.Equal(
            Enumerable.Range(1, 42).Select(n => $"D{n}"),
            Rows().Matches(table).Select(m => m.Groups[1].Value)
        );
        Assert.Empty(
            Named().Matches(table).Select(m => m.Groups[1].Value).Distinct().Except(tests)
        );
    }

    [Fact]
    public void D40_No_source_reads_a_local_clock_or_names_a_home_folder() =>
        Assert.Empty(
            Repository
                .Files(".cs")
                .Where(f => !f.StartsWith("tests/", StringComparison.Ordinal))
                .SelectMany(f => Local().Matches(Repository.Read(f)).Select(m => $"{f}: {m.Value}"))
        );

    [Fact]
    public void D42_Every_test_asserts_and_none_names_a_paid_server()
    {
        var sources = TestSources().Where(f => !f.Contains("/House/")).ToList();

        Assert.DoesNotContain(sources, f => Paid().IsMatch(Repository.Read(f)));
        Assert.DoesNotContain(
            sources.Where(f => Facts().IsMatch(Repository.Read(f))),
            f => !Asserting().IsMatch(Repository.Read(f))
        );
    }

    private static IEnumerable<string> TestSources() =>
        Repository.Files(".cs").Where(f => f.StartsWith("tests/", StringComparison.Ordinal));

    [GeneratedRegex(@"public (?:async )?(?:static )?(?:Task|void) ([A-Z]\w+)")]
    private static partial Regex Methods();

    [GeneratedRegex(@"^\| (D\d+) ", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"`([A-Z]\w*_\w+)`")]
    private static partial Regex Named();

    [GeneratedRegex(
        @"DateTime(Offset)?\.Now\b|DateTime\.Today|GetLocalNow|""/home/\w|C:\\\\Users\\\\\w"
    )]
    private static partial Regex Local();

    [GeneratedRegex(@"api\.anthropic\.com|api\.telegram\.org|api\.github\.com|api\.openai\.com")]
    private static partial Regex Paid();

    [GeneratedRegex(@"\[(Fact|Theory)\b")]
    private static partial Regex Facts();

    [GeneratedRegex(@"\bAssert\.|\.Sample\(|AssertCurrent\(")]
    private static partial Regex Asserting();
}
