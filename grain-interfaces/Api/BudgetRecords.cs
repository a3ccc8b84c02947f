namespace Orchestrator.GrainInterfaces.Api;

/// <summary>Money, tokens, runs; as a limit 0 = none.</summary>
/// <param name="CostUsd">US dollars.</param>
/// <param name="Tokens">All kinds of tokens.</param>
/// <param name="Runs">Runs of agents.</param>
public sealed record BudgetAmounts(decimal CostUsd, long Tokens, long Runs);

/// <summary>Whose spending of the day.</summary>
/// <param name="Scope"><c>all</c>, <c>requester</c> or <c>repository</c>.</param>
/// <param name="Name">The requester or the repository; empty for all.</param>
/// <param name="CostUsd">US dollars so far.</param>
/// <param name="Tokens">All kinds of tokens so far.</param>
/// <param name="Runs">Runs that began.</param>
/// <param name="Limit">What may be spent.</param>
/// <param name="Reached">True: its turns pause before their next run.</param>
public sealed record BudgetLine(
    string Scope,
    string Name,
    decimal CostUsd,
    long Tokens,
    long Runs,
    BudgetAmounts Limit,
    bool Reached
);

/// <summary>Answer of <c>GET /v1/budgets</c>.</summary>
/// <param name="Day">The UTC day, <c>yyyy-MM-dd</c>.</param>
/// <param name="EndsAt">When the budgets of the day are whole again.</param>
/// <param name="Lines">Everybody, then requesters and repositories, the most expensive 100 of each.</param>
/// <param name="Task">What one task may spend over all its turns.</param>
public sealed record BudgetReport(
    string Day,
    DateTimeOffset EndsAt,
    IReadOnlyList<BudgetLine> Lines,
    BudgetAmounts Task
);
