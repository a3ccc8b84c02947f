using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Health.Support;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Api;

/// <summary>The endpoint of the support bundle.</summary>
internal static class SupportEndpoint
{
    private static readonly SemaphoreSlim One = new(1);

    /// <summary>Maps it.</summary>
    public static void MapSupport(this WebApplication app) =>
        app.MapPost("/v1/support-bundle", MakeAsync)
            .Is(
                "make_support_bundle",
                ScopeNeeded.Admin,
                "One zip with logs, settings, doctor, versions and the facts of named tasks, without secrets.",
                FailureCodes.Throttled
            )
            .Takes<SupportRequest>(optional: true)
            .Produces<byte[]>(200, "application/zip");

    private static async Task<IResult> MakeAsync(
        HttpContext context,
        SupportBundle bundle,
        SettingsData data
    )
    {
        var body = await Bodies.ReadOrNullAsync<SupportRequest>(context) ?? new SupportRequest();
        var tasks = (body.Tasks ?? []).Distinct(StringComparer.Ordinal).ToList();
        if (
            tasks.Count > SupportBundle.TasksMax
            || tasks.Find(t => !SubmissionReader.IsId(t)) is not null
        )
        {
            throw Bodies.Refuse($"tasks must be at most {SupportBundle.TasksMax} ids of tasks.");
        }
        if (!await One.WaitAsync(0, context.RequestAborted))
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.Throttled,
                    "Another bundle is being made; ask again when it is done.",
                    "",
                    10
                )
            );
        }
        try
        {
            // On disk and not in memory; gone with its handle.
            var folder = Path.Combine(data.Directory, "tmp");
            RunFolders.Private(folder);
#pragma warning disable CA2000 // the answer's, or let go below
            var file = new FileStream(
                Path.Combine(folder, "doctor-bundle-" + Guid.NewGuid().ToString("N")),
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.None,
                64 * 1024,
                FileOptions.DeleteOnClose | FileOptions.Asynchronous
            );
#pragma warning restore CA2000
            try
            {
                await bundle.WriteAsync(file, tasks, live: true, context.RequestAborted);
                file.Position = 0;
                return Results.Stream(file, "application/zip", "orchestrator-support.zip");
            }
            catch
            {
                await file.DisposeAsync();
                throw;
            }
        }
        finally
        {
            One.Release();
        }
    }
}
