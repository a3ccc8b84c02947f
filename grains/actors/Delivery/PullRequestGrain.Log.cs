using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Delivery;

public sealed partial class PullRequestGrain
{
    [LoggerMessage(
        EventId = 1200,
        Level = LogLevel.Warning,
        Message = "The pull request of task {TaskId} is tried again at {RetryAt}: {Problem}"
    )]
    private static partial void LogLater(
        ILogger logger,
        string taskId,
        DateTimeOffset retryAt,
        string problem
    );

    [LoggerMessage(
        EventId = 1201,
        Level = LogLevel.Error,
        Message = "Tending the pull request of task {TaskId} failed; again at {RetryAt}"
    )]
    private static partial void LogFailed(
        ILogger logger,
        string taskId,
        DateTimeOffset retryAt,
        Exception exception
    );
}
