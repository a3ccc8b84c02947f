namespace Orchestrator.Silo.Mediation;

internal sealed partial class LlamaModel
{
    [LoggerMessage(
        EventId = 1210,
        Level = LogLevel.Warning,
        Message = "{Problem} The rules mediate"
    )]
    private static partial void LogTrouble(ILogger logger, string problem);

    [LoggerMessage(
        EventId = 1211,
        Level = LogLevel.Warning,
        Message = "The circuit to the model at {Endpoint} is open for {Pause}; the rules mediate"
    )]
    private static partial void LogOpened(ILogger logger, string endpoint, TimeSpan pause);

    [LoggerMessage(
        EventId = 1212,
        Level = LogLevel.Information,
        Message = "The model at {Endpoint} answers again"
    )]
    private static partial void LogClosed(ILogger logger, string endpoint);
}
