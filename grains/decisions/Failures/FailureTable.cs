using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Decisions.Failures;

/// <summary>What a failure code means to an HTTP client and to a shell.</summary>
public static class FailureTable
{
    /// <summary>HTTP status of a code.</summary>
    public static int Status(string code) =>
        code switch
        {
            FailureCodes.InvalidRequest
            or FailureCodes.InvalidConfiguration
            or FailureCodes.PathOutsideRoot
            or FailureCodes.RepositoryUnusable => 400,
            FailureCodes.Unauthorized or FailureCodes.TokenExpired => 401,
            FailureCodes.Forbidden or FailureCodes.PolicyDenied => 403,
            FailureCodes.NotFound => 404,
            FailureCodes.NotPossibleNow or FailureCodes.Conflict or FailureCodes.NeedsApproval =>
                409,
            FailureCodes.QueueFull or FailureCodes.Throttled => 429,
            FailureCodes.Unavailable
            or FailureCodes.StorageFailed
            or FailureCodes.RunnerUnavailable => 503,
            _ => 500,
        };

    /// <summary>Exit code of a command that fails so: 1 failed, 2 usage, 3 policy, 6 unreachable, 8 busy, 9 not authorised.</summary>
    public static int ExitCode(string code) =>
        code switch
        {
            FailureCodes.InvalidRequest
            or FailureCodes.InvalidConfiguration
            or FailureCodes.RepositoryUnusable
            or FailureCodes.PathOutsideRoot => 2,
            FailureCodes.PolicyDenied => 3,
            FailureCodes.NeedsApproval => 4,
            FailureCodes.Unavailable => 6,
            FailureCodes.QueueFull or FailureCodes.Throttled => 8,
            FailureCodes.Unauthorized or FailureCodes.TokenExpired or FailureCodes.Forbidden => 9,
            _ => 1,
        };
}
