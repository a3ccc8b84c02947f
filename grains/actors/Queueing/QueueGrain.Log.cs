using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Queueing;

public sealed partial class QueueGrain
{
    [LoggerMessage(
        EventId = 1101,
        Level = LogLevel.Warning,
        Message = "Task {TaskId} could not be told; it is told again when it wakes"
    )]
    private static partial void LogUntold(ILogger logger, string taskId, Exception exception);
}
