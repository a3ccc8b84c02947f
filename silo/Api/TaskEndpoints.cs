using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints of tasks.</summary>
internal static class TaskEndpoints
{
    private const int PageDefault = 50;

    /// <summary>Maps them.</summary>
    public static void MapTasks(this WebApplication app)
    {
        app.MapPost("/v1/tasks", SubmitAsync);
        app.MapGet("/v1/tasks", ListAsync);
        app.MapGet("/v1/tasks/{id}", GetAsync);
        app.MapGet("/v1/tasks/{id}/diff", DiffAsync);
        app.MapGet("/v1/tasks/{id}/facts", FactsAsync);
        app.MapGet("/v1/tasks/{id}/events", FactStream.OfTaskAsync);
        app.MapGet("/v1/tasks/{id}/explain", ExplainAsync);
        app.MapPost(
            "/v1/tasks/{id}/cancel",
            (HttpContext c, string id) =>
                ActAsync(c, id, (g, by, a) => g.CancelAsync(by, a.Reason ?? "", c.RequestAborted))
        );
        app.MapPost(
            "/v1/tasks/{id}/retry",
            (HttpContext c, string id) =>
                ActAsync(c, id, (g, by, _) => g.RetryAsync(by, c.RequestAborted))
        );
        app.MapPost(
            "/v1/tasks/{id}/resume",
            (HttpContext c, string id) =>
                ActAsync(c, id, (g, by, _) => g.ResumeAsync(by, c.RequestAborted))
        );
        app.MapPost(
            "/v1/tasks/{id}/approve",
            (HttpContext c, string id) =>
                ActAsync(
                    c,
                    id,
                    (g, by, a) => g.AnswerAsync(by, true, a.Reason ?? "", c.RequestAborted)
                )
        );
        app.MapPost(
            "/v1/tasks/{id}/reject",
            (HttpContext c, string id) =>
                ActAsync(
                    c,
                    id,
                    (g, by, a) => g.AnswerAsync(by, false, a.Reason ?? "", c.RequestAborted)
                )
        );
    }

    private static async Task<IResult> SubmitAsync(
        HttpContext context,
        IGrainFactory grains,
        TimeProvider time
    )
    {
        var body = await JsonSerializer.DeserializeAsync(
            context.Request.Body,
            OrchestratorJson.Default.SubmitRequest,
            context.RequestAborted
        );
        if (body is null)
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.InvalidRequest,
                    "The body is null; send a JSON object with 'request'."
                )
            );
        }
        var requester = (string)context.Items[Authentication.Requester]!;
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length > 200)
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.InvalidRequest,
                    "The Idempotency-Key has more than 200 characters."
                )
            );
        }
        var (spec, failure) = SubmissionReader.Read(body, requester, key);
        if (spec is null)
        {
            return ApiHosting.Problem(failure!);
        }
        var id =
            body.Id ?? (key.Length > 0 ? FromKey(requester, key) : TaskUlid.New(time.GetUtcNow()));
        var answer = await grains
            .GetGrain<ITaskGrain>(id)
            .SubmitAsync(spec, context.RequestAborted);
        return answer.Failure is { } refusal
            ? ApiHosting.Problem(refusal)
            : ApiHosting.Json(
                new SubmitAnswer(answer.Snapshot!, answer.AlreadyThere),
                OrchestratorJson.Compact.SubmitAnswer,
                answer.AlreadyThere ? 200 : 201
            );
    }

    private static string FromKey(string requester, string key) =>
        TaskIds.Prefix
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(requester + "\n" + key)))[
            ..26
        ];

    private static async Task<IResult> ListAsync(
        ITaskIndex index,
        string? phase,
        string? requester,
        string? after,
        int? max,
        CancellationToken token
    )
    {
        TaskPhase? wanted = null;
        if (phase is { Length: > 0 })
        {
            if (
                !Enum.TryParse<TaskPhase>(
                    phase.Replace("_", "", StringComparison.Ordinal),
                    ignoreCase: true,
                    out var parsed
                )
            )
            {
                return ApiHosting.Problem(
                    new Failure(
                        FailureCodes.InvalidRequest,
                        $"phase '{phase}' is unknown; known: {string.Join(", ", Enum.GetNames<TaskPhase>())}."
                    )
                );
            }
            wanted = parsed;
        }
        return ApiHosting.Json(
            await index.ListAsync(wanted, requester, after, max ?? PageDefault, token),
            OrchestratorJson.Compact.TaskPage
        );
    }

    private static async Task<IResult> GetAsync(
        IGrainFactory grains,
        string id,
        CancellationToken token
    )
    {
        var snapshot = SubmissionReader.IsId(id)
            ? await grains.GetGrain<ITaskGrain>(id).GetAsync(token)
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
        return Results.Bytes(patch ?? ReadOnlyMemory<byte>.Empty, "text/x-diff");
    }

    private static async Task<IResult> FactsAsync(
        IJournal journal,
        string id,
        long? after,
        int? max,
        CancellationToken token
    )
    {
        var facts = await journal.ReadTaskAsync(
            id,
            after ?? 0,
            Math.Clamp(max ?? 200, 1, 1_000),
            token
        );
        return ApiHosting.Json(
            new FactPage(facts, facts.Count > 0 ? facts[^1].Sequence : after ?? 0),
            OrchestratorJson.Compact.FactPage
        );
    }

    private static async Task<IResult> ExplainAsync(
        IGrainFactory grains,
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
        var queue = await grains.GetGrain<IQueueGrain>(TaskEffects.Pool).ExplainAsync(id, token);
        return ApiHosting.Json(
            TaskExplainer.Explain(snapshot, queue),
            OrchestratorJson.Compact.Explanation
        );
    }

    private static async Task<IResult> ActAsync(
        HttpContext context,
        string id,
        Func<ITaskGrain, string, ActRequest, Task<TaskAnswer>> act
    )
    {
        if (!SubmissionReader.IsId(id))
        {
            return ApiHosting.Problem(NotFound(id));
        }
        var body = context.Request.ContentLength is null or 0
            ? new ActRequest()
            : await JsonSerializer.DeserializeAsync(
                context.Request.Body,
                OrchestratorJson.Default.ActRequest,
                context.RequestAborted
            ) ?? new ActRequest();
        var grains = context.RequestServices.GetRequiredService<IGrainFactory>();
        var answer = await act(
            grains.GetGrain<ITaskGrain>(id),
            (string)context.Items[Authentication.Requester]!,
            body
        );
        return answer.Failure is { } failure
            ? ApiHosting.Problem(failure)
            : ApiHosting.Json(answer.Snapshot!, OrchestratorJson.Compact.TaskSnapshot);
    }

    private static Failure NotFound(string id) =>
        new(
            FailureCodes.NotFound,
            $"There is no task '{(id.Length > 80 ? id[..80] : id)}'. 'orchestrator list' shows the tasks there are."
        );
}

/// <summary>New ids: <c>task_</c> + ULID, sortable by time.</summary>
internal static class TaskUlid
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>An id for this instant; 80 random bits.</summary>
    public static string New(DateTimeOffset now)
    {
        Span<char> text = stackalloc char[26];
        var time = now.ToUnixTimeMilliseconds();
        for (var i = 9; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(time & 31)];
            time >>= 5;
        }
        for (var i = 10; i < 26; i++)
        {
            text[i] = Alphabet[RandomNumberGenerator.GetInt32(32)];
        }
        return string.Concat(TaskIds.Prefix, text);
    }
}
