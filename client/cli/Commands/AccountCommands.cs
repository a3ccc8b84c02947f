using System.CommandLine;
using Orchestrator.GrainInterfaces;

namespace Orchestrator.Cli;

/// <summary><c>accounts</c>: the agents' accounts and their usage limits.</summary>
internal static class AccountCommands
{
    /// <summary><c>accounts</c> and <c>accounts open</c>.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var account = new Argument<string>("account") { Description = "The account's name." };
        var open = new Command("open", "Let the work of an account go on before its time.")
        {
            account,
        };
        open.SetAction((p, token) => OpenAsync(finder(p), output(p), p.GetValue(account)!, token));
        var command = new Command(
            "accounts",
            "Show the agents' accounts, and which wait for the end of a usage limit."
        )
        {
            open,
        };
        command.SetAction((p, token) => ListAsync(finder(p), output(p), token));
        return command;
    }

    private static async Task<int> ListAsync(
        SiloFinder finder,
        Output output,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.ListAccountsAsync(token),
            OrchestratorJson.Default.AccountList,
            list =>
            {
                foreach (var w in list.Accounts)
                {
                    Output.Line(
                        w.ClosedUntil is { } until
                            ? $"{Output.Paint("limited", 33)} {w.Account}  until {until:u}{(w.Guessed ? " (a guess; one run tries it then)" : "")}"
                            : $"{Output.Paint("open   ", 32)} {w.Account}"
                    );
                }
                if (list.Accounts.Count == 0)
                {
                    Output.Line("No host has named its agents' account yet.");
                }
            }
        );
        return ExitCodes.Done;
    }

    private static async Task<int> OpenAsync(
        SiloFinder finder,
        Output output,
        string account,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.OpenAccountAsync(account, token),
            OrchestratorJson.Default.WorkReport,
            r =>
                Output.Line(
                    r.Done.Count > 0
                        ? $"Open: {account}. Its work goes on."
                        : $"{account} was open."
                )
        );
        return ExitCodes.Done;
    }
}
