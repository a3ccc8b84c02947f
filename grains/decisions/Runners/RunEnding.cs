using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Decisions.Runners;

/// <summary>Why the product itself ended a run.</summary>
public enum StopCause
{
    /// <summary>It ended by itself.</summary>
    None,

    /// <summary>Somebody cancelled.</summary>
    Cancel,

    /// <summary>Its wall clock was passed.</summary>
    WallClock,

    /// <summary>It was silent too long.</summary>
    Silence,

    /// <summary>Its login is refused: retries are useless.</summary>
    Authentication,

    /// <summary>The silo stops.</summary>
    Shutdown,

    /// <summary>Its lane forbids what it did.</summary>
    Policy,

    /// <summary>It passed a limit of its sandbox.</summary>
    SandboxLimit,

    /// <summary>The agent wants a command that a person must allow first.</summary>
    CommandAsked,
}

/// <summary>What an end means: structured fields first, text last.</summary>
public static partial class RunEnding
{
    private const int HeadMax = 400;
    private const int WindowsControlExit = unchecked((int)0xC000013A);
    private const long SecondsMax = 253_402_300_799;

    /// <summary>Class, sentence, and the reset time of a spent usage window where one is named.</summary>
    public static (ErrorClass Class, string Message, DateTimeOffset? ResetAt) Classify(
        RunOutputReader output,
        int exitCode,
        string stderrTail,
        StopCause cause
    )
    {
        ArgumentNullException.ThrowIfNull(output);
        var stopped = cause switch
        {
            StopCause.Cancel => (ErrorClass.Cancelled, "The run was cancelled."),
            StopCause.WallClock => (
                ErrorClass.Timeout,
                "The run passed its wall clock and was stopped."
            ),
            StopCause.Silence => (
                ErrorClass.Timeout,
                "The agent was silent too long and was stopped."
            ),
            StopCause.Authentication => (
                ErrorClass.Auth,
                "The model's server refuses the agent's key or login."
            ),
            StopCause.Shutdown => (ErrorClass.HostLost, "The host was stopped."),
            StopCause.Policy => (
                ErrorClass.PolicyViolation,
                "The run was stopped at the first change that its lane forbids."
            ),
            StopCause.SandboxLimit => (
                ErrorClass.Fatal,
                "The run passed a limit of its sandbox and was ended."
            ),
            StopCause.CommandAsked => (
                ErrorClass.CommandAsked,
                "The run ended before a command that a person must allow."
            ),
            _ => (ErrorClass.None, ""),
        };
        if (stopped.Item1 != ErrorClass.None)
        {
            return (stopped.Item1, stopped.Item2, null);
        }
        if (output.Result is not { } result)
        {
            return WithoutResult(output, exitCode, stderrTail);
        }
        if (!result.IsError && result.TerminalReason == "completed" && exitCode == 0)
        {
            return (ErrorClass.None, "", null);
        }
        return OfResult(output, result, exitCode);
    }

    private static (ErrorClass, string, DateTimeOffset?) WithoutResult(
        RunOutputReader output,
        int exitCode,
        string stderr
    )
    {
        if (IsSignal(exitCode))
        {
            return (
                ErrorClass.Killed,
                $"The agent was killed from outside (exit code {exitCode}).",
                null
            );
        }
        if (stderr.Contains("No conversation found", StringComparison.OrdinalIgnoreCase))
        {
            return (ErrorClass.SessionLost, "The agent's session is not known any more.", null);
        }
        if (exitCode == 0 || output.Version.Length > 0)
        {
            return (
                ErrorClass.StreamClosed,
                $"The agent ended without a result line (exit code {exitCode}).",
                null
            );
        }
        var said = RunOutputReader.OneLine(stderr);
        return (
            ErrorClass.Config,
            $"The agent did not start properly (exit code {exitCode}): {(said.Length > 0 ? said : "it said nothing")}",
            null
        );
    }

    // 128 + n for signal n on Linux; Windows tells a console's end so.
    private static bool IsSignal(int exitCode) =>
        exitCode is (> 128 and < 193) or WindowsControlExit;

