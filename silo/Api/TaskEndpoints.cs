using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Artifacts;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints of tasks.</summary>
internal static partial class TaskEndpoints
{
    private const int PageDefault = 50;
    private const int PageMax = 1_000;
    private const int FactsDefault = 200;

    /// <summary>Maps them.</summary>
    public static void MapTasks(this WebApplication app)
    {
        app.MapPost("/v1/tasks", SubmitAsync)
            .Is(
                "submit_task",
                ScopeNeeded.Submit,
                "Submit a task. 201 when it is new; 200 with already_there when the same requester, Idempotency-Key and content made it before; the same key or id with another content is a conflict.",
                FailureCodes.Conflict,
                FailureCodes.QueueFull
            )
            .Takes<SubmitRequest>()
            .Answers<SubmitAnswer>(200, 201);
        app.MapGet("/v1/tasks", ListAsync)
            .Is(
                "list_tasks",
                ScopeNeeded.Read,
                "Tasks, newest first. Hand 'next' back as 'after' for the next page. With 'requester', 'type', 'priority', 'host' or 'text' (title, id, requester, repository, host) at most 5,000 are looked through for a page, which may be short or empty and have a 'next' all the same."
            )
            .Answers<TaskPage>();
        app.MapGet("/v1/tasks/{id}", GetAsync)
            .Is("get_task", ScopeNeeded.Read, "Where a task is.", FailureCodes.NotFound)
            .Answers<TaskSnapshot>();
        app.MapGet("/v1/tasks/{id}/diff", DiffAsync)
            .Is(
                "get_diff",
                ScopeNeeded.Read,
                "The real diff of a task's work, as git prints it.",
                FailureCodes.NotFound
            )
            .Produces<string>(200, "text/x-diff");
        app.MapGet("/v1/tasks/{id}/facts", FactsAsync)
            .Is(
                "get_facts",
                ScopeNeeded.Read,
                "A task's facts after a number, at most 1,000.",
                FailureCodes.NotFound
            )
            .Answers<FactPage>();
        app.MapGet("/v1/tasks/{id}/events", WatchAsync)
            .Is(
                "watch_task",
                ScopeNeeded.Read,
                "A task's facts after a number, then live, as server-sent events; Last-Event-ID resumes without a gap.",
                FailureCodes.NotFound
            )
            .Produces<JournalEntry>(200, "text/event-stream")
            .IsStream();
        app.MapGet("/v1/tasks/{id}/explain", ExplainAsync)
            .Is(
                "explain_task",
                ScopeNeeded.Read,
                "Why a task is where it is, and what a person can do.",
                FailureCodes.NotFound
            )
            .Answers<Explanation>();
        MapAct(
            app,
            "cancel",
            "Stop a task.",
            (g, by, a, t) => g.CancelAsync(by, a.Reason ?? "", t)
        );
        MapAct(
            app,
            "retry",
            "Start another turn of an ended task.",
            (g, by, _, t) => g.RetryAsync(by, t)
        );
        MapAct(app, "resume", "Resume a paused task.", (g, by, _, t) => g.ResumeAsync(by, t));
    }

    private static void MapAct(
        WebApplication app,
        string verb,
        string summary,
        Func<ITaskGrain, string, ActRequest, CancellationToken, Task<TaskAnswer>> act
    ) =>
        app.MapPost($"/v1/tasks/{{id}}/{verb}", (HttpContext c, string id) => ActAsync(c, id, act))
            .Is(
                verb + "_task",
                ScopeNeeded.Operate,
                summary,
                FailureCodes.NotFound,
                FailureCodes.NotPossibleNow
            )
            .Takes<ActRequest>(optional: true)
            .Answers<TaskSnapshot>();

    private static async Task<IResult> SubmitAsync(
        HttpContext context,
        IGrainFactory grains,
        TaskFolder folders,
        SentFiles sent,
        TimeProvider time,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey
    )
    {
        var body = await Bodies.ReadAsync<SubmitRequest>(context);
        var requester = (string)context.Items[Authentication.Requester]!;
        var key = Bodies.Key(idempotencyKey);
        var (spec, failure) = Submissions.Read(body, requester, key, folders);
        if (spec is null)
        {
            return ApiHosting.Problem(failure!);
        }
        var (files, missing) = await sent.LookAtAsync(spec.Attachments, context.RequestAborted);
        if (missing is not null)
        {
            return ApiHosting.Problem(missing);
        }
        spec = spec with { Attachments = files, TraceParent = Submissions.CallerOf(context) };
        var id =
            body.Id
            ?? (key.Length > 0 ? Submissions.IdOf(requester, key) : TaskUlid.New(time.GetUtcNow()));
        return await Submissions.SubmitAsync(grains, id, spec, context.RequestAborted);
    }

    private static async Task<IResult> ListAsync(
        TaskSearch search,
        string? phase,
        string? requester,
        string? type,
        string? priority,
        string? host,
        string? text,
        string? after,
        string? max,
        CancellationToken token
    )
    {
        var count = (int)Bodies.Number("max", max, PageDefault, 1, PageMax);
        if (after is { Length: > 0 } && !Cursor().IsMatch(after))
        {
            throw Bodies.Refuse(
                $"after '{(after.Length > 60 ? after[..60] + "…" : after)}' is no cursor; hand back 'next' of the page before, unchanged."
            );
        }
        if (text?.Length > TaskFilter.TextMax)
        {
            throw Bodies.Refuse($"text has more than {TaskFilter.TextMax} characters.");
        }
        var filter = new TaskFilter(
            Named<TaskPhase>("phase", phase),
            requester ?? "",
            Named<TaskKind>("type", type),
            Named<TaskPriority>("priority", priority),
            host ?? "",
            text ?? ""
        );
        return ApiHosting.Json(
            await search.FindAsync(filter, after, count, token),
            OrchestratorJson.Compact.TaskPage
        );
    }

