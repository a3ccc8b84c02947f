using System.Text.Json.Serialization;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.GrainInterfaces.Api;

/// <summary>Body of <c>POST /v1/tasks</c>. Unknown keys are refused. Limits are those of <see cref="TaskSpec"/>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SubmitRequest
{
    /// <summary>The user's words, verbatim; 1 to 200,000 characters. Required.</summary>
    public string? Request { get; init; }

    /// <summary>An id of the caller's own (<c>[A-Za-z0-9._-]</c>, 1 to 64), or null: generated.</summary>
    public string? Id { get; init; }

    /// <summary>See <see cref="TaskSpec.Title"/>.</summary>
    public string? Title { get; init; }

    /// <summary><c>fix bug_fix code_review summarize analyze documentation</c>, or null.</summary>
    public string? Type { get; init; }

    /// <summary><c>high medium low</c>. Default: medium.</summary>
    public string? Priority { get; init; }

    /// <summary>Path of a git repository on the server's host, or null.</summary>
    public string? Repository { get; init; }

    /// <summary>See <see cref="TaskSpec.BaseBranch"/>.</summary>
    public string? BaseBranch { get; init; }

    /// <summary>See <see cref="TaskSpec.TargetFiles"/>.</summary>
    public IReadOnlyList<string>? TargetFiles { get; init; }

    /// <summary>See <see cref="TaskSpec.SuccessCriteria"/>.</summary>
    public IReadOnlyList<string>? SuccessCriteria { get; init; }

    /// <summary>See <see cref="TaskSpec.Context"/>.</summary>
    public string? Context { get; init; }

    /// <summary>See <see cref="TaskSpec.TimeoutSeconds"/>.</summary>
    public int? TimeoutSec { get; init; }

    /// <summary>See <see cref="TaskSpec.AgentType"/>.</summary>
    public string? AgentType { get; init; }

    /// <summary>See <see cref="TaskSpec.Runner"/>.</summary>
    public string? Runner { get; init; }

    /// <summary>See <see cref="TaskSpec.Model"/>.</summary>
    public string? Model { get; init; }

    /// <summary>For the scripted runner: the script as JSON text.</summary>
    public string? Script { get; init; }

    /// <summary>See <see cref="TaskSpec.WorkingDirectory"/>.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>See <see cref="TaskSpec.MaxTurns"/>.</summary>
    public int? MaxTurns { get; init; }

    /// <summary>See <see cref="TaskSpec.Labels"/>.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Where a pull request is opened with its work: <c>github:owner/name</c>; null = the work stays with the server.</summary>
    public string? Remote { get; init; }

    /// <summary>Tickets that it serves: <c>linear:ENG-1</c>, <c>jira:ABC-1</c>. At most 20.</summary>
    public IReadOnlyList<string>? Tickets { get; init; }

    /// <summary>By which client: <c>cli</c>, <c>demo</c>; null = <c>http</c>.</summary>
    public string? Source { get; init; }

    /// <summary>See <see cref="TaskSpec.Constraints"/>.</summary>
    public IReadOnlyList<string>? Constraints { get; init; }

    /// <summary>Files as <c>POST /v1/attachments</c> answered them; at most 10.</summary>
    public IReadOnlyList<AttachedFile>? Attachments { get; init; }
}

/// <summary>A page of tasks, newest first.</summary>
/// <param name="Tasks">At most the wanted number.</param>
/// <param name="Next">Hand it back as <c>after</c> for the next page; null = the end.</param>
public sealed record TaskPage(IReadOnlyList<TaskHead> Tasks, string? Next);

/// <summary>Answer of <c>POST /v1/tasks</c>.</summary>
public sealed record SubmitAnswer(TaskSnapshot Task, bool AlreadyThere);

/// <summary>Body of cancel, retry, resume and answer calls; all optional.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ActRequest
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>With an answer: SHA-256 of the diff that was looked at, whole or its first 12 digits or more.</summary>
    public string? Hash { get; init; }
}

/// <summary>Why a task is where it is.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Phase">Where it is.</param>
/// <param name="Headline">One sentence.</param>
/// <param name="Reasons">What led here, in order.</param>
/// <param name="NextSteps">What a person can do; commands to type.</param>
public sealed record Explanation(
    string TaskId,
    TaskPhase Phase,
    string Headline,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<string> NextSteps
);

