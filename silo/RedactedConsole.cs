using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Grains.Observability;

namespace Orchestrator.Silo;

/// <summary>
/// The console's log lines, without secrets: an exception's message may hold a path, an address or a command line of
/// somebody else's. One line per entry, UTC, with the trace of the turn it belongs to where traces are sent; an exception follows on lines of its own.
/// </summary>
internal sealed class RedactedConsole(Redactor redactor) : ConsoleFormatter(FormatterName)
{
    /// <summary>The formatter's name in <c>Logging:Console:FormatterName</c>.</summary>
    public const string FormatterName = "redacted";

    private static readonly DateTimeOffset Begun = TimeProvider.System.GetUtcNow();

    /// <inheritdoc />
    public override void Write<TState>(
        in LogEntry<TState> logEntry,
        IExternalScopeProvider? scopeProvider,
        TextWriter textWriter
    )
    {
        ArgumentNullException.ThrowIfNull(textWriter);
        var now = TimeProvider.System.GetUtcNow();
        if (PlatformNoise.Is(logEntry.Category, logEntry.EventId.Id, logEntry.State, now - Begun))
        {
            return;
        }
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        // Before an exception's lines, so that whoever looks for a trace finds the whole entry.
        var trace = TurnActivity.TraceNow is { } id ? " trace=" + id : "";
        var at = now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        textWriter.WriteLine(
            redactor.Redact(
                $"{at} {Level(logEntry.LogLevel)} {logEntry.Category}[{logEntry.EventId.Id}] {text}{trace}"
            )
        );
        if (logEntry.Exception is { } exception)
        {
            textWriter.WriteLine(redactor.Redact(exception.ToString()));
        }
    }

    private static string Level(LogLevel level) =>
        level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
}

/// <summary>Wires it.</summary>
internal static class RedactedConsoleHosting
{
    /// <summary>Every log entry goes through the redactor.</summary>
    public static ILoggingBuilder AddRedactedConsole(this ILoggingBuilder logging)
    {
        logging.Services.AddSingleton<ConsoleFormatter, RedactedConsole>();
        logging.Services.Configure<ConsoleLoggerOptions>(o =>
            o.FormatterName = RedactedConsole.FormatterName
        );
        return logging.AddConsole();
    }
}
