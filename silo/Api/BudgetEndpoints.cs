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
