using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Mediation;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Health;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints for operators.</summary>
internal static class OperationEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapOperations(this WebApplication app)
    {
        app.MapGet("/v1/status", StatusAsync)
            .Is("get_status", ScopeNeeded.Read, "The server, its queue and its hosts now.")
            .Answers<StatusReport>();
        app.MapGet("/v1/stats", StatsAsync)
            .Is("get_stats", ScopeNeeded.Read, "Numbers over all history.")
            .Answers<StatsReport>();
        app.MapGet("/v1/doctor", DoctorAsync)
            .Is(
                "get_doctor",
                ScopeNeeded.Read,
                "The server's checks of itself and its settings in force."
            )
            .Answers<DoctorReport>();
        app.MapGet("/v1/doctor/security", SecurityAsync)
            .Is(
                "get_security_doctor",
                ScopeNeeded.Admin,
                "Every door of the running configuration: what listens, who gets in, what lies open, and the cure."
            )
            .Answers<DoctorReport>();
        app.MapGet("/v1/events", FactStream.OfAllAsync)
            .Is(
                "watch_all",
                ScopeNeeded.Read,
                "Every fact after a position, then live, as server-sent events whose id is the position."
            )
            .Produces<JournalEntry>(200, "text/event-stream")
            .IsStream();
        app.MapPost("/v1/stop", Stop)
            .Is("stop", ScopeNeeded.Admin, "Stop the server gracefully.")
            .Produces<string>(200, "text/plain");
    }

    private static IResult Stop(IHostApplicationLifetime lifetime)
    {
        lifetime.StopApplication();
        return Results.Text("stopping");
    }

    private static async Task<IResult> StatsAsync(IStatsStore stats, CancellationToken token) =>
        ApiHosting.Json(await stats.ReadAsync(token), OrchestratorJson.Compact.StatsReport);

    private static async Task<IResult> StatusAsync(
        ITaskIndex index,
        IGrainFactory grains,
        IMediatorModel model,
        SiloDiscoveryFile discovery,
        IEnumerable<IAgentRunner> runners,
        ICursorStore cursors,
        IHostRegistry registry,
        StorePulse pulse,
        TimeProvider time,
        CancellationToken token
    )
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
        return ApiHosting.Json(report, OrchestratorJson.Compact.StatusReport);
    }

    private static async Task<IResult> DoctorAsync(Doctor doctor, CancellationToken token) =>
        ApiHosting.Json(await doctor.CheckAsync(token), OrchestratorJson.Compact.DoctorReport);

    private static async Task<IResult> SecurityAsync(
        SecurityDoctor doctor,
        CancellationToken token
    ) => ApiHosting.Json(await doctor.CheckAsync(token), OrchestratorJson.Compact.DoctorReport);
}
