namespace Orchestrator.Silo.Intake;

internal sealed partial class TaskIntake
{
    [LoggerMessage(
        EventId = 1901,
        Level = LogLevel.Information,
        Message = "File {Name} is task {TaskId}"
    )]
    private static partial void LogTaken(ILogger logger, string name, string taskId);

    [LoggerMessage(
        EventId = 1902,
        Level = LogLevel.Warning,
        Message = "File {Name} was refused (line {Line}, {Code}); it lies at {To} with an answer beside it"
    )]
    private static partial void LogRefused(
        ILogger logger,
        string name,
        int line,
        string code,
        string to
    );

    [LoggerMessage(
        EventId = 1903,
        Level = LogLevel.Warning,
        Message = "File {Name} waits ({Code}); the next try is in {Pause}"
    )]
    private static partial void LogWaits(ILogger logger, string name, string code, TimeSpan pause);

    [LoggerMessage(
        EventId = 1904,
        Level = LogLevel.Warning,
        Message = "File {Name} is held by another program; it is tried again"
    )]
    private static partial void LogHeld(ILogger logger, string name);

    [LoggerMessage(
        EventId = 1905,
        Level = LogLevel.Warning,
        Message = "File {Name}, line {Line}: {Warning}"
    )]
    private static partial void LogIgnored(ILogger logger, string name, int line, string warning);

    [LoggerMessage(
        EventId = 1906,
        Level = LogLevel.Warning,
        Message = "File {Name} could not be archived; it is tried again: {Error}"
    )]
    private static partial void LogNotArchived(ILogger logger, string name, string error);

    [LoggerMessage(
        EventId = 1907,
        Level = LogLevel.Warning,
        Message = "{Folder} cannot be watched; it is looked at every {Rescan}"
    )]
    private static partial void LogNoWatcher(
        ILogger logger,
        string folder,
        TimeSpan rescan,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1908,
        Level = LogLevel.Warning,
        Message = "The look at the task files failed; again in a second"
    )]
    private static partial void LogPass(ILogger logger, Exception exception);
}
