using Microsoft.Extensions.Logging;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Grains.Tasks;

public sealed partial class TaskGrain
{
    [LoggerMessage(
        EventId = 1001,
        Level = LogLevel.Information,
        Message = "Task {TaskId} is now {Phase}"
    )]
    private static partial void LogMoved(ILogger logger, string taskId, TaskPhase phase);

    [LoggerMessage(
        EventId = 1002,
        Level = LogLevel.Debug,
        Message = "Task {TaskId} ignored an echo ({Input}) in {Phase}"
    )]
    private static partial void LogStale(
        ILogger logger,
        string taskId,
        string input,
        TaskPhase phase
    );

    [LoggerMessage(
        EventId = 1003,
        Level = LogLevel.Warning,
        Message = "Task {TaskId}: {Effect} could not be carried out; it stays owed"
    )]
    private static partial void LogOwed(
        ILogger logger,
        string taskId,
        string effect,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1004,
        Level = LogLevel.Warning,
        Message = "Task {TaskId}: a report of host {Host} was refused, its epoch {Epoch} is over"
    )]
    private static partial void LogFenced(ILogger logger, string taskId, string host, long epoch);
}
