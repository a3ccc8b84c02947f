using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Artifacts;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints of talking to a task: replies, forks, the conversation, files sent along.</summary>
internal static class TalkEndpoints
{
    /// <summary>The one path whose body is a file's content.</summary>
    public const string AttachmentsPath = "/v1/attachments";

    /// <summary>What such a body says it is. No page of another site can send it unasked.</summary>
    public const string FileType = "application/octet-stream";

    private const int EntriesDefault = 100;
    private const int EntriesMax = 1_000;
    private const int FactsPage = 1_000;

    /// <summary>Maps them.</summary>
    public static void MapTalk(this WebApplication app)
    {
        app.MapPost("/v1/tasks/{id}/reply", ReplyAsync)
            .Is(
                "reply_to_task",
                ScopeNeeded.Submit,
                "Continue a task: the reply becomes its next turn, at once where the task rests, else when what is under way has ended (or now, with interrupt). Sent again with the same Idempotency-Key it counts once.",
                FailureCodes.NotFound,
                FailureCodes.NotPossibleNow,
                FailureCodes.Conflict,
                FailureCodes.QueueFull,
                FailureCodes.PolicyDenied
            )
            .Takes<ReplyRequest>()
            .Answers<ReplyAnswer>();
        app.MapPost("/v1/tasks/{id}/fork", ForkAsync)
            .Is(
                "fork_task",
                ScopeNeeded.Submit,
                "Submit a new task that begins from the end of a turn of this one: its work so far, its constraints and what it knew.",
                FailureCodes.NotFound,
                FailureCodes.NotPossibleNow,
                FailureCodes.Conflict,
                FailureCodes.QueueFull
            )
            .Takes<ForkRequest>()
            .Answers<SubmitAnswer>(200, 201);
        app.MapGet("/v1/tasks/{id}/conversation", ConversationAsync)
            .Is(
                "get_conversation",
                ScopeNeeded.Read,
                "What was said in a task after an entry's number, oldest first, at most 1,000 entries. Hand 'next' back as 'after'.",
                FailureCodes.NotFound
            )
            .Answers<ConversationPage>();
        app.MapGet("/v1/tasks/{id}/conversation.md", MarkdownAsync)
            .Is(
                "get_conversation_markdown",
                ScopeNeeded.Read,
                "The whole conversation of a task as Markdown.",
                FailureCodes.NotFound
            )
            .Produces<string>(200, "text/markdown");
        app.MapPost(AttachmentsPath, AttachAsync)
            .Is(
                "upload_attachment",
                ScopeNeeded.Submit,
                "Store a file to send along with a request or a reply: text (UTF-8), PNG, JPEG, GIF, WebP or PDF, at most 20 MiB. The body is its content.",
                FailureCodes.StorageFailed
            )
            .Accepts<string>(FileType)
            .Answers<Attachment>();
    }

    private static async Task<IResult> ReplyAsync(
        HttpContext context,
        IGrainFactory grains,
        SentFiles sent,
        TimeProvider time,
        string id,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey
    )
    {
        var body = await Bodies.ReadAsync<ReplyRequest>(context);
        if (!SubmissionReader.IsId(id))
        {
            return ApiHosting.Problem(TaskEndpoints.NotFound(id));
        }
        var requester = (string)context.Items[Authentication.Requester]!;
        var key = Bodies.Key(idempotencyKey);
        var (reply, failure) = ReplyReader.Read(
            body,
            new ReplySender(
                key.Length > 0
                    ? Submissions.HashOf(requester, key)
                    : TaskUlid.New(time.GetUtcNow()),
                requester,
                body.Source == "cli" ? "cli" : "http",
                context.Connection.RemoteIpAddress?.ToString() ?? ""
            )
        );
        if (reply is null)
        {
            return ApiHosting.Problem(failure!);
        }
        var (files, missing) = await sent.LookAtAsync(reply.Attachments, context.RequestAborted);
        if (missing is not null)
        {
            return ApiHosting.Problem(missing);
        }
        var answer = await grains
            .GetGrain<ITaskGrain>(id)
            .ReplyAsync(
                reply with
                {
                    Attachments = files,
                    TraceParent = Submissions.CallerOf(context),
                },
                context.RequestAborted
            );
        return answer.Failure is { Code: FailureCodes.NotFound }
                ? ApiHosting.Problem(await MissingAsync(context, id))
            : answer.Failure is { } refusal ? ApiHosting.Problem(refusal)
            : ApiHosting.Json(
                new ReplyAnswer(answer.Snapshot!, reply.Id, answer.Snapshot!.RepliesWaiting > 0),
                OrchestratorJson.Compact.ReplyAnswer
            );
    }

