using Orchestrator.Decisions.Health;
using Xunit;

namespace Orchestrator.UnitTests.Health;

public sealed class ErrorBudgetTests
{
    [Theory]
    [InlineData(0.95, 19, 1, 1, "warn")]
    [InlineData(0.95, 18, 2, 1, "fail")]
    [InlineData(0.9, 100, 0, 10, "ok")]
    [InlineData(0.9, 95, 5, 10, "ok")]
    [InlineData(0.9, 94, 6, 10, "warn")]
    [InlineData(1.0, 100, 0, 0, "ok")]
    [InlineData(1.0, 99, 1, 0, "fail")]
    [InlineData(0.9, 9, 10, 1, "ok")]
    [InlineData(0.9, 0, 0, 0, "ok")]
    public void A_budget_is_burnt_when_more_was_bad_than_may_be_and_few_events_are_not_judged(
        double target,
        long good,
        long bad,
        long allowed,
        string level
    )
    {
        var line = ErrorBudget.Of("success", target, good, bad, 7);
        var check = ErrorBudget.Judge(line, eventsMin: 20, "do this");

        Assert.Equal(allowed, line.Allowed);
        Assert.Equal(level, check.Level);
        Assert.Equal(level == "ok" ? "" : "do this", check.Cure);
        Assert.Equal(
            good + bad == 0 ? null : Math.Round((double)good / (good + bad), 4),
            line.Reached
        );
    }
}
