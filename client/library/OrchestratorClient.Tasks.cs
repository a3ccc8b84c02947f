using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Client;

/// <content>Calls about a task's facts and its repository.</content>
public sealed partial class OrchestratorClient
{
    /// <summary>Commits a task's accepted work in its repository, by default on a branch of its own; asked again, answers with the commit that is there.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="request">Branch, message, push; null = all defaults.</param>
    /// <param name="staged">True: together with what is staged in the repository's checkout.</param>
    /// <param name="cancellationToken">Leaves the call; a commit that was made stays.</param>
    public Task<CommitAnswer> CommitAsync(
        string taskId,
        CommitRequest? request = null,
        bool staged = false,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(
                HttpMethod.Post,
                $"v1/tasks/{Escape(taskId)}/{(staged ? "commit-all" : "commit")}"
            )
            {
                Content = Body(
                    request ?? new CommitRequest(),
                    OrchestratorJson.Default.CommitRequest
                ),
            },
            OrchestratorJson.Default.CommitAnswer,
            cancellationToken
        );

    /// <summary>Branch, changes and sensitive files of a task's repository.</summary>
    public Task<RepositoryStatus> GetTaskRepositoryAsync(
        string taskId,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/tasks/{Escape(taskId)}/repository",
            OrchestratorJson.Default.RepositoryStatus,
            cancellationToken
        );

    /// <summary>The same of a repository on the server's host, by its full path.</summary>
    public Task<RepositoryStatus> GetRepositoryAsync(
        string path,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/repository?path={Escape(path)}",
            OrchestratorJson.Default.RepositoryStatus,
            cancellationToken
        );

    /// <summary>A page of a task's facts after a number.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="after">Number of the last fact that is known; 0 = from the start.</param>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public Task<FactPage> GetFactsAsync(
        string taskId,
        long after = 0,
        int max = 1_000,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/tasks/{Escape(taskId)}/facts?after={after}&max={max}",
            OrchestratorJson.Default.FactPage,
            cancellationToken
        );
}
