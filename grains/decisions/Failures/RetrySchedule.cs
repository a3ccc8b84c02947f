using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Decisions.Failures;

/// <summary>Which run may be tried again, and when.</summary>
public static class RetrySchedule
{
    private const double JitterLow = 0.85;
    private const double JitterHigh = 1.35;

    /// <summary>How often a class may be retried in one turn; 0 = never by itself.</summary>
    public static int RetriesMax(ErrorClass errorClass) =>
        errorClass switch
        {
            ErrorClass.RateLimit or ErrorClass.Network or ErrorClass.UpstreamError => 3,
            ErrorClass.Timeout => 1,
            ErrorClass.CheckFailed => 2,
            ErrorClass.SessionLost or ErrorClass.Workspace or ErrorClass.Killed => 1,
            // Not the task's fault: these never count as a try, the number of attempts bounds them.
            ErrorClass.HostLost or ErrorClass.UsageLimit => int.MaxValue,
            _ => 0,
        };

    /// <summary>True when a run that ended so uses up one of the turn's tries.</summary>
    public static bool CountsAsTry(ErrorClass errorClass) =>
        errorClass
            is not (
                ErrorClass.HostLost
                or ErrorClass.UsageLimit
                or ErrorClass.SessionLost
                or ErrorClass.CommandAsked
            );

    /// <summary>Wait before retry number <paramref name="retry"/> (from 1); jitter from 0 to 1 spreads it by 0.85 to 1.35.</summary>
    public static TimeSpan Delay(ErrorClass errorClass, int retry, double jitter)
    {
        var (first, factor) = errorClass switch
        {
            ErrorClass.RateLimit => (2.0, 2.0),
            ErrorClass.Timeout => (1.0, 1.0),
            ErrorClass.Network or ErrorClass.UpstreamError => (1.5, 2.0),
            ErrorClass.Workspace or ErrorClass.Killed => (1.0, 2.0),
            _ => (0.0, 1.0),
        };
        var spread = JitterLow + ((JitterHigh - JitterLow) * Math.Clamp(jitter, 0, 1));
        var seconds = first * Math.Pow(factor, Math.Clamp(retry - 1, 0, 10)) * spread;
        return TimeSpan.FromSeconds(Math.Min(seconds, 600));
    }

    /// <summary>What a person can do about a class; empty when it ended well.</summary>
    public static string SuggestedAction(ErrorClass errorClass) =>
        errorClass switch
        {
            ErrorClass.None => "",
            ErrorClass.Interactive =>
                "State the decision in the request; nobody can answer questions during a run.",
            ErrorClass.RateLimit => "Wait a few minutes and retry the task, or lower Runner:Slots.",
            ErrorClass.Timeout => "Split the task, or give it more time with timeout_sec.",
            ErrorClass.Network =>
                "Check the host's connection to the model's server (doctor), then retry.",
            ErrorClass.Auth =>
                "Set a valid ANTHROPIC_API_KEY for the silo (doctor shows what it sees), then retry.",
            ErrorClass.UsageLimit =>
                "Nothing: the task resumes by itself when the usage window opens again.",
            ErrorClass.UpstreamError => "The model's server failed repeatedly; retry later.",
            ErrorClass.MaxTurns => "Split the task, or raise max_turns.",
            ErrorClass.ContextOverflow => "Shorten the request or the context, or split the task.",
            ErrorClass.SessionLost => "Retry: a fresh session is started.",
            ErrorClass.PermissionBlock =>
                "The task needs tools its kind does not allow: choose type fix, or change the request.",
            ErrorClass.StreamClosed => "Look at the diff kept with the artifact, then retry.",
            ErrorClass.Cancelled => "Retry when it is wanted after all.",
            ErrorClass.Billing => "Add credit to the account of the API key, then retry.",
            ErrorClass.Budget => "Raise the money limit, then retry.",
            ErrorClass.ModelNotFound =>
                "Name a model that the account may use (Runner:ClaudeCode:Model), then retry.",
            ErrorClass.Refusal => "Change the request: the model refused it.",
            ErrorClass.Config =>
                "Read the message, mend the runner's settings (doctor), then retry.",
            ErrorClass.Killed =>
                "Check the host's memory and who ends processes there, then retry.",
            ErrorClass.HostLost => "Nothing: the task is queued again.",
            ErrorClass.CheckFailed =>
                "Read the findings and the verification's output, then retry or reword the request.",
            ErrorClass.PolicyViolation =>
                "Read the ruling (explain): change the request, or have the policy changed by who keeps it.",
            ErrorClass.CommandAsked =>
                "Answer whether the command may run (explain), or say by a reply how to do without it.",
            ErrorClass.Workspace =>
                "Mend what the message names in the repository or on the disk, then retry.",
            _ => "Read the message and the artifact's stderr, then retry.",
        };
}
