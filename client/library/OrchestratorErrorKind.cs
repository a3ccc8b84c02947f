namespace Orchestrator.Client;

/// <summary>What to do about a refusal. The stable code, which says it more finely, is the failure's.</summary>
public enum OrchestratorErrorKind
{
    /// <summary>What answered is no orchestrator, or one of another version: see the address and any proxy before it.</summary>
    NotUnderstood = 0,

    /// <summary>Nobody answered in time: start the server, or see its address.</summary>
    Unreachable = 1,

    /// <summary>The request is wrong as it is; the same again is refused again.</summary>
    Invalid = 2,

    /// <summary>No token, one that is unknown, revoked or over, or one whose scopes do not allow it.</summary>
    NotAuthorized = 3,

    /// <summary>A rule of the policy denied it.</summary>
    PolicyDenied = 4,

    /// <summary>People must approve it first.</summary>
    NeedsApproval = 5,

    /// <summary>There is no such thing.</summary>
    NotFound = 6,

    /// <summary>The task's phase, or an earlier use of the key, does not allow it.</summary>
    Conflict = 7,

    /// <summary>A limit, a full queue or a store that is away: ask again after <see cref="OrchestratorException.RetryAfter"/>.</summary>
    Busy = 8,

    /// <summary>Anything else: a defect of the server, an agent or a check that failed, or a code newer than this library.</summary>
    Failed = 9,
}
