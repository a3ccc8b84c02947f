using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Client;

/// <summary>The server refused, or could not be reached.</summary>
public sealed class OrchestratorException : Exception
{
    /// <summary>Creates it without words.</summary>
    public OrchestratorException() { }

    /// <summary>Creates it with a message.</summary>
    public OrchestratorException(string message)
        : base(message) { }

    /// <summary>Creates it with its cause.</summary>
    public OrchestratorException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>Creates it from a failure.</summary>
    public OrchestratorException(Failure failure, int exitCode)
        : base(failure?.Message)
    {
        Failure = failure;
        ExitCode = exitCode;
        Kind = KindOf(failure?.Code);
    }

    /// <summary>The failure, where the server named one.</summary>
    public Failure? Failure { get; }

    /// <summary>What to do about it; for one program or person to branch on.</summary>
    public OrchestratorErrorKind Kind { get; init; } = OrchestratorErrorKind.NotUnderstood;

    /// <summary>When the same call may succeed; null = not by waiting, or nobody knows.</summary>
    public TimeSpan? RetryAfter =>
        Failure is { RetryAfterSeconds: > 0 and var seconds }
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>The exit code of a command that fails so; 6 = unreachable.</summary>
    public int ExitCode { get; } = 6;

    private static OrchestratorErrorKind KindOf(string? code) =>
        code switch
        {
            null => OrchestratorErrorKind.NotUnderstood,
            FailureCodes.InvalidRequest
            or FailureCodes.InvalidConfiguration
            or FailureCodes.PathOutsideRoot
            or FailureCodes.RepositoryUnusable => OrchestratorErrorKind.Invalid,
            FailureCodes.Unauthorized or FailureCodes.TokenExpired or FailureCodes.Forbidden =>
                OrchestratorErrorKind.NotAuthorized,
            FailureCodes.PolicyDenied => OrchestratorErrorKind.PolicyDenied,
            FailureCodes.NeedsApproval => OrchestratorErrorKind.NeedsApproval,
            FailureCodes.NotFound => OrchestratorErrorKind.NotFound,
            FailureCodes.NotPossibleNow or FailureCodes.Conflict => OrchestratorErrorKind.Conflict,
            FailureCodes.QueueFull
            or FailureCodes.Throttled
            or FailureCodes.Unavailable
            or FailureCodes.StorageFailed
            or FailureCodes.RunnerUnavailable => OrchestratorErrorKind.Busy,
            _ => OrchestratorErrorKind.Failed, // also a code that a newer server made up
        };
}
