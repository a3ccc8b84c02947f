namespace Orchestrator.Decisions.Delivery;

/// <summary>A pull request as it stands.</summary>
public sealed record PullRequestView
{
    /// <summary>Its number.</summary>
    public required int Number { get; init; }

    /// <summary>For people.</summary>
    public required string WebAddress { get; init; }

    /// <summary>True until it is merged or closed.</summary>
    public bool Open { get; init; }

    /// <summary>Merged.</summary>
    public bool Merged { get; init; }

    /// <summary>The commit that it became on the base branch; empty until merged.</summary>
    public string MergeCommit { get; init; } = "";

    /// <summary>Who merged or closed it, or empty.</summary>
    public string EndedBy { get; init; } = "";

    /// <summary>It is a draft.</summary>
    public bool IsDraft { get; init; }

    /// <summary>Head branch; empty when it is deleted.</summary>
    public string Branch { get; init; } = "";

    /// <summary>The head commit.</summary>
    public string Head { get; init; } = "";

    /// <summary>Base branch.</summary>
    public string Base { get; init; } = "";

    /// <summary>The base branch's commit now.</summary>
    public string BaseHead { get; init; } = "";

    /// <summary>False: it conflicts with its base; null: the host does not know yet.</summary>
    public bool? Mergeable { get; init; }

    /// <summary>The host's own word on merging (<c>clean</c>, <c>blocked</c>, <c>behind</c>, <c>dirty</c>, <c>unknown</c> ...), or empty.</summary>
    public string MergeState { get; init; } = "";

    /// <summary>Changed lines, added and removed.</summary>
    public int Lines { get; init; }

    /// <summary>Changed files.</summary>
    public int Files { get; init; }

    /// <summary>The last push, comment or review (UTC).</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Check runs and commit statuses of the head, each name once, the newest of it.</summary>
    public IReadOnlyList<PullRequestCheck> Checks { get; init; } = [];

    /// <summary>Names of checks that the host's branch protection demands; empty = none, or not readable.</summary>
    public IReadOnlyList<string> RequiredChecks { get; init; } = [];

    /// <summary>Reviews, line comments and comments, oldest first.</summary>
    public IReadOnlyList<PullRequestRemark> Remarks { get; init; } = [];
}

/// <summary>A check of a head.</summary>
/// <param name="Id"><c>run:123</c> or <c>status:context</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status"><c>pending</c>, <c>success</c>, <c>failure</c>, <c>neutral</c> (skipped too).</param>
/// <param name="Summary">The host's words; at most 4,000 characters.</param>
/// <param name="Own">True when this product set it.</param>
public sealed record PullRequestCheck(
    string Id,
    string Name,
    string Status,
    string Summary,
    bool Own
);

/// <summary>What somebody said on a pull request.</summary>
public sealed record PullRequestRemark
{
    /// <summary>Never changes: <c>review:1</c>, <c>line:2</c>, <c>comment:3</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The host's login of who said it.</summary>
    public required string By { get; init; }

    /// <summary>It is our own account.</summary>
    public bool Own { get; init; }

    /// <summary>The host vouches for write access: owner, member or collaborator.</summary>
    public bool Trusted { get; init; }

    /// <summary><c>approved</c>, <c>changes_requested</c>, <c>commented</c>, <c>dismissed</c> for reviews; empty otherwise.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>The words, at most 65,536 characters; not redacted, not trusted.</summary>
    public string Text { get; init; } = "";

    /// <summary>For a line comment: the path in the repository.</summary>
    public string Path { get; init; } = "";

    /// <summary>For a line comment: the line in the new file, or 0.</summary>
    public int Line { get; init; }

    /// <summary>The commit that it was said about, or empty.</summary>
    public string Head { get; init; } = "";

    /// <summary>For people.</summary>
    public string WebAddress { get; init; } = "";

    /// <summary>When (UTC).</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>How a branch stands to its base.</summary>
/// <param name="BaseHead">The base branch's commit.</param>
/// <param name="Contained">The branch holds that commit.</param>
/// <param name="Conflicts">Paths that would conflict, at most 50; empty = none.</param>
public sealed record BaseCheck(string BaseHead, bool Contained, IReadOnlyList<string> Conflicts);
