using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Mediation;

public sealed partial class MediatorGrain
{
    [LoggerMessage(
        EventId = 1201,
        Level = LogLevel.Warning,
        Message = "Plan of task {TaskId}, turn {Turn} could not be delivered; it stays owed"
    )]
    private static partial void LogUndelivered(
        ILogger logger,
        string taskId,
        int turn,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1202,
        Level = LogLevel.Information,
        Message = "Material for the model ({Job}) of task {TaskId} was cut from {Before} to {After} characters; the agent gets all of it"
    )]
    private static partial void LogCut(
        ILogger logger,
        string taskId,
        string job,
        int before,
        int after
    );

    [LoggerMessage(
        EventId = 1203,
        Level = LogLevel.Information,
        Message = "Task {TaskId} was mediated by the rules: {Reason}"
    )]
    private static partial void LogFallback(ILogger logger, string taskId, string reason);

    [LoggerMessage(
        EventId = 1204,
        Level = LogLevel.Warning,
        Message = "The summary of task {TaskId} stays without the model's words"
    )]
    private static partial void LogNotCondensed(ILogger logger, string taskId, Exception exception);
}
