using System.CommandLine;
using Orchestrator.GrainInterfaces;

namespace Orchestrator.Cli;

/// <summary><c>drain</c> and <c>undrain</c>: whether a host gets new runs.</summary>
internal static class DrainCommands
{
    /// <summary>One of the two verbs.</summary>
    public static Command Build(
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
