namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>What a requester asked for, as accepted at the door. Never changed afterwards.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-spec")]
public sealed record TaskSpec
{
    /// <summary>The user's words, verbatim; 1 to 200,000 characters. They reach the agent unchanged.</summary>
    [Id(0)]
    public required string Request { get; init; }

    /// <summary>A short title, or empty: then the mediator makes one. At most 200 characters.</summary>
    [Id(1)]
    public string Title { get; init; } = "";

    /// <summary>The kind of work, or <see cref="TaskKind.Unknown"/>: then the mediator decides.</summary>
    [Id(2)]
    public TaskKind Kind { get; init; }

    /// <summary>The lane of the queue. Default: medium.</summary>
    [Id(3)]
    public TaskPriority Priority { get; init; } = TaskPriority.Medium;

    /// <summary>The full real path of a git repository on the host, or empty: then the agent works in an empty folder.</summary>
    [Id(4)]
    public string Repository { get; init; } = "";

    /// <summary>Branch, tag or commit to start from, or empty for the repository's HEAD.</summary>
    [Id(5)]
    public string BaseBranch { get; init; } = "";

    /// <summary>Files the requester names, relative to the repository, '/' separated. At most 200.</summary>
    [Id(6)]
    public IReadOnlyList<string> TargetFiles { get; init; } = [];

    /// <summary>What must hold in the end, in the requester's words. At most 50.</summary>
    [Id(7)]
    public IReadOnlyList<string> SuccessCriteria { get; init; } = [];

    /// <summary>Background the requester gave; given to the agent after the request.</summary>
    [Id(8)]
    public string Context { get; init; } = "";

    /// <summary>Wall clock of one run in seconds, 1 to 86,400; 0 = the server's default.</summary>
    [Id(9)]
    public int TimeoutSeconds { get; init; }

    /// <summary>A chosen agent prompt (<c>bug_fix</c>, <c>code_review</c>, ...), or empty: by kind.</summary>
    [Id(10)]
    public string AgentType { get; init; } = "";

    /// <summary>The runner kind (<c>claude-code</c>, <c>scripted</c>), or empty for the server's default.</summary>
    [Id(11)]
    public string Runner { get; init; } = "";

    /// <summary>The agent's model, or empty for the server's default.</summary>
    [Id(12)]
    public string Model { get; init; } = "";

    /// <summary>Who asked: the name of the token, chat user or folder. Fairness and idempotency count by it.</summary>
    [Id(13)]
    public string Requester { get; init; } = "";

    /// <summary>By which door it came: <c>cli http file import demo</c>.</summary>
    [Id(14)]
    public string Source { get; init; } = "";

    /// <summary>Full path of the task file it came from, or empty; archived when the task ends.</summary>
    [Id(15)]
    public string SourceFile { get; init; } = "";

    /// <summary>For the scripted runner: the script, JSON; empty for every other.</summary>
    [Id(16)]
    public string Script { get; init; } = "";

    /// <summary>Folder below the repository in which the agent starts, '/' separated; empty = the root.</summary>
    [Id(17)]
    public string WorkingDirectory { get; init; } = "";

    /// <summary>Most turns of the agent's own loop; 0 = the server's default.</summary>
    [Id(18)]
    public int MaxTurns { get; init; }

    /// <summary>Labels a host must have (<c>os=windows</c>). At most 16.</summary>
    [Id(19)]
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The requester's idempotency key, or empty.</summary>
    [Id(20)]
    public string IdempotencyKey { get; init; } = "";

    /// <summary>The task that this one continues, or empty.</summary>
    [Id(21)]
    public string ParentTaskId { get; init; } = "";

    /// <summary>Where its pull request is opened: <c>github:owner/name</c>; empty = the work stays with us.</summary>
    [Id(22)]
    public string Remote
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>Tickets that it serves: <c>linear:ENG-1</c>, <c>jira:ABC-1</c>. At most 20.</summary>
    [Id(23)]
    public IReadOnlyList<string> Tickets
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Files that the agent may read. At most 10.</summary>
    [Id(24)]
    public IReadOnlyList<Attachment> Attachments
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>What must hold in every turn, in the requester's words. At most 20 of 1,000 characters each.</summary>
    [Id(25)]
    public IReadOnlyList<string> Constraints
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>For a fork: the turn of the parent that it begins after; 0 = it is none.</summary>
    [Id(26)]
    public int ParentTurn { get; init; }

    /// <summary>For a fork: the commit that the parent's work is based on; empty = the branch's head.</summary>
    [Id(27)]
    public string StartCommit
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>For a fork: blob of the parent's work at that turn; empty = it begins from the commit.</summary>
    [Id(28)]
    public string StartPatchBlob
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>For a fork: true when the parent's work was accepted as it is taken over.</summary>
    [Id(31)]
    public bool StartPatchAccepted { get; init; }

    /// <summary>For a fork: blob of a git bundle that brings the commit to a host that does not have it; empty = none is needed.</summary>
    [Id(29)]
    public string StartBundle
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>For a fork: what was said and done in the parent up to that turn, at most 20 turns, cut.</summary>
    [Id(30)]
    public IReadOnlyList<TurnMemory> Earlier
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The W3C <c>traceparent</c> of the call that asked for it (55 characters, <c>00-…</c>); empty = it named none. It is no part of what is asked.</summary>
    [Id(32)]
    public string TraceParent
    {
        get;
        init => field = value ?? "";
    } = "";
}
