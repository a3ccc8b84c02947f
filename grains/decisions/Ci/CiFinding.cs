namespace Orchestrator.Decisions.Ci;

/// <summary>What looked at the change.</summary>
public enum CiCheck
{
    /// <summary>The policy of the base commit, on the real diff.</summary>
    Policy,

    /// <summary>The scan for secrets in what the diff adds.</summary>
    Secrets,

    /// <summary>The policy file that the change itself brings.</summary>
    PolicyFile,

    /// <summary>Artifacts against their schema.</summary>
    Artifacts,
}

/// <summary>How much a finding matters, the worst last.</summary>
public enum CiLevel
{
    /// <summary>Worth knowing.</summary>
    Notice,

    /// <summary>The policy wants somebody's yes; fails only a strict check.</summary>
    Warning,

    /// <summary>Fails the check.</summary>
    Error,
}

/// <summary>One thing that a check says. Never holds a secret.</summary>
/// <param name="Check">Which check.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Path">The file it is about, as in the new tree; empty = none.</param>
/// <param name="Line">From 1; 0 = unknown.</param>
/// <param name="Column">From 1; 0 = unknown.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Source">File and line of the policy's rule, <c>policy.yaml:12</c>; empty = none.</param>
public sealed record CiFinding(
    CiCheck Check,
    CiLevel Level,
    string Rule,
    string Path,
    int Line,
    int Column,
    string Message,
    string Source = ""
)
{
    /// <summary>The check's name in every report: <c>policy</c>, <c>secrets</c>, <c>policy-file</c> or <c>artifacts</c>.</summary>
    public string CheckName =>
        Check switch
        {
            CiCheck.Policy => "policy",
            CiCheck.Secrets => "secrets",
            CiCheck.PolicyFile => "policy-file",
            _ => "artifacts",
        };

    /// <summary><c>error</c>, <c>warning</c> or <c>notice</c>.</summary>
    public string LevelName =>
        Level switch
        {
            CiLevel.Error => "error",
            CiLevel.Warning => "warning",
            _ => "notice",
        };

    /// <summary>Path, and line and column where known: <c>a.cs:3:1</c>; empty when it is about no file.</summary>
    public string Place =>
        Path.Length == 0 ? ""
        : Line == 0 ? Path
        : Column == 0 ? $"{Path}:{Line}"
        : $"{Path}:{Line}:{Column}";
}
