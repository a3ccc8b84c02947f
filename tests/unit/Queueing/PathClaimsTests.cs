using CsCheck;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

public sealed class PathClaimsTests
{
    private static readonly Gen<string> Paths =
        from parts in Gen.OneOf("a", "b", "C", "dd", "e.cs").Array[1, 5]
        from slash in Gen.OneOf("/", "\\", "/./", "//")
        select string.Join(slash, parts);

    [Theory]
    [InlineData("src/a.cs", "src/a.cs", "src/a.cs")]
    [InlineData("src/a.cs", "SRC\\A.cs", "src/a.cs")]
    [InlineData("./src//a.cs/", "src/a.cs", "src/a.cs")]
    [InlineData("src", "src/a.cs", "src/a.cs")]
    [InlineData("src/a.cs", "src/", "src/a.cs")]
    [InlineData("src/**/*.cs", "src/deep/a.cs", "src/deep/a.cs")]
    [InlineData("*.cs", "src/deep/a.cs", "src/deep/a.cs")]
    [InlineData(".", "src/a.cs", "src/a.cs")]
    [InlineData("src/a.cs", "src/a.css", null)]
    [InlineData("src/a", "src/ab/c", null)]
    [InlineData("docs", "src", null)]
    [InlineData("", "src", null)]
    public void Two_paths_meet_when_one_is_the_other_or_lies_below_it(
        string one,
        string other,
        string? shared
    ) =>
        Assert.Equal(
            shared is null ? [] : [shared],
            PathClaims.Shared(PathClaims.Add([], [one]), PathClaims.Add([], [other]))
        );

    [Fact]
    public void A_claim_is_short_and_holds_whatever_was_put_into_it() =>
        Paths
            .Array[0, 400]
            .Sample(paths =>
            {
                var claim = PathClaims.Add([], paths);
                Assert.InRange(claim.Count, 0, PathClaims.PathsMax);
                Assert.All(
                    paths,
                    p => Assert.NotEmpty(PathClaims.Shared(claim, PathClaims.Add([], [p])))
                );
                Assert.Equal(claim, PathClaims.Add(claim, paths));
            });

    [Fact]
    public void Many_deep_files_are_widened_to_their_folders_and_shallow_ones_stay()
    {
        var claim = PathClaims.Add(
            ["README.md"],
            Enumerable.Range(0, 60).Select(i => $"src/part{i % 3}/file{i}.cs")
        );

        Assert.Equal(["README.md", "src/part0", "src/part1", "src/part2"], claim);
        Assert.Equal([""], PathClaims.Add([], Enumerable.Range(0, 60).Select(i => $"f{i}")));
    }

    [Fact]
    public void What_is_shared_is_the_same_from_both_sides_and_bounded() =>
        Gen.Select(Paths.Array[0, 60], Paths.Array[0, 60])
            .Sample(
                (one, other) =>
                {
                    var (a, b) = (PathClaims.Add([], one), PathClaims.Add([], other));
                    var shared = PathClaims.Shared(a, b);
                    Assert.Equal(
                        shared.Select(s => s.ToUpperInvariant()).Order(StringComparer.Ordinal),
                        PathClaims
                            .Shared(b, a)
                            .Select(s => s.ToUpperInvariant())
                            .Order(StringComparer.Ordinal)
                    );
                    Assert.InRange(shared.Count, 0, 20);
                }
            );

    [Fact]
    public void Only_what_was_not_said_before_is_new()
    {
        IReadOnlyList<Overlap> met = [new("t", ["a", "b"]), new("u", ["a"])];

        Assert.Equal(["t a,b", "u a"], Text(PathClaims.New([], met)));
        Assert.Equal(
            ["t b"],
            Text(PathClaims.New([new("t", ["A"]), new("u", ["a", "z"]), new("v", ["b"])], met))
        );
        Assert.Empty(PathClaims.New(met, met));
    }

    [Fact]
    public void Those_who_are_met_are_named_with_the_paths()
    {
        PathClaim[] others = [new("t", ["src/a.cs"]), new("u", ["docs"]), new("v", [])];

        Assert.Equal(
            ["t src/a.cs", "u docs/x.md"],
            Text(PathClaims.Met(["docs/x.md", "src"], others))
        );
        Assert.Empty(PathClaims.Met([], others));
    }

    private static IEnumerable<string> Text(IReadOnlyList<Overlap> overlaps) =>
        overlaps.Select(o => $"{o.TaskId} {string.Join(',', o.Paths)}");
}
