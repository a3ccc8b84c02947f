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
}

/// <summary>What an end means: structured fields first, text last.</summary>
public static partial class RunEnding
{
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
            _ => (ErrorClass.None, ""),
        };
        if (stopped.Item1 != ErrorClass.None)
        {
            return (stopped.Item1, stopped.Item2, null);
        }
        if (output.Result is not { } result)
        {
            return WithoutResult(exitCode, stderrTail);
        }
        if (!result.IsError && result.TerminalReason == "completed" && exitCode == 0)
        {
            return (ErrorClass.None, "", null);
        }
        return OfResult(output, result, exitCode);
    }

    private static (ErrorClass, string, DateTimeOffset?) WithoutResult(int exitCode, string stderr)
    {
        if (exitCode is 129 or 137 or 143)
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
        return exitCode == 0
            ? (ErrorClass.StreamClosed, "The agent ended without a result line.", null)
            : (
                ErrorClass.Config,
                $"The agent did not start properly (exit code {exitCode}): {RunOutputReader.OneLine(stderr)}",
                null
            );
    }

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
        var reset = UsageReset(text);
        if (
            reset is not null
            || UsageWords().IsMatch(text.Length > 400 ? text[..400] : text) && result.IsError
        )
        {
            return (ErrorClass.UsageLimit, message, reset);
        }
        var byField = result switch
        {
            { Subtype: "error_max_turns" } or { TerminalReason: "max_turns" } =>
                ErrorClass.MaxTurns,
            { Subtype: "error_max_budget_usd" } or { TerminalReason: "budget_exhausted" } =>
                ErrorClass.Budget,
            { TerminalReason: "prompt_too_long" or "blocking_limit" or "image_error" }
            or { ApiStatus: 413 } => ErrorClass.ContextOverflow,
            { StopReason: "refusal" } => ErrorClass.Refusal,
            { ApiStatus: 401 or 403 } => ErrorClass.Auth,
            { ApiStatus: 404 } => ErrorClass.ModelNotFound,
            { ApiStatus: 429 } => ErrorClass.RateLimit,
            { ApiStatus: 529 } or { ApiErrorType: "overloaded_error" } or { ApiStatus: >= 500 } =>
                ErrorClass.UpstreamError,
            { ApiError: "connection_failed" } => ErrorClass.Network,
            { TerminalReason: "aborted_tools" } => ErrorClass.StreamClosed,
            _ => ErrorClass.None,
        };
        if (byField != ErrorClass.None)
        {
            return (byField, message, null);
        }
        return (ByWord(output, text), message, null);
    }

    private static ErrorClass ByWord(RunOutputReader output, string text) =>
        output.LastError switch
        {
            "authentication_failed" => ErrorClass.Auth,
            "billing_error" => ErrorClass.Billing,
            "rate_limit" => ErrorClass.RateLimit,
            "model_not_found" => ErrorClass.ModelNotFound,
            "server_error" => ErrorClass.UpstreamError,
            _ when text.Contains("No conversation found", StringComparison.OrdinalIgnoreCase) =>
                ErrorClass.SessionLost,
            _ when text.StartsWith("Prompt is too long", StringComparison.Ordinal) =>
                ErrorClass.ContextOverflow,
            _ when text.StartsWith("Not logged in", StringComparison.Ordinal) => ErrorClass.Auth,
            _ => ErrorClass.Fatal,
        };

    private static DateTimeOffset? UsageReset(string text)
    {
        var match = UsageEpoch().Match(text.Length > 400 ? text[..400] : text);
        return
            match.Success
            && long.TryParse(
                match.Groups[1].Value,
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var seconds
            )
            && seconds < 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }

    // "Claude AI usage limit reached|1735689600"
    [GeneratedRegex(
        @"usage limit reached\|(\d{9,12})",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex UsageEpoch();

    [GeneratedRegex(@"\busage limit\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UsageWords();
}
