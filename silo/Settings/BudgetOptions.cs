using System.ComponentModel.DataAnnotations;
using Orchestrator.Decisions.Policy;

namespace Orchestrator.Silo.Settings;

/// <summary>Section <c>Budgets</c>: what may be spent before a person is asked. The same on every silo with the control role.</summary>
internal sealed class BudgetOptions
{
    /// <summary>One task, over all its turns.</summary>
    public BudgetLineOptions Task { get; set; } = new();

    /// <summary>One requester on one UTC day.</summary>
    public BudgetLineOptions RequesterDay { get; set; } = new();

    /// <summary>One repository on one UTC day.</summary>
    public BudgetLineOptions RepositoryDay { get; set; } = new();

    /// <summary>Everybody on one UTC day.</summary>
    public BudgetLineOptions Day { get; set; } = new();

    /// <summary>As the decisions take them.</summary>
    public BudgetLimits Limits() =>
        new()
        {
            Task = Task.Limit(),
            RequesterDay = RequesterDay.Limit(),
            RepositoryDay = RepositoryDay.Limit(),
            Day = Day.Limit(),
        };
}

/// <summary>One budget; 0 = no limit.</summary>
internal sealed class BudgetLineOptions
{
    /// <summary>US dollars. Default 0; 0 to 1,000,000.</summary>
    [Range(
        0d,
        1_000_000d,
        ErrorMessage = "a budget's CostUsd must be 0 (no limit) to 1,000,000 US dollars"
    )]
    public double CostUsd { get; set; }

    /// <summary>All kinds of tokens. Default 0; 0 to 10^15.</summary>
    [Range(
        typeof(long),
        "0",
        "1000000000000000",
        ErrorMessage = "a budget's Tokens must be 0 (no limit) to 10^15"
    )]
    public long Tokens { get; set; }

    /// <summary>Runs of agents. Default 0; 0 to 10^9.</summary>
    [Range(
        typeof(long),
        "0",
        "1000000000",
        ErrorMessage = "a budget's Runs must be 0 (no limit) to 1,000,000,000"
    )]
    public long Runs { get; set; }

    /// <summary>As the decisions take it.</summary>
    public BudgetLimit Limit() => new((decimal)CostUsd, Tokens, Runs);
}
