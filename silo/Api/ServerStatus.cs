using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Mediation;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>The server, its queue and its hosts, for every door that shows them.</summary>
internal sealed class ServerStatus(
    ITaskIndex index,
    IGrainFactory grains,
    IMediatorModel model,
    SiloDiscoveryFile discovery,
    IEnumerable<IAgentRunner> runners,
    ICursorStore cursors,
    IHostRegistry registry,
    StorePulse pulse,
    TimeProvider time
)
{
    /// <summary>How it is now.</summary>
    public async Task<StatusReport> ReadAsync(CancellationToken token)
    {
        var counts = await index.CountAsync(token);
        var queue = await grains.GetGrain<IQueueGrain>(TaskEffects.Pool).GetStatusAsync(token);
        long Of(params TaskPhase[] phases) => phases.Sum(p => counts.GetValueOrDefault(p));
        var mediator = model.Status();
        var report = new StatusReport
        {
            Version = SiloDiscoveryFile.Version,
            StartedAt = discovery.StartedAt,
            DataDirectory = discovery.DataDirectory,
            Components =
            [
                new ComponentStatus(
                    "database",
                    pulse.Problem.Length == 0,
                    pulse.Problem.Length == 0 ? "ready" : pulse.Problem
                ),
                .. time is StoreTime { Problem.Length: > 0 } clock
                    ? [new ComponentStatus("clock", false, clock.Problem)]
                    : (ComponentStatus[])[],
                .. runners.Select(r => new ComponentStatus(
                    "runner " + r.Kind,
                    r.Problem().Length == 0,
                    r.Problem().Length == 0 ? "ready" : r.Problem()
                )),
                new ComponentStatus(
                    "mediator",
                    mediator.Mode == "LLAMA",
                    mediator.Mode == "LLAMA" ? mediator.Model : "FALLBACK: " + mediator.Reason
                ),
            ],
            Phases = counts.ToDictionary(
                c => JsonNamingPolicy.SnakeCaseLower.ConvertName(c.Key.ToString()),
                c => c.Value
            ),
            Active = Of(
                TaskPhase.Preparing,
                TaskPhase.Running,
                TaskPhase.Validating,
                TaskPhase.Delivering
            ),
            Queued = Of(TaskPhase.Queued, TaskPhase.Received, TaskPhase.Mediating),
            Completed = Of(TaskPhase.Done, TaskPhase.InReview),
            Failed = Of(TaskPhase.Failed),
            Queue = queue,
            Hosts = await HostViews.LivingAsync(grains, registry, token),
            Mediator = mediator,
            DeadLetters = await cursors.CountBuriedAsync(token),
            Fenced = await registry.ReadFencedAsync(token),
        };
        return report;
    }
}