/// <summary>Answer of <c>GET /v1/status</c>.</summary>
public sealed record StatusReport
{
    /// <summary>The product's version.</summary>
    public string Version { get; init; } = "";

    /// <summary>Since when it runs, UTC.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The data directory.</summary>
    public string DataDirectory { get; init; } = "";

    /// <summary>Component lines.</summary>
    public IReadOnlyList<ComponentStatus> Components { get; init; } = [];

    /// <summary>Tasks per phase.</summary>
    public IReadOnlyDictionary<string, long> Phases { get; init; } = new Dictionary<string, long>();

    /// <summary>Tasks with a live attempt.</summary>
    public long Active { get; init; }

    /// <summary>Tasks that wait for a slot.</summary>
    public long Queued { get; init; }

    /// <summary>Tasks that ended well.</summary>
    public long Completed { get; init; }

    /// <summary>Tasks that ended badly.</summary>
    public long Failed { get; init; }

    /// <summary>The queue.</summary>
    public QueueStatus? Queue { get; init; }

    /// <summary>The hosts.</summary>
    public IReadOnlyList<HostSnapshot> Hosts { get; init; } = [];

    /// <summary>The mediator.</summary>
    public MediatorStatus? Mediator { get; init; }

    /// <summary>Deliveries that were given up and wait for an operator.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Reports of a run that were refused, because another attempt or a newer epoch of the host had taken over; all history.</summary>
    public long Fenced { get; init; }
}

/// <summary>A component's line in <c>status</c>.</summary>
public sealed record ComponentStatus(string Name, bool Ok, string Detail);

/// <summary>Counts and times of ended tasks of one kind.</summary>
public sealed record TypeStats(long Total, long Success, long Failed);

/// <summary>Percentiles in seconds.</summary>
public sealed record Percentiles(double P50, double P90, double P95, double P99);

/// <summary>The window of <c>stats</c>: all history.</summary>
public sealed record StatsWindow(DateTimeOffset? From, DateTimeOffset? To);

/// <summary>Task numbers of <c>stats</c>.</summary>
public sealed record TaskStats(
    long Total,
    long Success,
    long Failed,
    long Cancelled,
    double SuccessRate,
    Percentiles Durations,
    IReadOnlyDictionary<string, TypeStats> ByType,
    IReadOnlyDictionary<string, long> ByError,
    IReadOnlyDictionary<string, Percentiles> ByPhase,
    decimal CostUsd,
    long Tokens
);

/// <summary>Answer of <c>GET /v1/stats</c> and content of <c>logs/metrics.json</c>.</summary>
public sealed record StatsReport(StatsWindow Window, TaskStats Tasks);

/// <summary>One check of <c>doctor</c>.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Level"><c>ok</c>, <c>warn</c> or <c>fail</c>.</param>
/// <param name="Message">What was found.</param>
/// <param name="Cure">What to do; empty when ok.</param>
public sealed record DoctorCheck(string Name, string Level, string Message, string Cure);

/// <summary>Body of <c>POST /v1/doctor</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DoctorRequest
{
    /// <summary>True: the agent is called once for real, which costs a few tokens. Default false.</summary>
    public bool Login { get; init; }

    /// <summary>True: what is safe to repair is repaired first: missing folders, modes of the product's own files, what was left behind. Default false.</summary>
    public bool Fix { get; init; }
}

/// <summary>Answer of <c>GET</c> and <c>POST /v1/doctor</c>.</summary>
/// <param name="Checks">Everything that was looked at.</param>
public sealed record DoctorReport(IReadOnlyList<DoctorCheck> Checks)
{
    /// <summary>The settings in force, by key; no secret among them.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } =
        new Dictionary<string, string>();

    /// <summary>What was repaired before the checks; null = nothing was asked for.</summary>
    public WorkReport? Fixes { get; init; }
}

/// <summary>A page of facts.</summary>
public sealed record FactPage(IReadOnlyList<JournalEntry> Facts, long Next);

/// <summary>A problem+json body (RFC 9457) with the product's own members.</summary>
public sealed record Problem
{
    /// <summary>A URN with the code.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>The code in words.</summary>
    public string Title { get; init; } = "";

