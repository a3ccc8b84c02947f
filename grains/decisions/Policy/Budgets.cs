using System.Globalization;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Decisions.Policy;

/// <summary>The most that may be spent; 0 = no limit.</summary>
/// <param name="CostUsd">US dollars, 0 to 1,000,000.</param>
/// <param name="Tokens">All kinds of tokens, from 0.</param>
/// <param name="Runs">Runs of agents, from 0.</param>
public sealed record BudgetLimit(decimal CostUsd = 0, long Tokens = 0, long Runs = 0)
{
    /// <summary>No limit.</summary>
    public static BudgetLimit None { get; } = new();

    /// <summary>True when there is one.</summary>
    public bool IsSet => CostUsd > 0 || Tokens > 0 || Runs > 0;
}

/// <summary>All budgets.</summary>
public sealed record BudgetLimits
{
    /// <summary>Of one task, over all its turns.</summary>
    public BudgetLimit Task { get; init; } = BudgetLimit.None;

    /// <summary>Of one requester on one UTC day.</summary>
    public BudgetLimit RequesterDay { get; init; } = BudgetLimit.None;

    /// <summary>Of one repository on one UTC day.</summary>
    public BudgetLimit RepositoryDay { get; init; } = BudgetLimit.None;

    /// <summary>Of everybody on one UTC day.</summary>
    public BudgetLimit Day { get; init; } = BudgetLimit.None;

    /// <summary>True when a day's spending must be known.</summary>
    public bool CountDays => RequesterDay.IsSet || RepositoryDay.IsSet || Day.IsSet;
}

/// <summary>A budget that is used up.</summary>
/// <param name="Scope"><see cref="Budgets.OfTask"/> or <see cref="Budgets.OfDay"/>.</param>
/// <param name="Reason">Which, how much, and the way out.</param>
/// <param name="Until">When it is whole again by itself; null = never.</param>
public sealed record BudgetStop(string Scope, string Reason, DateTimeOffset? Until);

/// <summary>
/// Judges money, tokens and runs before each run. What a run that is under way will cost is not known: a budget is passed by
/// at most what the runs under way cost beyond it.
/// </summary>
public static class Budgets
{
    /// <summary>The task's own budget; a person's yes grants it as much again.</summary>
    public const string OfTask = "task";

    /// <summary>A budget of a day; a person's yes lets this turn go beyond it.</summary>
    public const string OfDay = "day";

    /// <summary>The budget that keeps the next run from beginning, or null.</summary>
    /// <param name="state">A task that was offered a slot.</param>
    /// <param name="day">The day's spending; null when <see cref="BudgetLimits.CountDays"/> is false.</param>
    /// <param name="limits">The budgets.</param>
    /// <param name="now">The instant of the offer.</param>
    public static BudgetStop? Reached(
        TaskState state,
        DaySpending? day,
        BudgetLimits limits,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        var granted = Granted(state, limits);
        if (Over(granted, new Spent(state.Attempt, state.CostUsd, state.Tokens)) is { } own)
        {
            return new BudgetStop(
                OfTask,
                $"The task's budget is used up: {own}. Resuming grants it as much again; Budgets:Task sets it.",
                null
            );
        }
        if (day is null || state.BudgetTurn == state.Turn)
        {
            return null;
        }
        return OfADay(
                $"of requester {state.Spec?.Requester}",
                "Budgets:RequesterDay",
                limits.RequesterDay,
                day.Requester,
                now
            )
            ?? OfADay(
                $"of repository {state.Spec?.Repository}",
                "Budgets:RepositoryDay",
                limits.RepositoryDay,
                day.Repository,
                now
            )
            ?? OfADay("of everybody", "Budgets:Day", limits.Day, day.All, now);
    }

    /// <summary>True when nothing more may begin.</summary>
    public static bool IsUsedUp(BudgetLimit limit, Spent spent)
    {
        ArgumentNullException.ThrowIfNull(limit);
        ArgumentNullException.ThrowIfNull(spent);
        return Over(limit, spent) is not null;
    }

    /// <summary>What the next run of a task may cost in US dollars; 0 = no limit. Never below a cent: a run that may begin may ask once.</summary>
    public static decimal RunCostMax(TaskState state, BudgetLimits limits)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        var granted = Granted(state, limits).CostUsd;
        return granted > 0 ? Math.Max(0.01m, granted - state.CostUsd) : 0;
    }

    private static BudgetLimit Granted(TaskState state, BudgetLimits limits)
    {
        var times = 1 + state.BudgetGrants;
        return new BudgetLimit(
            limits.Task.CostUsd * times,
            limits.Task.Tokens * times,
            limits.Task.Runs * times
        );
    }

    private static BudgetStop? OfADay(
        string whose,
        string key,
        BudgetLimit limit,
        Spent spent,
        DateTimeOffset now
    ) =>
        Over(limit, spent) is { } over
            ? new BudgetStop(
                OfDay,
                $"The day's budget {whose} is used up: {over}. It is whole again at midnight UTC; resuming lets this turn go beyond it; {key} sets it.",
                SpendingScopes.EndOf(now)
            )
            : null;

    private static string? Over(BudgetLimit limit, Spent spent) =>
        limit.CostUsd > 0 && spent.CostUsd >= limit.CostUsd
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{spent.CostUsd:0.00##} of {limit.CostUsd:0.00##} US dollars"
            )
        : limit.Tokens > 0 && spent.Tokens >= limit.Tokens
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{spent.Tokens:#,0} of {limit.Tokens:#,0} tokens"
            )
        : limit.Runs > 0 && spent.Runs >= limit.Runs
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{spent.Runs:#,0} of {limit.Runs:#,0} runs"
            )
        : null;
}