    // Taken over from the predecessor there is an artifact, and nothing that a turn could go on from.
    private static async Task<Failure> MissingAsync(HttpContext context, string id) =>
        SubmissionReader.IsId(id)
        && await context
            .RequestServices.GetRequiredService<ExportFolder>()
            .FindImportedAsync(id, context.RequestAborted)
            is not null
            ? new Failure(
                FailureCodes.NotPossibleNow,
                $"The task '{id}' was imported: only its artifact is there, no work and no conversation to go on from. Submit what is wanted as a new request; 'orchestrator show {id}' has what it answered."
            )
            : TaskEndpoints.NotFound(id);

    private static async Task<IResult> ForkAsync(
        HttpContext context,
        IGrainFactory grains,
        IJournal journal,
        TimeProvider time,
        string id,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey
    )
    {
        var body = await Bodies.ReadAsync<ForkRequest>(context);
        if (
            !SubmissionReader.IsId(id)
            || await grains.GetGrain<ITaskGrain>(id).GetAsync(context.RequestAborted) is null
        )
        {
            return ApiHosting.Problem(await MissingAsync(context, id));
        }
        var requester = (string)context.Items[Authentication.Requester]!;
        var key = Bodies.Key(idempotencyKey);
        var parent = ForkReader.StateAfter(
            await FactsAsync(journal, id, context.RequestAborted),
            body.Turn
        );
        var (spec, failure) = ForkReader.Read(id, parent, body, requester, key);
        if (spec is null)
        {
            return ApiHosting.Problem(failure!);
        }
        var own =
            body.Id
            ?? (
                key.Length > 0
                    ? Submissions.IdOf(requester, id + "\n" + key)
                    : TaskUlid.New(time.GetUtcNow())
            );
        return await Submissions.SubmitAsync(
            grains,
            own,
            spec with
            {
                TraceParent = Submissions.CallerOf(context),
            },
            context.RequestAborted
        );
    }

    private static async Task<IResult> ConversationAsync(
        IGrainFactory grains,
        string id,
        string? after,
        string? max,
        CancellationToken token
    )
    {
        var from = (int)Bodies.Number("after", after, 0, 0, int.MaxValue);
        var count = (int)Bodies.Number("max", max, EntriesDefault, 1, EntriesMax);
        var page = SubmissionReader.IsId(id)
            ? await grains.GetGrain<IConversationGrain>(id).ReadAsync(from, count, token)
            : null;
        return page is null
            ? ApiHosting.Problem(TaskEndpoints.NotFound(id))
            : ApiHosting.Json(page, OrchestratorJson.Compact.ConversationPage);
    }

    private static async Task<IResult> MarkdownAsync(
        IGrainFactory grains,
        string id,
        CancellationToken token
    )
    {
        var entries = new List<ConversationEntry>();
        int? next = 0;
        while (SubmissionReader.IsId(id) && next is { } after)
        {
            var page = await grains
                .GetGrain<IConversationGrain>(id)
                .ReadAsync(after, EntriesMax, token);
            entries.AddRange(page?.Entries ?? []);
            next = page?.Next;
        }
        return entries.Count == 0
            ? ApiHosting.Problem(TaskEndpoints.NotFound(id))
            : new RedactedText(
                ConversationText.Markdown(id, entries),
                "text/markdown",
                StatusCodes.Status200OK
            );
    }

    private static async Task<IResult> AttachAsync(
        HttpContext context,
        IUploadStore uploads,
        TimeProvider time,
        string? name
    )
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = Attachment.BytesMax + 1;
        }
        if (context.Request.ContentLength > Attachment.BytesMax)
        {
            return ApiHosting.Problem(
                AttachmentRules.TooLarge(name ?? ""),
                StatusCodes.Status413PayloadTooLarge
            );
        }
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var content = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        var (_, failure) = AttachmentRules.Read(name ?? "", content.Span, "");
        if (failure is not null)
        {
            return ApiHosting.Problem(failure);
        }
        var blob = await uploads.PutAsync(content, time.GetUtcNow(), context.RequestAborted);
        return ApiHosting.Json(
            AttachmentRules.Read(name ?? "", content.Span, blob).Attachment!,
            OrchestratorJson.Compact.Attachment
        );
    }

    /// <summary>All facts of a task, in order.</summary>
    public static async Task<List<JournalEntry>> FactsAsync(
        IJournal journal,
        string id,
        CancellationToken token
    )
    {
        var facts = new List<JournalEntry>();
        IReadOnlyList<JournalEntry> page;
        do
        {
            page = await journal.ReadTaskAsync(
                id,
                facts.Count > 0 ? facts[^1].Sequence : 0,
                FactsPage,
                token
            );
            facts.AddRange(page);
        } while (page.Count == FactsPage);
        return facts;
    }
}
