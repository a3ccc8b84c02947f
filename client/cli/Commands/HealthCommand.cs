using System.CommandLine;
using Orchestrator.GrainInterfaces;

namespace Orchestrator.Cli;

/// <summary>Whether the server does what it is for, with an exit code for supervisors and CI.</summary>
internal static class HealthCommand
{
    /// <summary>The verb.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var gate = new Option<bool>("--gate")
        {
            Description =
                "Exit 1 when a goal's error budget is spent, tasks are stuck, deliveries were given up or the journal is damaged.",
        };
        var command = new Command(
            "health",
            "Show goals and error budgets, stuck tasks, dead letters, the journal. Exit 6 when no server answers."
        )
        {
            gate,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                var report = await client.GetGateAsync(token);
                output(p)
                    .Answer(
                        report,
                        OrchestratorJson.Default.GateReport,
                        r =>
                        {
                            foreach (var check in r.Checks)
                            {
                                DoctorCommand.Show(check);
                            }
                            Output.Line(
                                r.Passed
                                    ? Output.Paint("passed", 32)
                                    : Output.Paint("not passed", 31)
                            );
                        }
                    );
                return report.Passed || !p.GetValue(gate) ? ExitCodes.Done : ExitCodes.Failed;
            }
        );
        return command;
    }
}
