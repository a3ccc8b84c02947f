using Orchestrator.Decisions.Health;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Health;

/// <summary>A goal's line says how many were bad, how many may be, and how much of that is spent.</summary>
public sealed class ErrorBudgetTextTests
{
    private const int EventsMin = 20;
    private const string Cure = "Look at the failed tasks.";

    [Theory]
    [InlineData(
        0.9,
        9,
        10,
        "ok",
        "10 of 19 in 7 days were bad, 1 may be (goal 0.9); too few to judge, 20 are wanted"
    )]
    [InlineData(
        0.9,
        0,
        0,
        "ok",
        "0 of 0 in 7 days were bad, 0 may be (goal 0.9); too few to judge, 20 are wanted"
    )]
    [InlineData(0.9, 20, 0, "ok", "0 of 20 in 7 days were bad, 2 may be (goal 0.9)")]
    [InlineData(1.0, 20, 0, "ok", "0 of 20 in 7 days were bad, 0 may be (goal 1)")]
    [InlineData(0.9, 95, 5, "ok", "5 of 100 in 7 days were bad, 10 may be (goal 0.9)")]
    [InlineData(
        0.9,
        94,
        6,
        "warn",
        "6 of 100 in 7 days were bad, 10 may be (goal 0.9): more than half is spent"
    )]
    [InlineData(
        0.9,
        90,
        10,
        "warn",
        "10 of 100 in 7 days were bad, 10 may be (goal 0.9): more than half is spent"
    )]
    [InlineData(0.9, 89, 11, "fail", "11 of 100 in 7 days were bad, 10 may be (goal 0.9): burnt")]
    [InlineData(0.995, 1_998, 2, "ok", "2 of 2000 in 7 days were bad, 10 may be (goal 0.995)")]
    public void A_goal_is_told_with_its_numbers(
        double target,
        long good,
        long bad,
        string level,
        string message
    ) =>
        Assert.Equal(
            new DoctorCheck("slo success", level, message, level == "ok" ? "" : Cure),
            ErrorBudget.Judge(ErrorBudget.Of("success", target, good, bad, 7), EventsMin, Cure)
        );

    [Fact]
    public void A_goal_keeps_what_it_was_made_of() =>
        Assert.Equal(
            new SloLine("start", 0.95, 0.9667, 29, 1, 1, 30),
            ErrorBudget.Of("start", 0.95, 29, 1, 30)
        );
}
