using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Each yes grants a task as much again of everything that its budget limits, and a limit is reached at it, not before.</summary>
public sealed class BudgetGrantsTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    private static readonly BudgetLimits Limits = new() { Task = new BudgetLimit(5, 100, 10) };

    [Theory]
    [InlineData(0, 99, null)]
    [InlineData(0, 100, "100 of 100 tokens")]
    [InlineData(1, 100, null)]
    [InlineData(1, 199, null)]
    [InlineData(1, 200, "200 of 200 tokens")]
    [InlineData(12, 1_299, null)]
    [InlineData(12, 1_300, "1,300 of 1,300 tokens")]
    public void A_yes_grants_as_many_tokens_again(int grants, long tokens, string? words) =>
        AssertStop(words, TaskState.Empty with { BudgetGrants = grants, Tokens = tokens });

    [Theory]
    [InlineData(0, 9, null)]
    [InlineData(0, 10, "10 of 10 runs")]
    [InlineData(1, 19, null)]
    [InlineData(1, 20, "20 of 20 runs")]
    [InlineData(2, 29, null)]
    [InlineData(2, 30, "30 of 30 runs")]
    public void A_yes_grants_as_many_runs_again(int grants, int runs, string? words) =>
        AssertStop(words, TaskState.Empty with { BudgetGrants = grants, Attempt = runs });

    [Theory]
    [InlineData(0, 4.99, null)]
    [InlineData(0, 5, "5.00 of 5.00 US dollars")]
    [InlineData(1, 9.99, null)]
    [InlineData(1, 10, "10.00 of 10.00 US dollars")]
    [InlineData(2, 15.125, "15.125 of 15.00 US dollars")]
    public void A_yes_grants_as_much_money_again(int grants, double cost, string? words) =>
        AssertStop(words, TaskState.Empty with { BudgetGrants = grants, CostUsd = (decimal)cost });

    [Theory]
    [InlineData(0, 0, 0, false)]
    [InlineData(1, 0, 0, true)]
    [InlineData(0, 1, 0, true)]
    [InlineData(0, 0, 1, true)]
    public void A_budget_is_set_by_any_limit(int cost, long tokens, long runs, bool isSet)
    {
        var limit = new BudgetLimit(cost, tokens, runs);

        Assert.Equal(isSet, limit.IsSet);
        Assert.Equal(isSet, new BudgetLimits { RequesterDay = limit }.CountDays);
        Assert.Equal(isSet, new BudgetLimits { RepositoryDay = limit }.CountDays);
        Assert.Equal(isSet, new BudgetLimits { Day = limit }.CountDays);
        Assert.False(new BudgetLimits { Task = limit }.CountDays);
        Assert.Equal(isSet, Budgets.IsUsedUp(limit, new Spent(1, 1, 1)));
        Assert.False(Budgets.IsUsedUp(limit, Spent.Nothing));
    }

    [Fact]
    public void A_day_is_not_asked_about_in_the_turn_that_a_yes_let_go_beyond_it()
    {
        var limits = new BudgetLimits { Day = new BudgetLimit(Runs: 2) };
        var full = new DaySpending(Spent.Nothing, Spent.Nothing, new Spent(2, 0, 0));
        var state = TaskState.Empty with { Turn = 3, BudgetTurn = 3 };

        Assert.Null(Budgets.Reached(state, full, limits, Now));
        Assert.Null(Budgets.Reached(state with { BudgetTurn = 2 }, null, limits, Now));
        Assert.Equal(
            ("day", new DateTimeOffset(2026, 5, 5, 0, 0, 0, TimeSpan.Zero)),
            Budgets.Reached(state with { BudgetTurn = 2 }, full, limits, Now) is { } stop
                ? (stop.Scope, stop.Until!.Value)
                : default
        );
    }

    [Fact]
    public void A_run_of_a_task_that_was_granted_more_may_cost_what_is_left_of_all()
    {
        var state = TaskState.Empty with { CostUsd = 7 };

        Assert.Equal(0.01m, Budgets.RunCostMax(state, Limits));
        Assert.Equal(3, Budgets.RunCostMax(state with { BudgetGrants = 1 }, Limits));
        Assert.Equal(8, Budgets.RunCostMax(state with { BudgetGrants = 2 }, Limits));
        Assert.Equal(0, Budgets.RunCostMax(state, new BudgetLimits()));
    }

    private static void AssertStop(string? words, TaskState state) =>
        Assert.Equal(
            words is null
                ? null
                : new BudgetStop(
                    "task",
                    $"The task's budget is used up: {words}. Resuming grants it as much again; Budgets:Task sets it.",
                    null
                ),
            Budgets.Reached(state, null, Limits, Now)
        );
}
