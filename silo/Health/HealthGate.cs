using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Health;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Settings;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Health;

/// <summary>Whether the server does what it is for: goals, stuck tasks, dead letters, the hash chain.</summary>
internal sealed class HealthGate(
    TallySums sums,
    ITaskIndex index,
    IJournal journal,
    ICursorStore cursors,
    IGrainFactory grains,
    IHostRegistry registry,
    IOptions<SloOptions> options,
    TimeProvider time
)
{
    private const int NamedMax = 20;

    /// <summary>Looks.</summary>
    public async Task<GateReport> CheckAsync(CancellationToken cancellationToken)
    {
        var (slo, now) = (options.Value, time.GetUtcNow());
        var fromDay = SpendingScopes.DayOf(now) - slo.WindowDays + 1;
        var (good, bad) = await sums.OutcomesAsync(fromDay, cancellationToken);
        var (soon, late) = await sums.StartsAsync(fromDay, slo.StartWithin, cancellationToken);
        var success = ErrorBudget.Of("success", slo.SuccessRatio, good, bad, slo.WindowDays);
        var start = ErrorBudget.Of("start", slo.StartRatio, soon, late, slo.WindowDays);
        List<DoctorCheck> checks =
        [
            ErrorBudget.Judge(
                success,
                slo.EventsMin,
                "'orchestrator stats --by day' and '--by type' show where; 'orchestrator list --phase failed' and 'orchestrator explain ID' say why."
            ),
            ErrorBudget.Judge(
                start,
                slo.EventsMin,
                "Give the hosts more slots (Runner:Slots) or add a host; 'orchestrator status' shows what waits."
            ),
            await StuckAsync(now - slo.StuckAfter, cancellationToken),
            await QueueAsync(slo.StuckAfter, cancellationToken),
            await LettersAsync(cancellationToken),
            await ChainAsync(cancellationToken),
        ];
        return new GateReport(checks.TrueForAll(c => c.Level != "fail"), checks, [success, start]);
    }

    private async Task<DoctorCheck> StuckAsync(
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        const string Line = "stuck tasks";
        var stuck = await index.ListDueAsync(before, NamedMax, cancellationToken);
        return stuck.Count == 0
            ? MachineChecks.Ok(Line, "none")
            : MachineChecks.Fail(
                Line,
                $"{(stuck.Count == NamedMax ? "at least " : "")}{stuck.Count} are overdue: {string.Join(", ", stuck.Select(h => h.TaskId))}",
                "'orchestrator explain ID' says what each waits for; 'orchestrator doctor' looks at the server; 'orchestrator cancel ID' ends one."
            );
    }

    private async Task<DoctorCheck> QueueAsync(
        TimeSpan stuckAfter,
        CancellationToken cancellationToken
    )
    {
        const string Line = "queue";
        var queue = await grains
            .GetGrain<IQueueGrain>(TaskEffects.Pool)
            .GetStatusAsync(cancellationToken);
        var hosts = await HostViews.LivingAsync(grains, registry, cancellationToken);
        return queue.Waiting > 0
            && queue.OldestSeconds > stuckAfter.TotalSeconds
            && hosts.Count == 0
                ? MachineChecks.Fail(
                    Line,
                    $"{queue.Waiting} wait, the oldest for {queue.OldestSeconds:0} s, and no host lives",
                    "Start a host ('orchestrator serve'), and look at 'orchestrator hosts'."
                )
            : queue.StoppedAt is { } since
                ? MachineChecks.Fail(
                    Line,
                    $"emergency stop since {since:u} by {queue.StoppedBy}",
                    "orchestrator estop --release"
                )
            : MachineChecks.Ok(
                Line,
                $"{queue.Waiting} wait, the oldest for {queue.OldestSeconds:0} s"
            );
    }

    private async Task<DoctorCheck> LettersAsync(CancellationToken cancellationToken)
    {
        var waiting = await cursors.CountBuriedAsync(cancellationToken);
        return waiting == 0
            ? MachineChecks.Ok("dead letters", "none wait")
            : MachineChecks.Fail(
                "dead letters",
                $"{waiting} deliveries were given up",
                "'orchestrator dead-letters list' shows why; cure the cause, then 'orchestrator dead-letters replay --all'."
            );
    }

    private async Task<DoctorCheck> ChainAsync(CancellationToken cancellationToken)
    {
        var breaks = await journal.VerifyChainAsync(null, cancellationToken);
        return breaks.Count == 0
            ? MachineChecks.Ok("journal", "hash chain verifies")
            : MachineChecks.Fail(
                "journal",
                breaks[0],
                "Stop the silo, keep the damaged database, restore a backup (docs/runbook.md)."
            );
    }
}