    /// <summary>HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>The failure's message and detail.</summary>
    public string Detail { get; init; } = "";

    /// <summary>A code of <see cref="FailureCodes"/>.</summary>
    public string Code { get; init; } = "";

    /// <summary>The exit code of a command that fails so.</summary>
    public int ExitCode { get; init; }

    /// <summary>Seconds, or 0.</summary>
    public int RetryAfter { get; init; }
}

/// <summary>Body of <c>POST /v1/tokens</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TokenRequest
{
    /// <summary>Its name: the requester of what it submits. <c>[A-Za-z0-9._@-]</c>, 1 to 64.</summary>
    public string? Name { get; init; }

    /// <summary><c>read submit operate audit admin</c>; at least one.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Days until it ends, 1 to 3,650; null = never, or as <see cref="Seconds"/> says.</summary>
    public int? Days { get; init; }

    /// <summary>Seconds until it ends, 1 to 315,360,000 (3,650 days), instead of <see cref="Days"/>; null = never, or as that says.</summary>
    public long? Seconds { get; init; }
}

/// <summary>A token as listed; the secret is shown once, at creation.</summary>
public sealed record TokenInfo(
    string Id,
    string Name,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    string? Secret
);

/// <summary>Answer of <c>GET /v1/tokens</c>.</summary>
public sealed record TokenList(IReadOnlyList<TokenInfo> Tokens);

/// <summary>Body of <c>POST /v1/tasks/{id}/commit</c> and <c>/v1/tasks/{id}/commit-all</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CommitRequest
{
    /// <summary>The branch, or null for the default name.</summary>
    public string? Branch { get; init; }

    /// <summary>True: commit on the branch that is checked out.</summary>
    public bool NoBranch { get; init; }

    /// <summary>True: push afterwards.</summary>
    public bool Push { get; init; }

    /// <summary>The message, or null for one made from the task.</summary>
    public string? Message { get; init; }
}

/// <summary>Answer of a commit call.</summary>
/// <param name="Commit">The real full hash.</param>
/// <param name="Branch">The branch that holds it.</param>
/// <param name="Files">What was committed.</param>
/// <param name="LeftOut">Files that are never committed.</param>
/// <param name="Pushed">True when it was pushed.</param>
/// <param name="AlreadyThere">True when an earlier call had made it.</param>
public sealed record CommitAnswer(
    string Commit,
    string Branch,
    IReadOnlyList<string> Files,
    IReadOnlyList<string> LeftOut,
    bool Pushed,
    bool AlreadyThere
);

/// <summary>Answer of <c>git-status</c>.</summary>
/// <param name="Repository">The top folder of the working tree.</param>
/// <param name="Branch">What is checked out; empty when HEAD is detached.</param>
/// <param name="Clean">True when nothing is changed, staged or untracked.</param>
/// <param name="Changes">At most 2,000.</param>
/// <param name="SensitiveFiles">Those of the changes that are never committed.</param>
public sealed record RepositoryStatus(
    string Repository,
    string Branch,
    bool Clean,
    IReadOnlyList<FileChange> Changes,
    IReadOnlyList<string> SensitiveFiles
);

/// <summary>Answer of <c>POST /v1/import</c> and <c>POST /v1/clean</c>.</summary>
public sealed record WorkReport(
    IReadOnlyList<string> Done,
    IReadOnlyList<string> Skipped,
    IReadOnlyList<string> Problems
);

/// <summary>Body of <c>POST /v1/import</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ImportRequest
{
    /// <summary>Full path of a predecessor's working directory.</summary>
    public string? Directory { get; init; }

    /// <summary>True: only tell what would be taken. Default false.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Body of <c>POST /v1/clean</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CleanRequest
{
    /// <summary><c>tasks</c>, <c>artifacts</c> or <c>uploads</c>.</summary>
    public string? What { get; init; }

    /// <summary>Older than this many days; 0 to 3,650. Default 30.</summary>
    public int? Days { get; init; }

    /// <summary>True: only tell what would be done. Default false.</summary>
    public bool DryRun { get; init; }
}

/// <summary><c>silo.json</c>: how local clients find a running silo. Readable by its owner only.</summary>
public sealed record SiloDiscovery(
    int Pid,
    DateTimeOffset StartedAt,
    Uri Address,
    string Token,
    string Version
);
