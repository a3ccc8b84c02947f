using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Verbs about the server.</summary>
internal static class ServerCommands
{
    public static async Task<int> StatusAsync(
        SiloFinder finder,
        Output output,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.GetStatusAsync(token),
            OrchestratorJson.Default.StatusReport,
            s =>
            {
                foreach (var component in s.Components)
                {
                    Output.Line(
                        $"{(component.Ok ? Output.Paint("[OK]", 32) : Output.Paint("[--]", 33))} {component.Name}: {component.Detail}"
                    );
                }
                Output.Line(
                    $"Active: {s.Active}  Queued: {s.Queued}  Completed: {s.Completed}  Failed: {s.Failed}  Workers: {s.Hosts.Sum(h => h.SlotsUsed)}/{s.Hosts.Sum(h => h.Slots)}"
                );
                Output.Line(
                    $"Queue: {s.Queue?.Waiting} waiting, oldest {s.Queue?.OldestSeconds:0}s, {s.Queue?.Refused} refused, {s.Queue?.Admitted}/{s.Queue?.SizeMax} admitted"
                );
                foreach (
                    var (lane, waiting) in s.Queue?.WaitingByLane ?? new Dictionary<string, int>()
                )
                {
                    if (waiting > 0)
                    {
                        Output.Line(
                            $"  lane {lane}: {waiting} waiting, oldest {s.Queue!.OldestSecondsByLane.GetValueOrDefault(lane):0}s"
                        );
                    }
                }
                if (s.Queue?.RetryAfterSeconds > 0)
                {
                    Output.Line(
                        $"  full: new tasks are refused; ask again in {s.Queue.RetryAfterSeconds}s"
                    );
                }
                if (s.Queue?.StoppedAt is { } since)
                {
                    Output.Line(
                        Output.Paint(
                            $"EMERGENCY STOP since {since:u} by {s.Queue.StoppedBy}: orchestrator estop --release",
                            31
                        )
                    );
                }
                foreach (var w in s.Queue?.Accounts.Where(w => w.ClosedUntil is not null) ?? [])
                {
                    Output.Line(
                        Output.Paint(
                            $"Usage limit of account {w.Account} until {w.ClosedUntil:u}: its work goes on by itself, or orchestrator accounts open {w.Account}",
                            33
                        )
                    );
                }
                if (s.Queue?.Drained.Count > 0)
                {
                    Output.Line($"Drained: {string.Join(", ", s.Queue.Drained)}");
                }
                Output.Line($"Dead letters: {s.DeadLetters}  Fenced reports: {s.Fenced}");
                Output.Line($"Version {s.Version}, since {s.StartedAt:u}, data {s.DataDirectory}");
            }
        );
        return ExitCodes.Done;
    }
}
