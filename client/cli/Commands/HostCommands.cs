using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

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

    /// <summary><c>estop</c>.</summary>
    public static Command StopEverything(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var release = new Option<bool>("--release")
        {
            Description = "End the emergency stop: work goes on.",
        };
        var command = new Command(
            "estop",
            "Emergency stop: end every run on every host now, begin none. Nothing is lost."
        )
        {
            release,
        };
        command.SetAction(
            (p, token) => StopAsync(finder(p), output(p), !p.GetValue(release), token)
        );
        return command;
    }

    private static async Task<int> StopAsync(
        SiloFinder finder,
        Output output,
        bool stopped,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        var report = await client.StopEverythingAsync(stopped, token);
        output.Answer(
            report,
            OrchestratorJson.Default.WorkReport,
            r =>
            {
                var hosts = string.Join(", ", r.Done.Concat(r.Skipped));
                Output.Line(
                    stopped
                        ? $"Stopped: no run goes on or begins ({hosts}). Turns wait in the queue; 'orchestrator estop --release' lets them go on."
                        : $"Released: work goes on ({hosts})."
                );
                foreach (var problem in r.Problems)
                {
                    Output.Line(Output.Paint(problem, 31));
                }
            }
        );
        return report.Problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
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
                    if (h.Problem.Length > 0)
                    {
                        Output.Line($"           {Output.Paint(h.Problem, 33)}");
                    }
                    if (h.ClockSkewSeconds is > 5 or < -5)
                    {
                        Output.Line(
                            $"           {Output.Paint(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Its clock is {Math.Abs(h.ClockSkewSeconds.Value):0.0} s {(h.ClockSkewSeconds > 0 ? "ahead of" : "behind")} the database's: set it right (NTP)."), 33)}"
                        );
                    }
                    if (Health(h) is { Length: > 0 } health)
                    {
                        Output.Line($"           {health}");
                    }
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

    private static string Health(HostInfo host) =>
        string.Join(
            " · ",
            host.Runners.Select(Runner)
                .Prepend(
                    host.DiskFreeBytes is { } free
                        ? string.Create(
                            System.Globalization.CultureInfo.InvariantCulture,
                            $"{free / (1024.0 * 1024 * 1024):0.0} GiB free"
                        )
                        : ""
                )
                .Where(t => t.Length > 0)
        );

    private static string Runner(RunnerInfo runner) =>
        runner.Problem.Length > 0
            ? $"{runner.Kind}: {runner.Problem}"
            : string.Join(
                " ",
                (
                    (string[])
                        [
                            runner.Kind,
                            runner.Version,
                            runner.Login.Length > 0 ? $"({runner.Login})" : "",
                            runner.Drift,
                        ]
                ).Where(t => t.Length > 0)
            );

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
