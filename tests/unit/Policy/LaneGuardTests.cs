using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>While a run lives its host says of the first forbidden path which it is, which lane forbids it and by what.</summary>
public sealed class LaneGuardTests
{
    private static readonly LaneRights Lane = new()
    {
        Name = "code",
        Write = LaneWrite.Direct,
        Paths = ["a/**", "b/**"],
        Protected = ["a/keys/**", "**/*.pem"],
    };

    [Theory]
    [InlineData("", "")]
    [InlineData("a/x b/y", "")]
    [InlineData("A/x", "")]
    [InlineData("c/x", "c/x is not among the paths of lane code (a/**, b/**).")]
    [InlineData("a/x c/x c/y", "c/x is not among the paths of lane code (a/**, b/**).")]
    [InlineData("a/../c/x", "a/../c/x is not among the paths of lane code (a/**, b/**).")]
    [InlineData("a/keys/x", "a/keys/x is protected in lane code (a/keys/**).")]
    [InlineData("a/KEYS/x", "a/KEYS/x is protected in lane code (a/keys/**).")]
    [InlineData("b/x.pem", "b/x.pem is protected in lane code (**/*.pem).")]
    [InlineData("b/x c/x.pem", "c/x.pem is protected in lane code (**/*.pem).")]
    public void The_first_path_that_the_lane_forbids_is_told(string changed, string sentence) =>
        Assert.Equal(
            sentence,
            LaneGuard.Violation(Lane, changed.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        );

    [Fact]
    public void At_most_five_of_the_lane_s_paths_are_named()
    {
        string Of(int paths) =>
            LaneGuard.Violation(
                Lane with
                {
                    Paths = [.. Enumerable.Range(1, paths).Select(i => $"p{i}/**")],
                },
                ["x"]
            );

        Assert.Equal("x is not among the paths of lane code (p1/**).", Of(1));
        Assert.Equal(
            "x is not among the paths of lane code (p1/**, p2/**, p3/**, p4/**, p5/**).",
            Of(5)
        );
        Assert.Equal(Of(5), Of(6));
        Assert.Equal("", Of(0));
    }

    [Fact]
    public void A_lane_that_writes_nothing_forbids_every_path()
    {
        var lane = Lane with { Write = LaneWrite.None };

        Assert.Equal(
            "Lane code changes nothing, and a/x was changed.",
            LaneGuard.Violation(lane, ["a/x", "b/x"])
        );
        Assert.Equal("", LaneGuard.Violation(lane, []));
        Assert.Equal("", LaneGuard.Violation(lane with { Write = LaneWrite.Guarded }, ["a/x"]));
    }

    [Fact]
    public void A_pattern_that_this_build_cannot_read_protects_everything_and_allows_nothing()
    {
        Assert.Equal(
            "What lane code protects cannot be read, and a/x may be of it.",
            LaneGuard.Violation(Lane with { Protected = ["x", "[new]"] }, ["a/x"])
        );
        Assert.Equal(
            "a/x is not among the paths of lane code ([new]).",
            LaneGuard.Violation(Lane with { Paths = ["[new]"] }, ["a/x"])
        );
    }
}