    private static (ErrorClass, string, DateTimeOffset?) OfResult(
        RunOutputReader output,
        RunResultLine result,
        int exitCode
    )
    {
        var text = result.Errors.Length > 0 ? result.Errors : result.Text;
        var message = RunOutputReader.OneLine(
            text.Length > 0 ? text : $"The agent ended with exit code {exitCode}."
        );
        if (IsUsageLimit(output, result, text))
        {
            return (
                ErrorClass.UsageLimit,
                message,
                Instant(output.UsageResetSeconds) ?? UsageReset(text)
            );
        }
        var byField = result switch
        {
            { StartupFailure.Length: > 0 } => ErrorClass.Config,
            { Subtype: "error_max_turns" } or { TerminalReason: "max_turns" } =>
                ErrorClass.MaxTurns,
            { Subtype: "error_max_budget_usd" } or { TerminalReason: "budget_exhausted" } =>
                ErrorClass.Budget,
            { TerminalReason: "prompt_too_long" or "blocking_limit" or "image_error" }
            or { ApiStatus: 413 }
            or { ApiError: "max_output_tokens" } => ErrorClass.ContextOverflow,
            { StopReason: "refusal" } => ErrorClass.Refusal,
            { ApiStatus: 401 or 403 } => ErrorClass.Auth,
            { ApiStatus: 404 } => ErrorClass.ModelNotFound,
            { ApiStatus: 402 } => ErrorClass.Billing,
            { ApiStatus: 429 } => ErrorClass.RateLimit,
            { ApiStatus: 529 } or { ApiErrorType: "overloaded_error" } or { ApiStatus: >= 500 } =>
                ErrorClass.UpstreamError,
            { ApiError: "connection_failed" } or { ApiStatus: 408 } => ErrorClass.Network,
            { TerminalReason: "aborted_tools" or "aborted_streaming" } => ErrorClass.Killed,
            _ => ErrorClass.None,
        };
        if (byField == ErrorClass.None)
        {
            byField = ByWord(output, result, text);
        }
        return (
            byField,
            byField == ErrorClass.Killed && text.Length == 0
                ? "The agent was interrupted from outside."
                : message,
            null
        );
    }

    // A failed task may well talk about limits: only the server's word for "too many requests", or the CLI's own
    // sentence at the beginning, makes one.
    private static bool IsUsageLimit(RunOutputReader output, RunResultLine result, string text) =>
        output.UsageLimitReached
        || (
            result.IsError
            && (
                UsageSentence().IsMatch(Head(text))
                || (
                    (result.ApiStatus == 429 || output.LastError == "rate_limit")
                    && UsageWords().IsMatch(Head(text))
                )
            )
        );

    private static ErrorClass ByWord(RunOutputReader output, RunResultLine result, string text) =>
        output.LastError switch
        {
            "authentication_failed" => ErrorClass.Auth,
            "billing_error" => ErrorClass.Billing,
            "rate_limit" => ErrorClass.RateLimit,
            "model_not_found" => ErrorClass.ModelNotFound,
            _ when text.Contains("No conversation found", StringComparison.OrdinalIgnoreCase) =>
                ErrorClass.SessionLost,
            _ when text.StartsWith("Prompt is too long", StringComparison.Ordinal) =>
                ErrorClass.ContextOverflow,
            _ when text.StartsWith("Not logged in", StringComparison.Ordinal) => ErrorClass.Auth,
            _ when result.TerminalReason == "api_error" && Unreached().IsMatch(Head(text)) =>
                ErrorClass.Network,
            "server_error" => ErrorClass.UpstreamError,
            // A stream that broke: the request got no status.
            "unknown" when result is { TerminalReason: "api_error", ApiStatus: 0 } =>
                ErrorClass.UpstreamError,
            _ => ErrorClass.Fatal,
        };

    private static string Head(string text) => text.Length > HeadMax ? text[..HeadMax] : text;

    private static DateTimeOffset? UsageReset(string text)
    {
        var match = UsageEpoch().Match(Head(text));
        return match.Success
            ? Instant(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            : null;
    }

    private static DateTimeOffset? Instant(long seconds) =>
        seconds is > 0 and < SecondsMax ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    // "Claude AI usage limit reached|1735689600"
    [GeneratedRegex(
        @"limit reached\|(\d{9,12})\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex UsageEpoch();

    // The CLI's own sentence, with at most an "API Error: 429" before it.
    [GeneratedRegex(
        @"^(API Error:?\s*)?(\d{3}\s*)?(Claude (AI )?usage limit reached|You've hit your [\w -]{0,30}limit|\S{1,10} limit reached\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex UsageSentence();

    [GeneratedRegex(
        @"\busage limit\b|\blimit reached\b|\bhit your [\w -]{0,30}limit\b|\bout of (extra )?usage\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex UsageWords();

    [GeneratedRegex(
        @"^(API Error: *)?(Request timed out|Connection (error|refused|reset|closed)|Unable to connect|The socket connection|fetch failed)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Unreached();
}
