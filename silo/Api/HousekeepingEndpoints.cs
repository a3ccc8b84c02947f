using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Intake;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints that tidy the data directory: the server owns it, so it does the work.</summary>
internal static class HousekeepingEndpoints
{
    private const int DaysDefault = 30;
    private const int DaysMax = 3_650;

    /// <summary>Maps them.</summary>
    public static void MapHousekeeping(this WebApplication app)
    {
        app.MapPost("/v1/import", ImportAsync)
            .Is(
                "import",
                ScopeNeeded.Admin,
                "Take over a predecessor's working directory on the server's host; what is there already is left alone."
            )
            .Takes<ImportRequest>()
            .Answers<WorkReport>();
        app.MapPost("/v1/clean", CleanAsync)
            .Is(
                "clean",
                ScopeNeeded.Operate,
                "Put old task files away, or delete old artifacts and summaries, or files that were sent and never named. Facts are never deleted."
            )
            .Takes<CleanRequest>()
            .Answers<WorkReport>();
    }

    private static async Task<IResult> ImportAsync(HttpContext context, PredecessorImport import)
    {
        var body = await Bodies.ReadAsync<ImportRequest>(context);
        var (report, failure) = await import.RunAsync(
            body.Directory ?? "",
            body.DryRun,
            context.RequestAborted
        );
        return report is null
            ? ApiHosting.Problem(failure!)
            : ApiHosting.Json(report, OrchestratorJson.Compact.WorkReport);
    }

    private static async Task<IResult> CleanAsync(HttpContext context, Cleaning cleaning)
    {
        var body = await Bodies.ReadAsync<CleanRequest>(context);
        var days = body.Days ?? DaysDefault;
        if (days is < 0 or > DaysMax)
        {
            throw Bodies.Refuse($"days '{days}' must be a whole number from 0 to {DaysMax}.");
        }
        var report = body.What switch
        {
            "tasks" => await cleaning.TasksAsync(days, body.DryRun, context.RequestAborted),
            "artifacts" => await cleaning.ArtifactsAsync(days, body.DryRun, context.RequestAborted),
            "uploads" => await cleaning.UploadsAsync(days, body.DryRun, context.RequestAborted),
            _ => null,
        };
        return report is null
            ? ApiHosting.Problem(
                new Failure(
                    FailureCodes.InvalidRequest,
                    "what must be 'tasks', 'artifacts' or 'uploads'."
                )
            )
            : ApiHosting.Json(report, OrchestratorJson.Compact.WorkReport);
    }
}
