using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Intake;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints of approvals and guarded diffs.</summary>
internal static class GuardedEndpoints
{
    private const int HashMax = 64;

    /// <summary>Maps them.</summary>
    public static void MapGuarded(this WebApplication app)
    {
        MapAnswer(app, "approve", "Say yes to what a task asks.", true);
        MapAnswer(app, "reject", "Say no to what a task asks.", false);
        app.MapPost("/v1/tasks/{id}/apply-guarded", ApplyAsync)
            .Is(
                "apply_guarded",
                ScopeNeeded.Operate,
                "Bring a task's approved diff into its repository. It begins at once and is finished even after a crash; 'guarded.step' of the task says how it ends.",
                FailureCodes.NotFound,
                FailureCodes.NotPossibleNow,
                FailureCodes.NeedsApproval,
                FailureCodes.PolicyDenied
            )
            .Takes<ApplyRequest>(optional: true)
            .Answers<TaskSnapshot>();
        app.MapPost("/v1/tasks/{id}/hand-over", HandOverAsync)
            .Is(
                "hand_over_task",
                ScopeNeeded.Operate,
                "Hand what a task asks to somebody else who may answer it. Others who may still can.",
                FailureCodes.NotFound,
                FailureCodes.NotPossibleNow,
                FailureCodes.PolicyDenied
            )
            .Takes<HandOverRequest>()
            .Answers<TaskSnapshot>();
        app.MapPost("/v1/tasks/{id}/restage", RestageAsync)
            .Is(
                "restage_task",
                ScopeNeeded.Operate,
                "Bring a task's guarded diff onto the branch as it is now, check it again and ask for approval again.",
                FailureCodes.NotFound,
                FailureCodes.NotPossibleNow
            )
            .Takes<ActRequest>(optional: true)
            .Answers<TaskSnapshot>();
    }

    private static void MapAnswer(WebApplication app, string verb, string summary, bool yes) =>
        app.MapPost(
                $"/v1/tasks/{{id}}/{verb}",
                (HttpContext c, string id) => AnswerAsync(c, id, yes)
            )
            .Is(
                verb + "_task",
                ScopeNeeded.Operate,
                summary
                    + " 'hash' names the diff or the question that was looked at: another one is a conflict.",
                FailureCodes.NotFound,
                FailureCodes.NotPossibleNow,
                FailureCodes.Conflict,
                FailureCodes.PolicyDenied
            )
            .Takes<ActRequest>(optional: true)
            .Answers<TaskSnapshot>();

    private static async Task<IResult> AnswerAsync(HttpContext context, string id, bool yes)
    {
        var body = await Bodies.ReadOrNullAsync<ActRequest>(context) ?? new ActRequest();
        if (body.Hash is { } hash && (hash.Length > HashMax || !hash.All(char.IsAsciiHexDigit)))
        {
            throw Bodies.Refuse(
                "hash is the diff's or the question's SHA-256 in hex digits, whole or its first 12 or more."
            );
        }
        return await TellAsync(
            context,
            id,
            grain =>
                grain.DecideAsync(
                    new ApprovalAnswer(
                        Requester(context),
                        yes,
                        body.Reason ?? "",
                        body.Hash ?? "",
                        Door(context)
                    ),
                    context.RequestAborted
                ),
            // Who tried to answer what is not theirs stands in the log, as it does for chats.
            failure =>
                failure.Code == FailureCodes.PolicyDenied
                    ? context
                        .RequestServices.GetRequiredService<DoorRefusals>()
                        .RecordAsync(
                            "http",
                            $"{Requester(context)}: {(yes ? "approve" : "reject")} {id}",
                            failure
                        )
                    : Task.CompletedTask
        );
    }

    private static async Task<IResult> ApplyAsync(HttpContext context, string id)
    {
        var body = await Bodies.ReadOrNullAsync<ApplyRequest>(context) ?? new ApplyRequest();
        return await TellAsync(
            context,
            id,
            grain =>
                grain.ApplyAsync(
                    Requester(context),
                    body.ThreeWay,
                    Door(context),
                    context.RequestAborted
                )
        );
    }

    private static async Task<IResult> HandOverAsync(HttpContext context, string id)
    {
        var body = await Bodies.ReadAsync<HandOverRequest>(context);
        if (body.To is not { Length: > 0 and <= 100 } to || body.Reason?.Length > 1_000)
        {
            throw Bodies.Refuse(
                "to must name who is to answer, in 1 to 100 characters; reason may have 1,000."
            );
        }
        return await TellAsync(
            context,
            id,
            grain =>
                grain.HandOverAsync(
                    Requester(context),
                    to,
                    body.Reason ?? "",
                    context.RequestAborted
                )
        );
    }

    private static async Task<IResult> RestageAsync(HttpContext context, string id)
    {
        await Bodies.ReadOrNullAsync<ActRequest>(context); // nothing in it matters; what is no such body is refused
        return await TellAsync(
            context,
            id,
            grain => grain.RestageAsync(Requester(context), context.RequestAborted)
        );
    }

    private static async Task<IResult> TellAsync(
        HttpContext context,
        string id,
        Func<ITaskGrain, Task<TaskAnswer>> tell,
        Func<Failure, Task>? refused = null
    )
    {
        if (!SubmissionReader.IsId(id))
        {
            return ApiHosting.Problem(TaskEndpoints.NotFound(id));
        }
        var grains = context.RequestServices.GetRequiredService<IGrainFactory>();
        var answer = await tell(grains.GetGrain<ITaskGrain>(id));
        if (refused is not null && answer.Failure is { } no)
        {
            await refused(no);
        }
        return answer.Failure is not { } failure
                ? ApiHosting.Json(answer.Snapshot!, OrchestratorJson.Compact.TaskSnapshot)
            : failure.Code == FailureCodes.NotFound ? ApiHosting.Problem(TaskEndpoints.NotFound(id))
            : ApiHosting.Problem(failure);
    }

    private static string Requester(HttpContext context) =>
        (string)context.Items[Authentication.Requester]!;

    private static string Door(HttpContext context) => $"http {context.Connection.RemoteIpAddress}";
}
