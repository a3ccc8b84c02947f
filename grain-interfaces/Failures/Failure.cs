namespace Orchestrator.GrainInterfaces.Failures;

/// <summary>An expected refusal or fault: what, which, and the way out. Never an exception between rooms.</summary>
/// <param name="Code">A stable code of <see cref="FailureCodes"/>; programs branch on it.</param>
/// <param name="Message">One sentence for a person that names the thing and the cure. Redacted by whoever shows it.</param>
/// <param name="Detail">More of the same, or empty. At most 4,000 characters.</param>
/// <param name="RetryAfterSeconds">When the same request may succeed, in seconds; 0 = not by waiting.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.failure")]
public sealed record Failure(
    [property: Id(0)] string Code,
    [property: Id(1)] string Message,
    [property: Id(2)] string Detail = "",
    [property: Id(3)] int RetryAfterSeconds = 0
);

/// <summary>Stable failure codes; what each means for an exit code or an HTTP status is the failure table's.</summary>
public static class FailureCodes
{
    /// <summary>A request is malformed: an unknown key, an empty or over-long text, a bad id.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>No such task, run, blob or artifact.</summary>
    public const string NotFound = "not_found";

    /// <summary>The task's phase does not allow it now.</summary>
    public const string NotPossibleNow = "not_possible_now";

    /// <summary>An idempotency key or an id was used before with another content.</summary>
    public const string Conflict = "conflict";

    /// <summary>The queue of the pool is full; retry later.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>Too many requests of one caller; retry later.</summary>
    public const string Throttled = "throttled";

    /// <summary>No token, or one that is unknown or revoked.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>The token is right, and its time is over.</summary>
    public const string TokenExpired = "token_expired";

    /// <summary>The token's scopes do not allow it.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>A policy rule denied it.</summary>
    public const string PolicyDenied = "policy_denied";

    /// <summary>People must approve it first.</summary>
    public const string NeedsApproval = "needs_approval";

    /// <summary>The repository cannot be worked in: not a repository, bare, no such branch, no commit.</summary>
    public const string RepositoryUnusable = "repository_unusable";

    /// <summary>A path lies outside the allowed roots.</summary>
    public const string PathOutsideRoot = "path_outside_root";

    /// <summary>No runner of the wanted kind can run here: no executable, a shim, a wrong version.</summary>
    public const string RunnerUnavailable = "runner_unavailable";

    /// <summary>The agent is not logged in, or its key is refused.</summary>
    public const string AgentAuth = "agent_auth";

    /// <summary>The agent ended badly; the error class says how.</summary>
    public const string AgentFailed = "agent_failed";

    /// <summary>The run passed its wall clock or its silence limit.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>The agent stopped well, and the checks after it did not pass.</summary>
    public const string CheckFailed = "check_failed";

    /// <summary>The store refused or lost a write: disk full, read-only, gone.</summary>
    public const string StorageFailed = "storage_failed";

    /// <summary>A setting is wrong.</summary>
    public const string InvalidConfiguration = "invalid_configuration";

    /// <summary>The server is stopping or starting; retry.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>A defect of the product; the detail names it.</summary>
    public const string Internal = "internal";

    /// <summary>Every code, in the order of this list.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        InvalidRequest,
        NotFound,
        NotPossibleNow,
        Conflict,
        QueueFull,
        Throttled,
        Unauthorized,
        TokenExpired,
        Forbidden,
        PolicyDenied,
        NeedsApproval,
        RepositoryUnusable,
        PathOutsideRoot,
        RunnerUnavailable,
        AgentAuth,
        AgentFailed,
        TimedOut,
        CheckFailed,
        StorageFailed,
        InvalidConfiguration,
        Unavailable,
        Internal,
    ];
}
