using System.CommandLine;
using System.Globalization;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary><c>budgets</c>: what today's runs cost, and what may be spent.</summary>
internal static class BudgetCommands
{
    /// <summary><c>budgets</c>.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var command = new Command(
            "budgets",
            "Show what today's runs cost, by requester and repository, and the budgets."
        );
        command.SetAction((p, token) => ShowAsync(finder(p), output(p), token));
        return command;
    }

    private static async Task<int> ShowAsync(
        SiloFinder finder,
        Output output,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.GetBudgetsAsync(token),
            OrchestratorJson.Default.BudgetReport,
            report =>
            {
                Output.Line($"{report.Day}, UTC; whole again at {report.EndsAt:u}");
                foreach (var line in report.Lines)
                {
                    Output.Line(
                        $"{(line.Reached ? Output.Paint("used up", 33) : Output.Paint("open   ", 32))} {Whose(line)}  {Amounts(line)}"
                    );
                }
                Output.Line(
                    report.Task.CostUsd > 0 || report.Task.Tokens > 0 || report.Task.Runs > 0
                        ? $"One task may spend {Limit(report.Task)}."
                        : "One task may spend what it needs (Budgets:Task)."
                );
            }
        );
        return ExitCodes.Done;
    }

    private static string Whose(BudgetLine line) =>
        line.Name.Length > 0 ? $"{line.Scope} {line.Name}" : "everybody";

    private static string Amounts(BudgetLine line) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"${line.CostUsd:0.00}{Of(line.Limit.CostUsd, "$0.00")}, {line.Tokens:#,0}{Of(line.Limit.Tokens, "#,0")} tokens, {line.Runs:#,0}{Of(line.Limit.Runs, "#,0")} runs"
        );

    private static string Of(decimal limit, string format) =>
        limit > 0 ? " of " + limit.ToString(format, CultureInfo.InvariantCulture) : "";

    private static string Limit(BudgetAmounts limit) =>
        string.Join(
            ", ",
            (
                (string[])
                    [
                        limit.CostUsd > 0
                            ? "$" + limit.CostUsd.ToString("0.00", CultureInfo.InvariantCulture)
                            : "",
                        limit.Tokens > 0
                            ? limit.Tokens.ToString("#,0", CultureInfo.InvariantCulture) + " tokens"
                            : "",
                        limit.Runs > 0
                            ? limit.Runs.ToString("#,0", CultureInfo.InvariantCulture) + " runs"
                            : "",
                    ]
            ).Where(t => t.Length > 0)
        );
}
