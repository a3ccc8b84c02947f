namespace Orchestrator.GrainInterfaces.Delivery;

#if !CLIENT_PACKAGE
/// <summary>A task's pull request, key = the task's id: pushes, opens, looks, answers and merges in its own loop, and tells the task what came of it.</summary>
[GrainInterfaceType("pull-request"), Alias("orchestrator.pull-request")]
public interface IPullRequestGrain : IGrainWithStringKey
{
    /// <summary>There may be something to do. Returns at once.</summary>
    [Alias("wake")]
    Task WakeAsync(CancellationToken cancellationToken);

    /// <summary>The remote host says that something happened: look now, whatever was looked at before. Returns at once.</summary>
    [Alias("look")]
    Task LookAsync(CancellationToken cancellationToken);

    /// <summary>For the Orleans dashboard: what it did last; no side effects.</summary>
    [Alias("get-state")]
    Task<PullRequestStatus> GetState();
}
#endif

/// <summary>What a pull request's grain did last.</summary>
/// <param name="LookedAt">When it read the remote host last (UTC), or null since its activation.</param>
/// <param name="Problem">Why the last try did not succeed; empty when it did.</param>
/// <param name="RetryAt">When it tries again (UTC), or null.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.pull-request-status")]
public sealed record PullRequestStatus(
    [property: Id(0)] DateTimeOffset? LookedAt,
    [property: Id(1)] string Problem,
    [property: Id(2)] DateTimeOffset? RetryAt
);

#if !CLIENT_PACKAGE
/// <summary>The order in which a repository's pull requests are merged, key = <c>github:owner/name</c>: one at a time per base branch.</summary>
[GrainInterfaceType("merge-queue"), Alias("orchestrator.merge-queue")]
public interface IMergeQueueGrain : IGrainWithStringKey
{
    /// <summary>Asks for, or renews, the turn to merge into a base branch; the first who asked has it until it leaves or is silent for <paramref name="silenceMax"/>.</summary>
    [Alias("enter")]
    Task<MergeTurn> EnterAsync(
        string taskId,
        string baseBranch,
        TimeSpan silenceMax,
        CancellationToken cancellationToken
    );

    /// <summary>Gives the turn, or the place in the line, back, and wakes who is next; with <paramref name="over"/> the task's pull request is forgotten too. Harmless when there is none.</summary>
    [Alias("leave")]
    Task LeaveAsync(string taskId, bool over, CancellationToken cancellationToken);

    /// <summary>Notes which task a pull request or branch belongs to, so that a hint of the host finds it. Hints only: what is lost here is found by the next look.</summary>
    [Alias("register")]
    Task RegisterAsync(
        string taskId,
        int number,
        string branch,
        CancellationToken cancellationToken
    );

    /// <summary>The tasks of a pull request (0 = not known) or a branch (empty = not known).</summary>
    [Alias("find")]
    Task<IReadOnlyList<string>> FindAsync(
        int number,
        string branch,
        CancellationToken cancellationToken
    );

    /// <summary>Stops merging by itself in this repository, or lets it go on.</summary>
    [Alias("stop")]
    Task<MergeQueueState> StopAsync(bool stopped, string by, CancellationToken cancellationToken);

    /// <summary>Who merges, who waits, whether it is stopped.</summary>
    [Alias("get-state")]
    Task<MergeQueueState> GetState();
}
#endif

/// <summary>Answer to who wants to merge.</summary>
/// <param name="Mine">It may go on.</param>
/// <param name="Before">The task that has the turn; empty when it is one's own.</param>
/// <param name="StoppedBy">Who stopped merging here; empty = nobody.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.merge-turn")]
public sealed record MergeTurn(
    [property: Id(0)] bool Mine,
    [property: Id(1)] string Before,
    [property: Id(2)] string StoppedBy
);

/// <summary>A merge queue as it stands.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.merge-queue-state")]
public sealed record MergeQueueState
{
    /// <summary>Who stopped merging; empty = nobody.</summary>
    [Id(0)]
    public string StoppedBy { get; init; } = "";

    /// <summary>When (UTC), or null.</summary>
    [Id(1)]
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>Those who want to merge, in their order; the first of each base branch has the turn.</summary>
    [Id(2)]
    public IReadOnlyList<MergePlace> Line { get; init; } = [];

    /// <summary>Pull requests that are not over, at most 10,000; the oldest are forgotten first.</summary>
    [Id(3)]
    public IReadOnlyList<MergeEntry> Open { get; init; } = [];
}

/// <summary>Whose a pull request is.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Number">Its number.</param>
/// <param name="Branch">Its branch.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.merge-entry")]
public sealed record MergeEntry(
    [property: Id(0)] string TaskId,
    [property: Id(1)] int Number,
    [property: Id(2)] string Branch
);

/// <summary>A place in a merge queue.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="BaseBranch">Where it wants to merge.</param>
/// <param name="HeardAt">When it asked last (UTC).</param>
[GenerateSerializer, Immutable, Alias("orchestrator.merge-place")]
public sealed record MergePlace(
    [property: Id(0)] string TaskId,
    [property: Id(1)] string BaseBranch,
    [property: Id(2)] DateTimeOffset HeardAt
);
