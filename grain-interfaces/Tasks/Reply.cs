namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>What somebody says to a task after its request. Each becomes one turn of the task, in the order of acceptance.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.reply")]
public sealed record Reply
{
    /// <summary>Longest text, characters.</summary>
    public const int TextMax = 200_000;

    /// <summary>Most constraints of one reply.</summary>
    public const int ConstraintsMax = 20;

    /// <summary>Longest constraint, characters.</summary>
    public const int ConstraintMax = 1_000;

    /// <summary>Most attachments of one reply.</summary>
    public const int AttachmentsMax = 10;

    /// <summary>The sender's own id of it, 1 to 128 characters, unique in the task: told twice, it counts once.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The words, verbatim; 1 to 200,000 characters.</summary>
    [Id(1)]
    public required string Text { get; init; }

    /// <summary>Who said it.</summary>
    [Id(2)]
    public string By { get; init; } = "";

    /// <summary>By which door: <c>cli http file telegram</c>.</summary>
    [Id(3)]
    public string Channel { get; init; } = "";

    /// <summary>From where, as far as the door knows: an address, a chat.</summary>
    [Id(4)]
    public string From { get; init; } = "";

    /// <summary>What must hold in this turn and all later ones, in the user's words. At most 20 of 1,000 characters each.</summary>
    [Id(5)]
    public IReadOnlyList<string> Constraints
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The kind of work from this turn on; null = as before, or what the words say where nothing was written so far.</summary>
    [Id(6)]
    public TaskKind? Kind { get; init; }

    /// <summary>The queue's lane from this turn on; null = as before.</summary>
    [Id(7)]
    public TaskPriority? Priority { get; init; }

    /// <summary>True: what is under way is stopped for it. False: it waits for the end.</summary>
    [Id(8)]
    public bool Interrupt { get; init; }

    /// <summary>Files that the agent may read. At most 10.</summary>
    [Id(9)]
    public IReadOnlyList<Attachment> Attachments
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>For the scripted runner: the script of this turn; empty = the task's.</summary>
    [Id(10)]
    public string Script
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>The W3C <c>traceparent</c> of the call that sent it; empty = it named none. It is no part of what is said.</summary>
    [Id(11)]
    public string TraceParent
    {
        get;
        init => field = value ?? "";
    } = "";
}

/// <summary>A file that a user sent along; its content lies in the store.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.attachment")]
public sealed record Attachment
{
    /// <summary>Most bytes of one file.</summary>
    public const long BytesMax = 20 * 1024 * 1024;

    /// <summary>Most files of a task.</summary>
    public const int PerTaskMax = 100;

    /// <summary>A plain file name that is safe on every platform, 1 to 100 characters.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Blob id of the content: its SHA-256, 64 hex digits.</summary>
    [Id(1)]
    public required string Blob { get; init; }

    /// <summary>Its length, 1 to 20 MiB.</summary>
    [Id(2)]
    public long Bytes { get; init; }

    /// <summary>What it is by its own first bytes: <c>text/plain</c>, <c>image/png</c>, ...</summary>
    [Id(3)]
    public string MediaType { get; init; } = "";
}

/// <summary>What a turn left behind, for the turns after it. Texts are cut.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.turn-memory")]
public sealed record TurnMemory
{
    /// <summary>The turn, from 1.</summary>
    [Id(0)]
    public int Turn { get; init; }

    /// <summary>What was said, at most 1,500 characters.</summary>
    [Id(1)]
    public string Asked { get; init; } = "";

    /// <summary>What the agent answered, at most 1,500 characters; empty when it did not come to an answer.</summary>
    [Id(2)]
    public string Answered { get; init; } = "";

    /// <summary>How it ended: <c>done</c>, <c>failed</c>, <c>cancelled</c>.</summary>
    [Id(3)]
    public string Outcome { get; init; } = "";
}
