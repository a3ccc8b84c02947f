namespace Orchestrator.GrainInterfaces.Delivery;

/// <summary>A task's pull request.</summary>
/// <param name="Repository"><c>github:owner/name</c>.</param>
/// <param name="Number">Its number there, from 1.</param>
/// <param name="WebAddress">For people.</param>
/// <param name="Branch">Head branch.</param>
/// <param name="Base">Base branch.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.pull-request-ref")]
public sealed record PullRequestRef(
    [property: Id(0)] string Repository,
    [property: Id(1)] int Number,
    [property: Id(2)] string WebAddress,
    [property: Id(3)] string Branch,
    [property: Id(4)] string Base
);

/// <summary>What people or checks said about delivered work; each item causes work once.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.feedback")]
public sealed record Feedback
{
    /// <summary>Never twice in a task: <c>review:1</c>, <c>line:2</c>, <c>comment:3</c>, <c>check:HEAD:NAME</c>, <c>conflict:HEAD:BASE</c>.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary><c>review</c>, <c>line</c>, <c>comment</c>, <c>check</c>, <c>conflict</c>.</summary>
    [Id(1)]
    public required string Kind { get; init; }

    /// <summary>Who said it: a login, or the check's name.</summary>
    [Id(2)]
    public string By { get; init; } = "";

    /// <summary>The words, redacted; at most 20,000 characters.</summary>
    [Id(3)]
    public string Text { get; init; } = "";

    /// <summary>Path in the repository, or empty.</summary>
    [Id(4)]
    public string Path { get; init; } = "";

    /// <summary>Line in the new file, or 0.</summary>
    [Id(5)]
    public int Line { get; init; }

    /// <summary>The commit it was said about, or empty.</summary>
    [Id(6)]
    public string Head { get; init; } = "";

    /// <summary>For people, or empty.</summary>
    [Id(7)]
    public string WebAddress { get; init; } = "";
}

/// <summary>How a task's work stands on the remote host.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.delivery-state")]
public sealed record DeliveryState
{
    /// <summary>Most ids of feedback that are remembered; the oldest are forgotten first.</summary>
    public const int SeenMax = 2_000;

    /// <summary>The pull request, or null before there is one.</summary>
    [Id(0)]
    public PullRequestRef? PullRequest { get; init; }

    /// <summary>The last turn whose work was pushed; 0 = none.</summary>
    [Id(1)]
    public int PushedTurn { get; init; }

    /// <summary>The branch.</summary>
    [Id(2)]
    public string Branch { get; init; } = "";

    /// <summary>The commit that we left in it last.</summary>
    [Id(3)]
    public string Head { get; init; } = "";

    /// <summary>The commit of the base branch that this head was checked on.</summary>
    [Id(4)]
    public string BaseCommit { get; init; } = "";

    /// <summary>Feedback that waits for a turn.</summary>
    [Id(5)]
    public IReadOnlyList<Feedback> Pending { get; init; } = [];

    /// <summary>Feedback that the turn under way is about.</summary>
    [Id(6)]
    public IReadOnlyList<Feedback> InWork { get; init; } = [];

    /// <summary>Feedback whose work is pushed and that is not answered yet.</summary>
    [Id(7)]
    public IReadOnlyList<Feedback> Unanswered { get; init; } = [];

    /// <summary>Ids of all feedback so far.</summary>
    [Id(8)]
    public IReadOnlyList<string> Seen { get; init; } = [];

    /// <summary>Turns that feedback caused.</summary>
    [Id(9)]
    public int Rounds { get; init; }

    /// <summary>When the last of them began (UTC), at most 50.</summary>
    [Id(10)]
    public IReadOnlyList<DateTimeOffset> RoundsAt { get; init; } = [];

    /// <summary>Why the head is not merged by itself; empty = nothing is known against it.</summary>
    [Id(11)]
    public IReadOnlyList<string> HeldFor { get; init; } = [];

    /// <summary>The head that this is said of.</summary>
    [Id(12)]
    public string HeldHead { get; init; } = "";

    /// <summary>The head whose merge is decided; empty = none is.</summary>
    [Id(13)]
    public string MergeHead { get; init; } = "";

    /// <summary>How it is merged.</summary>
    [Id(14)]
    public string MergeMethod { get; init; } = "";

    /// <summary>The commit on the base branch; empty until merged.</summary>
    [Id(15)]
    public string MergeCommit { get; init; } = "";

    /// <summary>Merged or closed.</summary>
    [Id(16)]
    public bool Over { get; init; }

    /// <summary>Who merged or closed it.</summary>
    [Id(17)]
    public string OverBy { get; init; } = "";

    /// <summary>When the merge was refused last (UTC), or null.</summary>
    [Id(18)]
    public DateTimeOffset? RefusedAt { get; init; }
}
