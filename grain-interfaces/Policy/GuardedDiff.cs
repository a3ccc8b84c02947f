namespace Orchestrator.GrainInterfaces.Policy;

/// <summary>Work that is kept as a diff until people have approved it and somebody has it applied.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.guarded-diff")]
public sealed record GuardedDiff
{
    /// <summary>SHA-256 of the patch, 64 hex digits: what is approved and what is applied.</summary>
    [Id(0)]
    public required string Hash { get; init; }

    /// <summary>The commit it was made from; the branch must stand there when it is applied.</summary>
    [Id(1)]
    public string BaseCommit { get; init; } = "";

    /// <summary>The branch it is for; empty = the one that is checked out.</summary>
    [Id(2)]
    public string Branch { get; init; } = "";

    /// <summary>The first rule that wants it approved, with where it stands.</summary>
    [Id(3)]
    public string Rule { get; init; } = "";

    /// <summary>The policy that ruled.</summary>
    [Id(4)]
    public string Policy { get; init; } = "";

    /// <summary>UTC; later than this it is not applied.</summary>
    [Id(5)]
    public DateTimeOffset Expires { get; init; }

    /// <summary>How many different people must approve it.</summary>
    [Id(6)]
    public int Approvals { get; init; }
}

/// <summary>Where a guarded diff is on its way into the repository.</summary>
public enum GuardedStep
{
    /// <summary>It waits for approvals.</summary>
    Staged = 0,

    /// <summary>Approved; somebody may have it applied.</summary>
    Approved = 1,

    /// <summary>It is being applied; after a crash that is finished.</summary>
    Applying = 2,

    /// <summary>It stands in the repository.</summary>
    Applied = 3,

    /// <summary>Somebody said no, or nobody answered in time.</summary>
    Rejected = 4,
}

/// <summary>A guarded diff as people see it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.guarded-state")]
public sealed record GuardedState
{
    /// <summary>The diff.</summary>
    [Id(0)]
    public required GuardedDiff Diff { get; init; }

    /// <summary>Where it is.</summary>
    [Id(1)]
    public GuardedStep Step { get; init; }

    /// <summary>Who had it applied; empty before that.</summary>
    [Id(2)]
    public string AppliedBy { get; init; } = "";

    /// <summary>True: a moved branch is merged with.</summary>
    [Id(3)]
    public bool ThreeWay { get; init; }

    /// <summary>The branch it stands in, once applied.</summary>
    [Id(4)]
    public string Branch { get; init; } = "";

    /// <summary>The commit that holds it, once applied.</summary>
    [Id(5)]
    public string Commit { get; init; } = "";

    /// <summary>Why the last try to apply it came to nothing.</summary>
    [Id(6)]
    public Failures.Failure? Refusal { get; init; }

    /// <summary>When applying began, UTC; the date of the commit, so that trying again makes the same one.</summary>
    [Id(7)]
    public DateTimeOffset? Since { get; init; }
}

/// <summary>An answer to what a task asks.</summary>
/// <param name="By">Who.</param>
/// <param name="Yes">Yes or no.</param>
/// <param name="Note">In their words; may be empty.</param>
/// <param name="Hash">The patch they looked at, whole or its first 12 digits or more; empty = whichever is asked about.</param>
/// <param name="From">By which door.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.approval-answer")]
public sealed record ApprovalAnswer(
    [property: Id(0)] string By,
    [property: Id(1)] bool Yes,
    [property: Id(2)] string Note,
    [property: Id(3)] string Hash,
    [property: Id(4)] string From
);

/// <summary>A host's order to bring a guarded diff into a repository. Idempotent by its hash.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.apply-order")]
public sealed record ApplyOrder
{
    /// <summary>The task.</summary>
    [Id(0)]
    public required string TaskId { get; init; }

    /// <summary>The diff.</summary>
    [Id(1)]
    public required GuardedDiff Diff { get; init; }

    /// <summary>Blob id of the patch.</summary>
    [Id(2)]
    public required string PatchBlob { get; init; }

    /// <summary>Full path of the repository.</summary>
    [Id(3)]
    public required string Repository { get; init; }

    /// <summary>True: a moved branch is merged with.</summary>
    [Id(4)]
    public bool ThreeWay { get; init; }

    /// <summary>The commit's date, UTC.</summary>
    [Id(5)]
    public DateTimeOffset At { get; init; }

    /// <summary>For the commit's first line.</summary>
    [Id(6)]
    public string Title { get; init; } = "";

    /// <summary>The kind of work.</summary>
    [Id(7)]
    public Tasks.TaskKind Kind { get; init; }
}
