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

    [LoggerMessage(
        EventId = 1103,
        Level = LogLevel.Warning,
        Message = "Host {Host} did not say which repositories it has; it is asked again when it registers"
    )]
    private static partial void LogUnasked(ILogger logger, string host, Exception exception);

    [LoggerMessage(
        EventId = 1102,
        Level = LogLevel.Warning,
        Message = "Host {Host} could not be told whether an emergency stop holds it; it is told when it registers again"
    )]
    private static partial void LogNotHeld(ILogger logger, string host, Exception exception);
}
