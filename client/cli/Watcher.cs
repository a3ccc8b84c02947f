using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Cli;

/// <summary>Shows a task live: a line per change, and on a terminal one refreshed line for the agent's step.</summary>
internal sealed class Watcher(OrchestratorClient client, Output output)
{
    private readonly long started = TimeProvider.System.GetTimestamp();
    private bool liveLine;

    /// <summary>Watches until the task's turn has ended or it waits for a person; the snapshot then.</summary>
    public async Task<TaskSnapshot> WatchAsync(string taskId, CancellationToken cancellationToken)
    {
        await foreach (var entry in client.WatchAsync(taskId, 0, cancellationToken))
        {
            Show(entry);
            if (
                entry.Fact
                is TaskFact.Delivered
                    or TaskFact.Failed
                    or TaskFact.Cancelled
                    or TaskFact.Paused
                    or TaskFact.ApprovalAsked
            )
            {
                var snapshot = await client.GetAsync(taskId, cancellationToken);
                if (
                    snapshot.Phase
                    is TaskPhase.Done
                        or TaskPhase.Failed
                        or TaskPhase.Cancelled
                        or TaskPhase.AwaitingApproval
                        or TaskPhase.InReview
                )
                {
                    Clear();
                    return snapshot;
                }
            }
        }
        throw new OperationCanceledException(cancellationToken);
    }

    private void Show(JournalEntry entry)
    {
        if (output.Json)
        {
            Console.Out.WriteLine(
                JsonSerializer.Serialize(entry, OrchestratorJson.Default.JournalEntry)
            );
            return;
        }
        if (entry.Fact is TaskFact.Progressed p)
        {
            if (Output.Live)
            {
                var line = $"  … {p.Step.Text}";
                Console.Error.Write(
                    "\r\u001b[K"
                        + (
                            line.Length >= Console.WindowWidth
                                ? line[..Math.Max(1, Console.WindowWidth - 1)]
                                : line
                        )
                );
                liveLine = true;
            }
            return;
        }
        if (Words(entry.Fact) is { } words)
        {
            Clear();
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            Output.Line($"{Output.Paint($"{elapsed.TotalSeconds, 6:0.0}s", 90)}  {words}");
        }
    }

    private void Clear()
    {
        if (liveLine)
        {
            Console.Error.Write("\r\u001b[K");
            liveLine = false;
        }
    }

    private static string? Words(TaskFact fact) =>
        fact switch
        {
            TaskFact.Submitted => Phase("received", ""),
            TaskFact.Screened => Phase("mediating", ""),
            TaskFact.PlanMade f => Phase(
                "queued",
                $"{f.Plan.Kind}{(f.Plan.ReadOnly ? ", read-only" : "")}: {f.Plan.Title} [{(f.Plan.Mode == GrainInterfaces.Mediation.MediationMode.Llama ? "LLAMA" : "FALLBACK")}]"
            ),
            TaskFact.RunStarted f => Phase("preparing", $"attempt {f.Attempt} on {f.Host}"),
            TaskFact.AgentStarted f => Phase("running", f.Agent.Label),
            TaskFact.RunEnded f
                when f.Result.ErrorClass == GrainInterfaces.Failures.ErrorClass.None => Phase(
                "validating",
                $"{f.Result.Diff.FilesTotal} files changed (+{f.Result.Diff.AddedLines} -{f.Result.Diff.DeletedLines}), {f.Result.DurationSeconds:0.0}s{Cost(f.Result.Usage.CostUsd)}"
            ),
            TaskFact.RunEnded f => Phase("ended", $"{f.Result.ErrorClass}: {f.Result.Message}"),
            TaskFact.Verified f => Phase(
                "verified",
                f.Report.Problem.Length > 0 ? f.Report.Problem
                    : f.Report.Commands.Count == 0 ? "no checks known"
                    : string.Join(
                        "; ",
                        f.Report.Commands.Select(c =>
                            $"{c.Command} → {(c.TimedOut ? "timed out" : "exit " + c.ExitCode)}"
                        )
                    )
            ),
            TaskFact.Judged f => Phase(
                "judged",
                f.Judgement.Outcome
                    + string.Concat(f.Judgement.Findings.Select(x => "\n           " + x.Message))
            ),
            TaskFact.RetryScheduled f => Phase(
                "retry",
                $"{f.ErrorClass}, again at {f.Due.ToLocalTime():HH:mm:ss}"
            ),
            TaskFact.Delivered => Phase("done", ""),
            TaskFact.Failed f => Phase("failed", f.Failure.Message),
            TaskFact.Paused f => Phase("paused", f.Reason),
            TaskFact.Resumed f => Phase("resumed", f.By),
            TaskFact.CancelRequested f => Phase("cancelling", f.By),
            TaskFact.Cancelled => Phase("cancelled", ""),
            TaskFact.TurnStarted f => Phase("turn " + f.Turn, f.Kind),
            _ => null,
        };

    private static string Cost(decimal usd) => usd > 0 ? $", ${usd:0.0000}" : "";

    private static string Phase(string name, string detail)
    {
        var colour = name switch
        {
            "done" => 32,
            "failed" or "ended" or "cancelled" => 31,
            "retry" or "paused" or "cancelling" => 33,
            _ => 36,
        };
        return $"{Output.Paint(name.PadRight(11), colour)} {detail}".TrimEnd();
    }
}
