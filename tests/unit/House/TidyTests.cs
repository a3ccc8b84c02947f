using System.Text.RegularExpressions;
using Xunit;

namespace Orchestrator.UnitTests.House;

/// <summary>Style as a test: how long a file may be, and what stands nowhere.</summary>
public sealed partial class TidyTests
{
    private const int FileLinesMax = 400;

    [Fact]
    public void A_source_file_has_at_most_400_lines() =>
        Assert.Empty(
            Sources()
                .Select(f => (File: f, Lines: Repository.Read(f).Split('\n').Length - 1))
                .Where(f => f.Lines > FileLinesMax)
                .Select(f => $"{f.File}: {f.Lines} lines")
        );

    [Fact]
    public void No_test_sleeps_or_waits_for_time_to_pass() =>
        Assert.Empty(
            Sources()
                .Where(f => f.StartsWith("tests/", StringComparison.Ordinal))
                .Where(f => !f.EndsWith("TidyTests.cs", StringComparison.Ordinal))
                // Measures what a server does while nothing is asked of it: there is no event to wait for.
                .Where(f => f != "tests/benchmarks/SiloBenchmarks.cs")
                // The pauses that the workloads are defined by.
                .Where(f => f != "tests/benchmarks/Workloads/Rest.cs")
                // Kills in the course of time, and is a caller of silos of which some are always dead.
                .Where(f => f != "tests/chaos/ChaosCluster.cs")
                .SelectMany(f =>
                    Sleeps().Matches(Repository.Read(f)).Select(m => $"{f}: {m.Value}")
                )
        );

    [Fact]
    public void Nothing_is_left_for_later_in_the_sources() =>
        Assert.Empty(
            Sources()
                .Where(f => !f.EndsWith("TidyTests.cs", StringComparison.Ordinal))
                .SelectMany(f => Later().Matches(Repository.Read(f)).Select(m => $"{f}: {m.Value}"))
        );

    [Fact]
    public void A_type_is_no_manager_helper_or_util() =>
        Assert.Empty(
            Sources()
                .SelectMany(f =>
                    EmptyNames().Matches(Repository.Read(f)).Select(m => $"{f}: {m.Value}")
                )
        );

    [Fact]
    public void Every_project_has_a_lock_file_and_none_names_a_package_host()
    {
        var locks = Repository
            .Files(".json")
            .Where(f => Path.GetFileName(f) == "packages.lock.json")
            .ToList();

        // A sample is somebody else's project: it takes the packed client from a feed.
        Assert.Equal(
            Repository
                .Files(".csproj")
                .Where(f => !f.StartsWith("docs/samples/", StringComparison.Ordinal))
                .Select(Folder)
                .Order(),
            locks.Select(Folder).Order()
        );
        Assert.All(
            locks,
            f => Assert.DoesNotContain("://", Repository.Read(f), StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_source_has_no_carriage_return() =>
        Assert.All(
            Sources(),
            f => Assert.DoesNotContain('\r', File.ReadAllText(Path.Combine(Repository.Root, f)))
        );

    private static IReadOnlyList<string> Sources() => Repository.Files(".cs");

    private static string Folder(string path) => Path.GetDirectoryName(path)!;

    [GeneratedRegex(@"Thread\.Sleep|Task\.Delay\((?![^)]*Timeout\.Infinite)")]
    private static partial Regex Sleeps();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Later();

    [GeneratedRegex(
        @"\b(class|record|struct|interface) \w*(Manager|Helper|Helpers|Util|Utils|Utility)\b"
    )]
    private static partial Regex EmptyNames();
}
