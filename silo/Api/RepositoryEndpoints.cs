using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Delivery;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints that touch a user's own repository.</summary>
internal static class RepositoryEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapRepositories(this WebApplication app)
    {
        string[] refusals =
        [
            FailureCodes.NotFound,
            FailureCodes.NotPossibleNow,
            FailureCodes.Conflict,
            FailureCodes.PolicyDenied,
            FailureCodes.RepositoryUnusable,
            FailureCodes.PathOutsideRoot,
            FailureCodes.Internal,
        ];
        app.MapPost(
                "/v1/tasks/{id}/commit",
                (HttpContext c, string id) => CommitAsync(c, id, false)
            )
            .Is(
                "commit_task",
                ScopeNeeded.Operate,
                "Commit a task's accepted work in its repository, by default on a branch of its own. Asked again, it answers with the commit that is there.",
                refusals
            )
            .Takes<CommitRequest>(optional: true)
            .Answers<CommitAnswer>(200, 201);
        app.MapPost(
                "/v1/tasks/{id}/commit-all",
                (HttpContext c, string id) => CommitAsync(c, id, true)
            )
            .Is(
                "commit_all",
                ScopeNeeded.Operate,
                "The same, together with what is staged in the repository's checkout.",
                refusals
            )
            .Takes<CommitRequest>(optional: true)
            .Answers<CommitAnswer>(200, 201);
        app.MapGet("/v1/tasks/{id}/repository", OfTaskAsync)
            .Is(
                "get_task_repository",
                ScopeNeeded.Read,
                "Branch, changes and sensitive files of a task's repository.",
                refusals
            )
            .Answers<RepositoryStatus>();
        app.MapGet("/v1/repository", OfPathAsync)
            .Is(
                "get_repository",
                ScopeNeeded.Operate,
                "Branch, changes and sensitive files of a repository on the server's host.",
                refusals
            )
            .Answers<RepositoryStatus>();
    }

    private static async Task<IResult> CommitAsync(HttpContext context, string id, bool staged)
    {
        var request = await Bodies.ReadOrNullAsync<CommitRequest>(context) ?? new CommitRequest();
        var services = context.RequestServices;
        var grain = services.GetRequiredService<IGrainFactory>().GetGrain<ITaskGrain>(id);
        var task = SubmissionReader.IsId(id) ? await grain.GetAsync(context.RequestAborted) : null;
        if (task is null)
        {
            return ApiHosting.Problem(TaskEndpoints.NotFound(id));
        }
        return await AnswerAsync(async () =>
        {
            var answer = await services
                .GetRequiredService<RecordedCommits>()
                .CommitAsync(
                    task,
                    request,
                    staged,
                    (string)context.Items[Authentication.Requester]!,
                    context.RequestAborted
                );
            return ApiHosting.Json(
                answer,
                OrchestratorJson.Compact.CommitAnswer,
                answer.AlreadyThere ? 200 : 201
            );
        });
    }

    private static async Task<IResult> OfTaskAsync(
        IGrainFactory grains,
        UserRepository door,
        string id,
        CancellationToken token
    )
    {
        var task = SubmissionReader.IsId(id)
            ? await grains.GetGrain<ITaskGrain>(id).GetAsync(token)
            : null;
        return task is null ? ApiHosting.Problem(TaskEndpoints.NotFound(id))
            : task.Repository.Length == 0
                ? ApiHosting.Problem(
                    new Failure(
                        FailureCodes.NotPossibleNow,
                        $"Task {id} has no repository of its own."
                    )
                )
            : await StatusAsync(door, task.Repository, token);
    }

    private static Task<IResult> OfPathAsync(
        UserRepository door,
        string? path,
        CancellationToken token
    ) =>
        path is { Length: > 0 }
            ? StatusAsync(door, path, token)
            : throw Bodies.Refuse(
                "path is missing: the full path of a repository on the server's host."
            );

    private static Task<IResult> StatusAsync(
        UserRepository door,
        string path,
        CancellationToken token
    ) =>
        AnswerAsync(async () =>
            ApiHosting.Json(
                await door.StatusAsync(path, token),
                OrchestratorJson.Compact.RepositoryStatus
            )
        );

    private static async Task<IResult> AnswerAsync(Func<Task<IResult>> work)
    {
        try
        {
            return await work();
        }
        catch (DeliveryException e)
        {
            return ApiHosting.Problem(e.Failure);
        }
        catch (GitException e)
        {
            return ApiHosting.Problem(new Failure(FailureCodes.Internal, e.Message));
        }
    }
}
