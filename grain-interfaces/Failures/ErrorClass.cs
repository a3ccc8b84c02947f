namespace Orchestrator.GrainInterfaces.Failures;

/// <summary>How a run of an agent ended; the names on disk are snake_case (<c>usage_limit</c>).</summary>
public enum ErrorClass
{
    /// <summary>It ended well.</summary>
    None = 0,

    /// <summary>The agent asked a question nobody can answer.</summary>
    Interactive = 1,

    /// <summary>Too many requests (429) without a spent subscription window.</summary>
    RateLimit = 2,

    /// <summary>The run's wall clock or silence limit was passed.</summary>
    Timeout = 3,

    /// <summary>The model's server could not be reached.</summary>
    Network = 4,

    /// <summary>Bad or missing key, or not logged in.</summary>
    Auth = 5,

    /// <summary>Everything that is no other class.</summary>
    Fatal = 6,

    /// <summary>The subscription window is spent: pause until its reset.</summary>
    UsageLimit = 7,

    /// <summary>5xx or 529 of the model's server.</summary>
    UpstreamError = 8,

    /// <summary>The agent used up its turns.</summary>
    MaxTurns = 9,

    /// <summary>The conversation or the prompt is too long for the model.</summary>
    ContextOverflow = 10,

    /// <summary>The session to resume is not known any more.</summary>
    SessionLost = 11,

    /// <summary>Tools the task needs were denied.</summary>
    PermissionBlock = 12,

    /// <summary>The stream ended without a result line; files may be edited.</summary>
    StreamClosed = 13,

    /// <summary>Stopped on a person's or the product's demand.</summary>
    Cancelled = 14,

    /// <summary>The account has no credit.</summary>
    Billing = 15,

    /// <summary>The run's money limit was reached.</summary>
    Budget = 16,

    /// <summary>The wanted model does not exist or is not allowed.</summary>
    ModelNotFound = 17,

    /// <summary>The model refused the request.</summary>
    Refusal = 18,

    /// <summary>The agent could not start with its flags, files or executable.</summary>
    Config = 19,

    /// <summary>The process was killed from outside (137, 143) without a result line.</summary>
    Killed = 20,

    /// <summary>The host died or lost its lease while the run lived.</summary>
    HostLost = 21,

    /// <summary>The run ended well and its verification or judgement did not.</summary>
    CheckFailed = 22,

    /// <summary>The worktree could not be prepared.</summary>
    Workspace = 23,

    /// <summary>The work, or what the agent did, is against the policy.</summary>
    PolicyViolation = 24,

    /// <summary>The agent wants a command that a person must allow first; the run ended before it.</summary>
    CommandAsked = 25,
}
