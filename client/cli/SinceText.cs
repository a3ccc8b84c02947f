using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Orchestrator.Cli;

/// <summary>An instant as people write it: <c>90m</c>, <c>24h</c>, <c>7d</c> ago, or a date or time (UTC unless it says another zone).</summary>
internal static class SinceText
{
    private const double DaysMax = 36_600;

    /// <summary>The option.</summary>
    public static Option<string?> Option(string words)
    {
        var option = new Option<string?>("--since")
        {
            Description = words + " As 90m, 24h, 7d, or 2026-03-01T12:00Z.",
        };
        option.Validators.Add(r =>
        {
            if (
                r.GetValueOrDefault<string?>() is { } text
                && Read(text, TimeProvider.System.GetUtcNow()) is null
            )
            {
                r.AddError($"--since '{text}' is no time. Examples: 90m, 24h, 7d, 2026-03-01.");
            }
        });
        return option;
    }

    /// <summary>The instant, or null when it is none.</summary>
    public static DateTimeOffset? Read(string? text, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }
        var days = text[^1] switch
        {
            'm' => 1.0 / (24 * 60),
            'h' => 1.0 / 24,
            'd' => 1.0,
            _ => 0,
        };
        return
            days > 0
            && double.TryParse(
                text.AsSpan(0, text.Length - 1),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var n
            )
            ? n * days <= DaysMax
                ? now.AddDays(-n * days)
                : null
            : DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var at
            )
                ? at
                : null;
    }
}
