using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.GrainInterfaces.Runners;

/// <summary>Where an attempt works.</summary>
/// <param name="Worktree">Full path on the host.</param>
/// <param name="BaseCommit">Full hash, or empty without a repository.</param>
/// <param name="Branch">The branch asked for, or the repository's HEAD branch; empty when detached.</param>
/// <param name="RepositoryWasDirty">True when the user's own checkout had uncommitted changes: they are not part of the work.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.workspace-info")]
public sealed record WorkspaceInfo(
    [property: Id(0)] string Worktree,
    [property: Id(1)] string BaseCommit,
    [property: Id(2)] string Branch,
    [property: Id(3)] bool RepositoryWasDirty
);

/// <summary>The agent's process.</summary>
/// <param name="ProcessId">Of the contained tree's root on the host.</param>
/// <param name="Executable">Full path.</param>
/// <param name="Version">As the agent reports it, or empty until it does.</param>
/// <param name="Model">As asked for or reported.</param>
/// <param name="Label">What people are shown: <c>Claude Code</c>, or <c>scripted agent, no AI</c>.</param>
/// <param name="VersionDrift">Empty, or the sentence that says the version was not tested.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.agent-info")]
public sealed record AgentInfo(
    [property: Id(0)] int ProcessId,
    [property: Id(1)] string Executable,
    [property: Id(2)] string Version,
    [property: Id(3)] string Model,
    [property: Id(4)] string Label,
    [property: Id(5)] string VersionDrift
);

/// <summary>What the agent is doing now, for people who watch. Redacted.</summary>
/// <param name="Text">One line, at most 200 characters: <c>Edit src/db/pool.cs</c>.</param>
/// <param name="ToolCalls">Tool calls so far.</param>
/// <param name="OutputTokens">Tokens so far, as far as known.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.agent-step")]
public sealed record AgentStep(
    [property: Id(0)] string Text,
    [property: Id(1)] int ToolCalls,
    [property: Id(2)] long OutputTokens
);

/// <summary>What one run used. Money and model usage are already deltas of the session.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.run-usage")]
public sealed record RunUsage(
    [property: Id(0)] long InputTokens = 0,
    [property: Id(1)] long OutputTokens = 0,
    [property: Id(2)] long CacheReadTokens = 0,
    [property: Id(3)] long CacheWriteTokens = 0,
    [property: Id(4)] decimal CostUsd = 0,
    [property: Id(5)] decimal SessionCostUsd = 0,
    [property: Id(6)] int AgentTurns = 0
);

/// <summary>One changed file of the real diff.</summary>
/// <param name="Path">Relative to the repository, '/' separated.</param>
/// <param name="OldPath">Before a rename or copy, else empty.</param>
/// <param name="Status">Git's letter: A M D R C T U.</param>
/// <param name="AddedLines">-1 for binary files.</param>
/// <param name="DeletedLines">-1 for binary files.</param>
/// <param name="OldMode">Six octal digits, or empty when added.</param>
/// <param name="NewMode">Six octal digits, or empty when deleted. 120000 = symlink, 160000 = submodule.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.file-change")]
public sealed record FileChange(
    [property: Id(0)] string Path,
    [property: Id(1)] string OldPath,
    [property: Id(2)] string Status,
    [property: Id(3)] int AddedLines,
    [property: Id(4)] int DeletedLines,
    [property: Id(5)] string OldMode,
    [property: Id(6)] string NewMode
)
{
    /// <summary>Where a new or changed symlink points to, as it is written in it, at most 4,096 characters; empty for every other file.</summary>
    [Id(7)]
    public string LinkTarget
    {
        get;
        init => field = value ?? "";
    } = "";
}

/// <summary>A secret seen in the work; the text itself is never kept.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.secret-finding")]
public sealed record SecretFinding(
    [property: Id(0)] string Path,
    [property: Id(1)] int Line,
    [property: Id(2)] string Rule
);

/// <summary>The real difference between the base commit and the worktree, as git tells it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.diff-summary")]
public sealed record DiffSummary
{
    /// <summary>Commit the work started from; empty without a repository.</summary>
    [Id(0)]
    public string BaseCommit { get; init; } = "";

    /// <summary>The files, at most 2,000; <see cref="FilesTotal"/> counts all.</summary>
    [Id(1)]
    public IReadOnlyList<FileChange> Files { get; init; } = [];

    /// <summary>How many files changed.</summary>
    [Id(2)]
    public int FilesTotal { get; init; }

    /// <summary>Lines added in text files.</summary>
    [Id(3)]
    public int AddedLines { get; init; }

    /// <summary>Lines deleted in text files.</summary>
    [Id(4)]
    public int DeletedLines { get; init; }

    /// <summary>Blob id of the whole binary-safe patch, or empty when nothing changed.</summary>
    [Id(5)]
    public string PatchBlob { get; init; } = "";

    /// <summary>The patch's size in bytes.</summary>
    [Id(6)]
    public long PatchBytes { get; init; }

    /// <summary>Changed files that are never committed (<c>.env</c>, keys): not in the patch.</summary>
    [Id(7)]
    public IReadOnlyList<string> ExcludedFiles { get; init; } = [];

    /// <summary>Secrets seen in added lines. At most 100.</summary>
    [Id(8)]
    public IReadOnlyList<SecretFinding> Secrets { get; init; } = [];

