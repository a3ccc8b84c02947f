using System.Text.Json;

namespace Orchestrator.Decisions.Runners;

/// <summary>The result line of the agent's stream.</summary>
public sealed record RunResultLine
{
    /// <summary><c>success</c> also stands on API failures: never enough alone.</summary>
    public string Subtype { get; init; } = "";

    /// <summary>The agent's own word that it failed.</summary>
    public bool IsError { get; init; }

    /// <summary><c>completed</c> on a proper end.</summary>
    public string TerminalReason { get; init; } = "";

    /// <summary>The final answer.</summary>
    public string Text { get; init; } = "";

    /// <summary>Messages of <c>error_*</c> subtypes, joined.</summary>
    public string Errors { get; init; } = "";

    /// <summary>HTTP status of the model's server, or 0.</summary>
    public int ApiStatus { get; init; }

    /// <summary>The server's error type.</summary>
    public string ApiErrorType { get; init; } = "";

    /// <summary>The CLI's own error word (<c>connection_failed</c>).</summary>
    public string ApiError { get; init; } = "";

    /// <summary><c>refusal</c> when the model refused.</summary>
    public string StopReason { get; init; } = "";

    /// <summary>Why the agent could not start (<c>sandbox_required_unavailable</c>).</summary>
    public string StartupFailure { get; init; } = "";

    /// <summary>The session.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>Turns of the agent's own loop.</summary>
    public int Turns { get; init; }

    /// <summary>Money of the whole session, US dollars.</summary>
    public decimal SessionCostUsd { get; init; }

    /// <summary>Tokens read.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens written.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Tokens read from the cache.</summary>
    public long CacheReadTokens { get; init; }

    /// <summary>Tokens written to the cache.</summary>
    public long CacheWriteTokens { get; init; }

    /// <summary>Denied tools, with their target.</summary>
    public IReadOnlyList<string> Denials { get; init; } = [];

    /// <summary>Reads it; members of another type count as absent.</summary>
    public static RunResultLine Read(JsonElement root)
    {
        var usage =
            root.TryGetProperty("usage", out var u) && u.ValueKind == JsonValueKind.Object
                ? u
                : default;
        return new RunResultLine
        {
            Subtype = RunOutputReader.Text(root, "subtype"),
            IsError =
                root.TryGetProperty("is_error", out var error)
                && error.ValueKind == JsonValueKind.True,
            TerminalReason = RunOutputReader.Text(root, "terminal_reason"),
            Text = RunOutputReader.Text(root, "result"),
            Errors = Join(root),
            ApiStatus = (int)Number(root, "api_error_status", 999),
            ApiErrorType = RunOutputReader.Text(root, "api_error_type"),
            ApiError = RunOutputReader.Text(root, "api_error"),
            StopReason = RunOutputReader.Text(root, "stop_reason"),
            StartupFailure = RunOutputReader.Text(root, "startup_failure_reason"),
            SessionId = RunOutputReader.Text(root, "session_id"),
            Turns = (int)Number(root, "num_turns", 1_000_000),
            SessionCostUsd = Math.Round(Number(root, "total_cost_usd", 1_000_000), 6),
            InputTokens = (long)Number(usage, "input_tokens", 1e15m),
            OutputTokens = (long)Number(usage, "output_tokens", 1e15m),
            CacheReadTokens = (long)Number(usage, "cache_read_input_tokens", 1e15m),
            CacheWriteTokens = (long)Number(usage, "cache_creation_input_tokens", 1e15m),
            Denials = ReadDenials(root),
        };
    }

    private static decimal Number(JsonElement element, string name, decimal max) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetDecimal(out var number)
            ? Math.Clamp(number, 0, max)
            : 0;

    private static string Join(JsonElement root) =>
        root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
            ? string.Join(
                " ",
                errors
                    .EnumerateArray()
                    .Where(e => e.ValueKind == JsonValueKind.String)
                    .Take(10)
                    .Select(RunOutputReader.Safe)
            )
            : "";

    private static List<string> ReadDenials(JsonElement root)
    {
        var denials = new List<string>();
        if (
            root.TryGetProperty("permission_denials", out var list)
            && list.ValueKind == JsonValueKind.Array
        )
        {
            foreach (
                var item in list.EnumerateArray()
                    .Where(i => i.ValueKind == JsonValueKind.Object)
                    .Take(50)
            )
            {
                var tool = RunOutputReader.Text(item, "tool_name");
                var denial = RunOutputReader.OneLine($"{tool} {Target(item)}");
                if (tool.Length > 0 && !denials.Contains(denial))
                {
                    denials.Add(denial);
                }
            }
        }
        return denials;
    }

    private static string Target(JsonElement denial)
    {
        if (
            !denial.TryGetProperty("tool_input", out var input)
            || input.ValueKind != JsonValueKind.Object
        )
        {
            return "";
        }
        foreach (
            var name in (ReadOnlySpan<string>)
                ["file_path", "command", "pattern", "path", "notebook_path", "url"]
        )
        {
            if (RunOutputReader.Text(input, name) is { Length: > 0 } target)
            {
                return target;
            }
        }
        return "";
    }
}
