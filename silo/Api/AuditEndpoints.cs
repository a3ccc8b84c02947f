using System.Globalization;
using Orchestrator.Decisions.Audit;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Audit;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints for auditors.</summary>
internal static partial class AuditEndpoints
{
    private const int PageDefault = 200;
    private const int PageMax = 1_000;

    /// <summary>Maps them.</summary>
    public static void MapAudit(this WebApplication app)
    {
        app.MapGet("/v1/tasks/{id}/audit", TaskAsync)
            .Is(
                "audit_task",
                ScopeNeeded.Read,
                "Who asked, who approved, what was ruled and done: every fact of a task in words, with its hash, and whether the task's chain of hashes verifies. At most 1,000 at once; hand 'next' back as 'after'.",
                FailureCodes.NotFound
            )
            .Answers<AuditReport>();
        app.MapGet("/v1/audit/export", ExportAsync)
            .Is(
                "export_audit",
                ScopeNeeded.Audit,
                "Facts as they are stored, not redacted, with their hashes: one JSON object a line, between a header and an end. 'since' and 'until' are instants (ISO 8601 with Z or an offset), 'task' a task's id. 'orchestrator audit verify' checks it without a server; without its last line it was cut.",
                FailureCodes.NotFound
            )
            .Produces<string>(200, "application/x-ndjson")
            .IsStream();
    }

    private static async Task<IResult> TaskAsync(
        IJournal journal,
        string id,
        string? after,
        string? max,
        CancellationToken token
    )
    {
        var from = Bodies.Number("after", after, 0, 0, long.MaxValue);
        var count = (int)Bodies.Number("max", max, PageDefault, 1, PageMax);
        if (!await IsThereAsync(journal, id, token))
        {
            return ApiHosting.Problem(TaskEndpoints.NotFound(id));
        }
        var facts = await journal.ReadChainedAsync(id, from, count + 1, token);
        var entries = facts
            .Take(count)
            .Select(f => AuditText.Entry(f.Sequence, f.Position, f.Payload, f.Hash.Span))
            .ToList();
        return ApiHosting.Json(
            new AuditReport(
                id,
                entries,
                facts.Count > count ? entries[^1].Sequence : null,
                await journal.VerifyChainAsync(id, token)
            ),
            OrchestratorJson.Compact.AuditReport
        );
    }

    private static async Task ExportAsync(
        HttpContext context,
        AuditExport export,
        IJournal journal,
        ILogger<AuditExport> logger,
        string? since,
        string? until,
        string? task
    )
    {
        var token = context.RequestAborted;
        var id = string.IsNullOrEmpty(task) ? null : task;
        if (id is not null && !await IsThereAsync(journal, id, token))
        {
            await ApiHosting.Problem(TaskEndpoints.NotFound(id)).ExecuteAsync(context);
            return;
        }
        var range = await export.FindAsync(
            id,
            Instant("since", since),
            Instant("until", until),
            token
        );
        LogExport(
            logger,
            (string)context.Items[Authentication.Requester]!,
            range.To - range.After,
            id ?? "all tasks"
        );
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.ContentDisposition = "attachment; filename=audit.ndjson";
        try
        {
            await export.WriteAsync(range, context.Response.Body, token);
        }
        catch (StorageException) when (context.Response.HasStarted)
        {
            // What was sent cannot be taken back: a cut connection says that it is not the whole.
            context.Abort();
        }
    }

    private static async Task<bool> IsThereAsync(
        IJournal journal,
        string id,
        CancellationToken token
    ) =>
        (id == TaskIds.System || SubmissionReader.IsId(id))
        && (await journal.ReadTaskAsync(id, 0, 1, token)).Count > 0;

    private static DateTimeOffset? Instant(string name, string? text) =>
        string.IsNullOrEmpty(text) ? null
        : DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var instant
        )
            ? instant
        : throw Bodies.Refuse(
            $"{name} '{(text.Length > 60 ? text[..60] + "…" : text)}' is no instant. Example: 2026-01-31T00:00:00Z."
        );

    [LoggerMessage(
        2601,
        LogLevel.Information,
        "Audit export by {Requester}: {Records} facts of {Of}"
    )]
    private static partial void LogExport(
        ILogger logger,
        string requester,
        long records,
        string of
    );
}
