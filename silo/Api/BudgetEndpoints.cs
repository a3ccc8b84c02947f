using System.Globalization;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>What was spent, and what may be.</summary>
internal static class BudgetEndpoints
{
    private const int LinesMax = 100;
    private const int DaysDefault = 30;
    private const int DaysMax = 90;

    /// <summary>Maps them.</summary>
    public static void MapBudgets(this WebApplication app)
    {
        app.MapGet("/v1/budgets", ShowAsync)
            .Is(
                "get_budgets",
                ScopeNeeded.Read,
                "What today's runs cost, by requester and repository, and the budgets."
            )
            .Answers<BudgetReport>();
        app.MapGet("/v1/spending", DaysAsync)
            .Is(
                "get_spending",
                ScopeNeeded.Read,
                "What the runs of the last days cost, oldest first, today last; 1 to 90 days, 30 without 'days'."
            )
            .Answers<SpendingReport>();
    }

    private static async Task<IResult> DaysAsync(
        ISpendingStore spending,
        TimeProvider time,
        string? days,
        CancellationToken token
    )
    {
        var count = (int)Bodies.Number("days", days, DaysDefault, 1, DaysMax);
        var today = SpendingScopes.DayOf(time.GetUtcNow());
        var list = new List<DaySpent>(count);
        for (var day = today - count + 1; day <= today; day++)
        {
            var all = (await spending.ListAsync(day, 1, token)).FirstOrDefault(l =>
                l.Scope is not SpendingScopes.Requester and not SpendingScopes.Repository
            );
            list.Add(
                new DaySpent(
                    DateTimeOffset
                        .UnixEpoch.AddDays(day)
                        .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    all?.Spent.CostUsd ?? 0,
                    all?.Spent.Tokens ?? 0,
                    all?.Spent.Runs ?? 0
                )
            );
        }
        return ApiHosting.Json(new SpendingReport(list), OrchestratorJson.Compact.SpendingReport);
    }

    private static async Task<IResult> ShowAsync(
        ISpendingStore spending,
        TaskLimits limits,
        TimeProvider time,
        CancellationToken token
    )
    {
        var now = time.GetUtcNow();
        var lines = await spending.ListAsync(SpendingScopes.DayOf(now), LinesMax, token);
        return ApiHosting.Json(
            new BudgetReport(
                now.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                SpendingScopes.EndOf(now),
                [.. lines.Select(l => Line(l, LimitOf(l.Scope, limits.Budgets)))],
                Amounts(limits.Budgets.Task)
            ),
            OrchestratorJson.Compact.BudgetReport
        );
    }

    private static BudgetLimit LimitOf(string scope, BudgetLimits budgets) =>
        scope switch
        {
            SpendingScopes.Requester => budgets.RequesterDay,
            SpendingScopes.Repository => budgets.RepositoryDay,
            _ => budgets.Day,
        };

    private static BudgetLine Line(SpendingLine line, BudgetLimit limit) =>
        new(
            line.Scope,
            line.Name,
            line.Spent.CostUsd,
            line.Spent.Tokens,
            line.Spent.Runs,
            Amounts(limit),
            Budgets.IsUsedUp(limit, line.Spent)
        );

    private static BudgetAmounts Amounts(BudgetLimit limit) =>
        new(limit.CostUsd, limit.Tokens, limit.Runs);
}
