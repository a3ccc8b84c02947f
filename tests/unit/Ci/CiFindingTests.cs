using Orchestrator.Decisions.Ci;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>A finding names its check, its level and its place by the words that every report uses.</summary>
public sealed class CiFindingTests
{
    [Theory]
    [InlineData(CiCheck.Policy, "policy")]
    [InlineData(CiCheck.Secrets, "secrets")]
    [InlineData(CiCheck.PolicyFile, "policy-file")]
    [InlineData(CiCheck.Artifacts, "artifacts")]
    public void A_check_has_one_name(CiCheck check, string name) =>
        Assert.Equal(name, (CiSamples.Finding with { Check = check }).CheckName);

    [Theory]
    [InlineData(CiLevel.Error, "error")]
    [InlineData(CiLevel.Warning, "warning")]
    [InlineData(CiLevel.Notice, "notice")]
    public void A_level_has_one_name(CiLevel level, string name) =>
        Assert.Equal(name, (CiSamples.Finding with { Level = level }).LevelName);

    [Theory]
    [InlineData("", 0, 0, "")]
    [InlineData("", 3, 1, "")]
    [InlineData("a.cs", 0, 0, "a.cs")]
    [InlineData("a.cs", 1, 0, "a.cs:1")]
    [InlineData("a.cs", 3, 0, "a.cs:3")]
    [InlineData("a.cs", 1, 1, "a.cs:1:1")]
    [InlineData("a.cs", 3, 1, "a.cs:3:1")]
    [InlineData("a.cs", 30_000, 1_200, "a.cs:30000:1200")]
    public void A_place_is_told_as_far_as_it_is_known(
        string path,
        int line,
        int column,
        string place
    ) =>
        Assert.Equal(
            place,
            (CiSamples.Finding with { Path = path, Line = line, Column = column }).Place
        );

    [Fact]
    public void A_finding_that_names_no_source_has_an_empty_one() =>
        Assert.Equal("", new CiFinding(CiCheck.Policy, CiLevel.Error, "r", "", 0, 0, "m").Source);
}
