using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Health;

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
        app.MapPost("/v1/doctor", TryAsync)
            .Is(
                "run_doctor",
                ScopeNeeded.Operate,
                "The same checks; first what is safe to repair, when asked; with one real call of the agent, when asked, which costs a few tokens."
            )
            .Takes<DoctorRequest>(optional: true)
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
                "Every fact after a position, then live, as server-sent events whose id is the position. With brief=true a line only says which fact of which task, of several that come at once only the last, and steps of agents are left out: for who reads anew when something happened."
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

    private static async Task<IResult> StatusAsync(ServerStatus status, CancellationToken token) =>
        ApiHosting.Json(await status.ReadAsync(token), OrchestratorJson.Compact.StatusReport);

    private static async Task<IResult> DoctorAsync(Doctor doctor, CancellationToken token) =>
        ApiHosting.Json(
            await doctor.CheckAsync(new DoctorVisit(Live: true, TryLogin: false), token),
            OrchestratorJson.Compact.DoctorReport
        );

    private static async Task<IResult> TryAsync(
        HttpContext context,
        Doctor doctor,
        DoctorFixes fixes
    )
    {
        var body = await Bodies.ReadOrNullAsync<DoctorRequest>(context) ?? new DoctorRequest();
        var done = body.Fix ? fixes.Run(live: true) : null;
        var report = await doctor.CheckAsync(
            new DoctorVisit(Live: true, body.Login),
            context.RequestAborted
        );
        return ApiHosting.Json(report with { Fixes = done }, OrchestratorJson.Compact.DoctorReport);
    }

    private static async Task<IResult> SecurityAsync(
        SecurityDoctor doctor,
        CancellationToken token
    ) => ApiHosting.Json(await doctor.CheckAsync(token), OrchestratorJson.Compact.DoctorReport);
}
