using CsCheck;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Reaching a budget pauses and asks; it ends nothing, and a yes goes exactly as far as it says.</summary>
public sealed class BudgetsTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly DateTimeOffset Midnight = new(2026, 1, 3, 0, 0, 0, TimeSpan.Zero);

    private static readonly TaskState Queued = TaskSituations.Named("Queued") with
    {
        Spec = TaskSituations.Spec with { Requester = "ann", Repository = "/r" },
    };

    private static DaySpending Day(
        Spent? requester = null,
        Spent? repository = null,
        Spent? all = null
    ) => new(requester ?? Spent.Nothing, repository ?? Spent.Nothing, all ?? Spent.Nothing);

    [Theory]
    [InlineData(0.99, 99, 9, null)]
    [InlineData(1.00, 0, 0, "1.00 of 1.00 US dollars")]
    [InlineData(1.2345, 0, 0, "1.2345 of 1.00 US dollars")]
    [InlineData(0, 100, 0, "100 of 100 tokens")]
    [InlineData(0, 1_234, 0, "1,234 of 100 tokens")]
    [InlineData(0, 0, 10, "10 of 10 runs")]
    public void A_tasks_budget_is_used_up_by_the_first_of_its_limits(
        double cost,
        long tokens,
        int runs,
        string? words
    )
    {
        var limits = new BudgetLimits { Task = new BudgetLimit(1, 100, 10) };
        var state = Queued with { CostUsd = (decimal)cost, Tokens = tokens, Attempt = runs };

        var stop = Budgets.Reached(state, null, limits, Now);

        Assert.Equal(
            words is null
                ? null
                : new BudgetStop(
                    "task",
                    $"The task's budget is used up: {words}. Resuming grants it as much again; Budgets:Task sets it.",
                    null
                ),
            stop
        );
    }

    [Fact]
    public void A_day_is_judged_by_requester_then_repository_then_everybody_and_is_whole_at_midnight()
    {
        var limits = new BudgetLimits
        {
            RequesterDay = new BudgetLimit(CostUsd: 2),
            RepositoryDay = new BudgetLimit(Tokens: 50),
            Day = new BudgetLimit(Runs: 3),
        };
        var all = Day(new Spent(0, 2, 0), new Spent(0, 0, 50), new Spent(3, 0, 0));

        BudgetStop? Of(DaySpending day) => Budgets.Reached(Queued, day, limits, Now);

        Assert.Equal(
            new BudgetStop(
                "day",
                "The day's budget of requester ann is used up: 2.00 of 2.00 US dollars. It is whole again at midnight UTC; resuming lets this turn go beyond it; Budgets:RequesterDay sets it.",
                Midnight
            ),
            Of(all)
        );
        Assert.Equal(
            new BudgetStop(
                "day",
                "The day's budget of repository /r is used up: 50 of 50 tokens. It is whole again at midnight UTC; resuming lets this turn go beyond it; Budgets:RepositoryDay sets it.",
                Midnight
            ),
            Of(all with { Requester = new Spent(0, 1.99m, 0) })
        );
        Assert.Equal(
            new BudgetStop(
                "day",
                "The day's budget of everybody is used up: 3 of 3 runs. It is whole again at midnight UTC; resuming lets this turn go beyond it; Budgets:Day sets it.",
                Midnight
            ),
            Of(Day(all: all.All))
        );
        Assert.Null(Of(Day(all: new Spent(2, 0, 0))));
    }

    [Fact]
    public void Without_limits_nothing_is_ever_used_up() =>
        Gen.Select(Gen.Decimal[0, 1_000_000], Gen.Long[0, 1_000_000_000], Gen.Int[0, 1_000])
            .Sample(
                (cost, tokens, runs) =>
                {
                    var spent = new Spent(runs, cost, tokens);
                    var state = Queued with { CostUsd = cost, Tokens = tokens, Attempt = runs };
                    return Budgets.Reached(state, Day(spent, spent, spent), new BudgetLimits(), Now)
                            is null
                        && !Budgets.IsUsedUp(BudgetLimit.None, spent)
                        && Budgets.RunCostMax(state, new BudgetLimits()) == 0;
                }
            );

    [Fact]
    public void Only_budgets_of_days_need_the_days_spending()
    {
        Assert.False(new BudgetLimits { Task = new BudgetLimit(1) }.CountDays);
        Assert.True(new BudgetLimits { RequesterDay = new BudgetLimit(Tokens: 1) }.CountDays);
        Assert.True(new BudgetLimits { RepositoryDay = new BudgetLimit(Runs: 1) }.CountDays);
        Assert.True(new BudgetLimits { Day = new BudgetLimit(1) }.CountDays);
    }

    [Fact]
    public void A_run_may_cost_what_is_left_and_is_let_ask_once()
    {
        var limits = new BudgetLimits { Task = new BudgetLimit(CostUsd: 5) };

        Assert.Equal(5, Budgets.RunCostMax(Queued, limits));
        Assert.Equal(1.5m, Budgets.RunCostMax(Queued with { CostUsd = 3.5m }, limits));
        Assert.Equal(0.01m, Budgets.RunCostMax(Queued with { CostUsd = 5 }, limits));
        Assert.Equal(
            5.5m,
            Budgets.RunCostMax(Queued with { CostUsd = 4.5m, BudgetGrants = 1 }, limits)
        );
    }

    [Fact]
    public void An_offered_slot_is_let_go_when_the_tasks_budget_is_used_up_and_a_yes_grants_as_much_again()
    {
        var limits = new TaskLimits
        {
            Budgets = new BudgetLimits { Task = new BudgetLimit(CostUsd: 1) },
        };
        var spent = Queued with { CostUsd = 1.5m, Tries = 1 };

        var paused = Play(spent, Offer(spent), limits);
        Assert.Equal(
            (TaskPhase.Paused, null, "task"),
            (paused.Phase, paused.Due, paused.PausedBudget)
        );
        Assert.Equal(1, paused.Tries);
        Assert.Empty(TaskDecider.Owed(paused));

        foreach (
            var yes in (TaskInput[])
                [
                    new TaskInput.ResumeAsked("ann", Now),
                    new TaskInput.Answered("ann", true, "", Now),
                ]
        )
        {
            var granted = Play(paused, yes, limits);
            Assert.Equal(
                (TaskPhase.Queued, 1, "", ""),
                (granted.Phase, granted.BudgetGrants, granted.PausedBudget, granted.WaitingFor)
            );
            Assert.Equal(TaskPhase.Preparing, Play(granted, Offer(granted), limits).Phase);
            var more = granted with { CostUsd = 2 };
            Assert.Equal(TaskPhase.Paused, Play(more, Offer(more), limits).Phase);
        }
        Assert.Equal(
            TaskPhase.Failed,
            Play(paused, new TaskInput.Answered("ann", false, "too dear", Now), limits).Phase
        );
    }

    [Fact]
    public void A_days_budget_holds_the_turn_until_midnight_or_a_yes_which_counts_for_this_turn_alone()
    {
        var limits = new TaskLimits
        {
            Budgets = new BudgetLimits { RequesterDay = new BudgetLimit(Runs: 2) },
        };
        var full = Day(new Spent(2, 0, 0));

        var paused = Play(Queued, Offer(Queued, full), limits);
        Assert.Equal((TaskPhase.Paused, Midnight), (paused.Phase, paused.Due!.Value));
        Assert.Equal(
            TaskPhase.Paused,
            Play(paused, new TaskInput.Woke(Midnight.AddTicks(-1)), limits).Phase
        );

        // The clock lets it be judged again, and grants nothing.
        var morning = Play(paused, new TaskInput.Woke(Midnight), limits);
        Assert.Equal(
            (TaskPhase.Queued, 0, 0),
            (morning.Phase, morning.BudgetTurn, morning.BudgetGrants)
        );
        Assert.Equal(TaskPhase.Paused, Play(morning, Offer(morning, full), limits).Phase);
        Assert.Equal(TaskPhase.Preparing, Play(morning, Offer(morning, Day()), limits).Phase);

        var yes = Play(paused, new TaskInput.ResumeAsked("ann", Now), limits);
        Assert.Equal((1, 0), (yes.BudgetTurn, yes.BudgetGrants));
        Assert.Equal(TaskPhase.Preparing, Play(yes, Offer(yes, full), limits).Phase);
        var next = yes with { Turn = 2 };
        Assert.Equal(TaskPhase.Paused, Play(next, Offer(next, full), limits).Phase);
    }

    [Fact]
    public void A_run_that_used_up_the_money_pauses_its_task_and_is_nobodys_try()
    {
        var running = TaskSituations.Named("Running");
        var limits = new TaskLimits
        {
            Budgets = new BudgetLimits { Task = new BudgetLimit(CostUsd: 1) },
        };
        var ended = new TaskInput.Reported(
            new TaskReport.RunEnded(1, 1, new RunResult { ErrorClass = ErrorClass.Budget }),
            Now
        );

        var paused = Play(running, ended, limits);

        Assert.Equal(
            (TaskPhase.Paused, null, "task", 0),
            (paused.Phase, paused.Due, paused.PausedBudget, paused.Tries)
        );
        Assert.Contains("Budgets:Task", paused.WaitingFor, StringComparison.Ordinal);
        Assert.Equal(1, Play(paused, new TaskInput.ResumeAsked("ann", Now), limits).BudgetGrants);
        // Without a budget of ours the agent's own limit is what it met.
        Assert.Equal(TaskPhase.Failed, Play(running, ended, new TaskLimits()).Phase);
    }

    [Fact]
    public void The_end_of_a_usage_limit_grants_no_budget()
    {
        var resumed = Play(
            TaskSituations.Named("Paused"),
            new TaskInput.ResumeAsked("ann", Now),
            new TaskLimits()
        );

        Assert.Equal((0, 0), (resumed.BudgetGrants, resumed.BudgetTurn));
    }

    [Fact]
    public void A_day_begins_and_ends_at_midnight_utc()
    {
        var late = new DateTimeOffset(2026, 1, 3, 1, 0, 0, TimeSpan.FromHours(2));

        Assert.Equal(20_455, SpendingScopes.DayOf(Now));
        Assert.Equal(SpendingScopes.DayOf(Now), SpendingScopes.DayOf(late));
        Assert.Equal(Midnight, SpendingScopes.EndOf(late));
        Assert.Equal(Midnight.AddDays(1), SpendingScopes.EndOf(Midnight));
    }

    private static TaskInput.SlotOffered Offer(TaskState state, DaySpending? day = null) =>
        new(new SlotOffer("h", 1, state.Turn), "s2", Now) { Spending = day };

    private static TaskState Play(TaskState state, TaskInput told, TaskLimits limits) =>
        TaskSituations.Fold(state, TaskDecider.Decide(state, told, limits).Facts);
}
