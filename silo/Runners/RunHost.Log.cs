namespace Orchestrator.Silo.Runners;

internal sealed partial class RunHost
{
    [LoggerMessage(
        EventId = 2001,
        Level = LogLevel.Warning,
        Message = "Ended {Count} processes that an earlier life of this silo left behind"
    )]
    private static partial void LogSwept(ILogger logger, int count);

    [LoggerMessage(
        EventId = 2005,
        Level = LogLevel.Error,
        Message = "The sandbox {Kind} (Runner:Sandbox) does not work on this host: {Problem}. Every run is refused, and no label offers it"
    )]
    private static partial void LogSandbox(ILogger logger, string kind, string problem);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "{Drift}")]
    private static partial void LogDrift(ILogger logger, string drift);

    [LoggerMessage(
        EventId = 2002,
        Level = LogLevel.Warning,
        Message = "Worktree of task {TaskId}, attempt {Attempt} is locked; the next start removes it"
    )]
    private static partial void LogLeft(
        ILogger logger,
        string taskId,
        int attempt,
        Exception exception
    );

    [LoggerMessage(
        EventId = 2003,
        Level = LogLevel.Warning,
        Message = "The queue did not take this host's slots; offered again"
    )]
    private static partial void LogUnregistered(ILogger logger, Exception exception);
}
