namespace Orchestrator.Silo.Runners;

/// <summary>What a worktree shall be.</summary>
internal sealed record WorkspaceWish
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Full path of the user's clone, or empty.</summary>
    public string Repository { get; init; } = "";

    /// <summary>A branch, a tag or a commit; empty = what is checked out there.</summary>
    public string BaseBranch { get; init; } = "";

    /// <summary>The commit the task already works on, or empty.</summary>
    public string BaseCommit { get; init; } = "";

    /// <summary>Blob of a git bundle with the base commit, for a repository that does not have it; empty = none is needed.</summary>
    public string BaseBundle { get; init; } = "";

    /// <summary>Blob id of the work so far, or empty.</summary>
    public string StartPatch { get; init; } = "";

    /// <summary>True: the patch is merged onto a base that it was not made from.</summary>
    public bool Merge { get; init; }

    /// <summary>True: what conflicts in the merge is left in the files, between marks; false: it refuses the worktree.</summary>
    public bool KeepConflicts { get; init; }
}