    /// <summary>Commits that the agent made itself.</summary>
    [Id(9)]
    public int AgentCommits { get; init; }

    /// <summary>Tree hash of the captured work in the object store of the cached clone; empty when nothing changed.</summary>
    [Id(10)]
    public string Tree { get; init; } = "";
}

/// <summary>How an attempt ended, with what it left.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.run-result")]
public sealed record RunResult
{
    /// <summary><see cref="ErrorClass.None"/> = the agent says it is done and its stream proves a proper end.</summary>
    [Id(0)]
    public ErrorClass ErrorClass { get; init; }

    /// <summary>One sentence about a bad end; empty on a good one.</summary>
    [Id(1)]
    public string Message { get; init; } = "";

    /// <summary>The process' exit code; -1 = it never started, -2 = it was killed by the product.</summary>
    [Id(2)]
    public int ExitCode { get; init; }

    /// <summary>The agent's final answer. At most 200,000 characters, redacted.</summary>
    [Id(3)]
    public string ResultText { get; init; } = "";

    /// <summary>Wall clock, seconds.</summary>
    [Id(4)]
    public double DurationSeconds { get; init; }

    /// <summary>Tokens and money of this run.</summary>
    [Id(5)]
    public RunUsage Usage { get; init; } = new();

    /// <summary>The real diff.</summary>
    [Id(6)]
    public DiffSummary Diff { get; init; } = new();

    /// <summary>Blob id of the captured stdout (compressed, redacted, head and tail kept), or empty.</summary>
    [Id(7)]
    public string OutputBlob { get; init; } = "";

    /// <summary>Last part of stderr, at most 2,048 characters, redacted.</summary>
    [Id(8)]
    public string StderrTail { get; init; } = "";

    /// <summary>Tools that were denied, <c>Name target</c>. At most 50.</summary>
    [Id(9)]
    public IReadOnlyList<string> Denials { get; init; } = [];

    /// <summary>For <see cref="ErrorClass.UsageLimit"/>: when the window opens again, when known.</summary>
    [Id(10)]
    public DateTimeOffset? ResetAt { get; init; }

    /// <summary>The agent's session as it reported it.</summary>
    [Id(11)]
    public string SessionId { get; init; } = "";

    /// <summary>The model as reported.</summary>
    [Id(12)]
    public string Model { get; init; } = "";

    /// <summary>The agent's version as reported.</summary>
    [Id(13)]
    public string AgentVersion { get; init; } = "";

    /// <summary>Lines skipped because they were too long or not JSON.</summary>
    [Id(14)]
    public int SkippedLines { get; init; }

    /// <summary>Tool calls seen.</summary>
    [Id(15)]
    public int ToolCalls { get; init; }

    /// <summary>What people are shown: <c>Claude Code</c>, or <c>scripted agent, no AI</c>.</summary>
    [Id(16)]
    public string AgentLabel { get; init; } = "";

    /// <summary>Blob id of the agent's session as it was at the end, packed, or empty when there was none to keep.</summary>
    [Id(17)]
    public string SessionBlob
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>The sandbox that it ran in: <c>none</c>, <c>bubblewrap</c>, <c>podman</c> or <c>windows-restricted</c>; empty = not told, by a host of an earlier release.</summary>
    [Id(18)]
    public string Sandbox
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>What held memory, processes and processor time: <c>cgroups</c>, <c>rlimits</c> or <c>job</c>; empty = nothing.</summary>
    [Id(19)]
    public string SandboxLimits
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>For <see cref="ErrorClass.CommandAsked"/>: the command that a person must allow first.</summary>
    [Id(20)]
    public AskedCommand? Asked { get; init; }
}

/// <summary>One verify command as the orchestrator ran it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.command-result")]
public sealed record CommandResult(
    [property: Id(0)] string Command,
    [property: Id(1)] int ExitCode,
    [property: Id(2)] double DurationSeconds,
    [property: Id(3)] bool TimedOut,
    [property: Id(4)] string OutputTail
);

/// <summary>What the orchestrator's own checks said.</summary>
/// <param name="Source"><c>repository</c>, <c>server</c>, <c>detected:NAME</c> or <c>none</c>.</param>
/// <param name="Commands">In order; the first failure ends the list.</param>
/// <param name="Problem">Why the checks could not be run; empty when they were.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.verification-report")]
public sealed record VerificationReport(
    [property: Id(0)] string Source,
    [property: Id(1)] IReadOnlyList<CommandResult> Commands,
    [property: Id(2)] string Problem = ""
);

/// <summary>One thing the judgement saw.</summary>
/// <param name="Code">Stable name, e.g. <c>claims_modifications_without_evidence</c>.</param>
/// <param name="Blocking">True when it rejects the work.</param>
/// <param name="Message">One sentence.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.finding")]
public sealed record Finding(
    [property: Id(0)] string Code,
    [property: Id(1)] bool Blocking,
    [property: Id(2)] string Message
);

/// <summary>The verdict on a turn's work, by evidence.</summary>
/// <param name="Accepted">True when no finding blocks.</param>
/// <param name="Outcome"><c>SUCCESS</c>, <c>PARTIAL</c> or <c>FAILED</c>.</param>
/// <param name="Findings">All that was seen.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.judgement")]
public sealed record Judgement(
    [property: Id(0)] bool Accepted,
    [property: Id(1)] string Outcome,
    [property: Id(2)] IReadOnlyList<Finding> Findings
);
