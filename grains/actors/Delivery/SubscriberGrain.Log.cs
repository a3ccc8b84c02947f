using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Delivery;

public abstract partial class SubscriberGrain
{
    [LoggerMessage(
        EventId = 1301,
        Level = LogLevel.Warning,
        Message = "Subscriber {Kind}/{Partition} stopped: the store does not take or give; it goes on from its cursor in {Seconds} s"
    )]
    private static partial void LogStopped(
        ILogger logger,
        string kind,
        int partition,
        double seconds,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1302,
        Level = LogLevel.Warning,
        Message = "Subscriber {Kind}/{Partition} failed (round {Round})"
    )]
    private static partial void LogAgain(
        ILogger logger,
        string kind,
        int partition,
        int round,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1303,
        Level = LogLevel.Error,
        Message = "Subscriber {Kind} gave up a fact of task {TaskId} at {Position}; it is kept as a dead letter ('orchestrator dead-letters list')"
    )]
    private static partial void LogBuried(
        ILogger logger,
        string kind,
        string taskId,
        long position,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1304,
        Level = LogLevel.Information,
        Message = "Subscriber {Kind} delivered a dead letter of task {TaskId} at {Position}"
    )]
    private static partial void LogReplayed(
        ILogger logger,
        string kind,
        string taskId,
        long position
    );
}
