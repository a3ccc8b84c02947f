using System.CommandLine;
using Orchestrator.GrainInterfaces;

namespace Orchestrator.Cli;

/// <summary><c>hosts</c>, <c>drain</c> and <c>undrain</c>: the runner hosts, and whether they get new runs.</summary>
internal static class HostCommands
{
    /// <summary><c>hosts</c>.</summary>
    public static Command List(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var command = new Command("hosts", "Show the runner hosts: state, slots, labels, runs.");
        command.SetAction((p, token) => ListAsync(finder(p), output(p), token));
        return command;
    }

    /// <summary><c>drain</c> or <c>undrain</c>.</summary>
    public static Command Drain(
        bool drained,
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var host = new Argument<string?>("host")
        {
            Description = "The host's name; default: the server's own.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = drained
            ? new Command("drain", "Give a host no new runs; those that run go on.") { host }
            : new Command("undrain", "Let a drained host take runs again.") { host };
        command.SetAction(
            (p, token) => RunAsync(finder(p), output(p), p.GetValue(host), drained, token)
        );
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
            await client.ListHostsAsync(token),
            OrchestratorJson.Default.HostList,
            list =>
            {
                foreach (var h in list.Hosts)
                {
                    var state = Output.Paint(
                        $"{h.State, -8}",
                        h.State switch
                        {
                            "online" => 32,
                            "lost" => 31,
                            _ => 33,
                        }
                    );
                    Output.Line(
                        $"{state} {h.Host}  slots {h.SlotsUsed}/{h.Slots}  epoch {h.Epoch}  {string.Join(' ', h.Labels)}"
                    );
                    foreach (var run in h.Runs)
                    {
                        Output.Line($"           {run}");
                    }
                }
                if (list.Hosts.Count == 0)
                {
                    Output.Line("No runner host has ever begun here.");
                }
            }
        );
        return ExitCodes.Done;
    }

    private static async Task<int> RunAsync(
        SiloFinder finder,
        Output output,
        string? host,
        bool drained,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        var name = host ?? (await client.GetStatusAsync(token)).Hosts[0].Host;
        output.Answer(
            await client.DrainAsync(name, drained, token),
            OrchestratorJson.Default.WorkReport,
            r =>
                Output.Line(
                    r.Done.Count == 0
                        ? $"{name} is {(drained ? "drained" : "not drained")} already."
                    : drained ? $"{name} gets no new runs. 'orchestrator undrain {name}' lifts it."
                    : $"{name} takes runs again."
                )
        );
        return ExitCodes.Done;
    }
}