    private static T? Named<T>(string name, string? value)
        where T : struct, Enum =>
        string.IsNullOrEmpty(value)
            ? null
            : TaskSearch.Named<T>(value)
                ?? throw Bodies.Refuse(
                    $"{name} '{(value.Length > 60 ? value[..60] + "…" : value)}' is unknown; known: {string.Join(", ", Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName))}."
                );

    private static async Task<IResult> GetAsync(
        IGrainFactory grains,
        ExportFolder exports,
        string id,
        CancellationToken token
    )
    {
        var snapshot = SubmissionReader.IsId(id)
            ? await grains.GetGrain<ITaskGrain>(id).GetAsync(token)
                ?? await exports.FindImportedAsync(id, token)
            : null;
        return snapshot is null
            ? ApiHosting.Problem(NotFound(id))
            : ApiHosting.Json(snapshot, OrchestratorJson.Compact.TaskSnapshot);
    }

    private static async Task<IResult> DiffAsync(
        IGrainFactory grains,
        IBlobStore blobs,
        string id,
        CancellationToken token
    )
    {
        var snapshot = SubmissionReader.IsId(id)
            ? await grains.GetGrain<ITaskGrain>(id).GetAsync(token)
            : null;
        if (snapshot is null)
        {
            return ApiHosting.Problem(NotFound(id));
        }
        var patch = snapshot.Result?.Diff.PatchBlob is { Length: > 0 } blob
            ? await blobs.GetAsync(blob, token)
            : ReadOnlyMemory<byte>.Empty;
        return new RedactedText(
            System.Text.Encoding.UTF8.GetString((patch ?? ReadOnlyMemory<byte>.Empty).Span),
            "text/x-diff",
            StatusCodes.Status200OK
        );
    }

    private static async Task<IResult> FactsAsync(
        IGrainFactory grains,
        IJournal journal,
        ExportFolder exports,
        string id,
        string? after,
        string? max,
        CancellationToken token
    )
    {
        var from = Bodies.Number("after", after, 0, 0, long.MaxValue);
        var count = (int)Bodies.Number("max", max, FactsDefault, 1, PageMax);
        if (
            !await IsThereAsync(grains, id, token)
            && await exports.FindImportedAsync(id, token) is null
        )
        {
            return ApiHosting.Problem(NotFound(id));
        }
        var facts = await journal.ReadTaskAsync(id, from, count, token);
        return ApiHosting.Json(
            new FactPage(facts, facts.Count > 0 ? facts[^1].Sequence : from),
            OrchestratorJson.Compact.FactPage
        );
    }

    private static async Task WatchAsync(
        HttpContext context,
        IGrainFactory grains,
        FactStream streams,
        string id,
        string? after,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId
    )
    {
        if (!await IsThereAsync(grains, id, context.RequestAborted))
        {
            await ApiHosting.Problem(NotFound(id)).ExecuteAsync(context);
            return;
        }
        await streams.OfTaskAsync(context, id, after, lastEventId);
    }

    // The system log has no grain of its own.
    private static async Task<bool> IsThereAsync(
        IGrainFactory grains,
        string id,
        CancellationToken token
    ) =>
        id == TaskIds.System
        || (
            SubmissionReader.IsId(id)
            && await grains.GetGrain<ITaskGrain>(id).GetAsync(token) is not null
        );

    private static async Task<IResult> ExplainAsync(
        IGrainFactory grains,
        StorePulse pulse,
        string id,
        CancellationToken token
    )
    {
        var snapshot = SubmissionReader.IsId(id)
            ? await grains.GetGrain<ITaskGrain>(id).GetAsync(token)
            : null;
        if (snapshot is null)
        {
            return ApiHosting.Problem(NotFound(id));
        }
        return ApiHosting.Json(
            await TaskExplanations.OfAsync(grains, pulse, snapshot, token),
            OrchestratorJson.Compact.Explanation
        );
    }

    private static async Task<IResult> ActAsync(
        HttpContext context,
        string id,
        Func<ITaskGrain, string, ActRequest, CancellationToken, Task<TaskAnswer>> act
    )
    {
        if (!SubmissionReader.IsId(id))
        {
            return ApiHosting.Problem(NotFound(id));
        }
        var body = await Bodies.ReadOrNullAsync<ActRequest>(context) ?? new ActRequest();
        var grains = context.RequestServices.GetRequiredService<IGrainFactory>();
        var answer = await act(
            grains.GetGrain<ITaskGrain>(id),
            (string)context.Items[Authentication.Requester]!,
            body,
            context.RequestAborted
        );
        return answer.Failure is not { } failure
                ? ApiHosting.Json(answer.Snapshot!, OrchestratorJson.Compact.TaskSnapshot)
            : failure.Code == FailureCodes.NotFound ? ApiHosting.Problem(NotFound(id))
            : ApiHosting.Problem(failure);
    }

    /// <summary>No such task.</summary>
    public static Failure NotFound(string id) =>
        new(
            FailureCodes.NotFound,
            $"There is no task '{(id.Length > 80 ? id[..80] : id)}'. 'orchestrator list' shows the tasks there are."
        );

    [GeneratedRegex(@"^[0-9]{1,19}\.[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex Cursor();
}
