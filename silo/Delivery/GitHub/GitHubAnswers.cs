#pragma warning disable CA1812 // made by the client library's serializer, by reflection
namespace Orchestrator.Silo.Delivery.GitHub;

// The part of GitHub's answers that is relied on, and no more. The library's own models of check runs do not take an
// absent start, so these shapes are our own; tests/tools/github/openapi-check.mjs holds them to GitHub's document.

internal sealed class GitHubUser
{
    public string? Login { get; set; }
}

internal sealed class GitHubApp
{
    public long Id { get; set; }
    public string? Slug { get; set; }
}

internal sealed class GitHubInstallation
{
    public long Id { get; set; }
}

internal sealed class GitHubInstallationToken
{
    public string? Token { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
    public Dictionary<string, string>? Permissions { get; set; }
}

internal sealed class GitHubRights
{
    public bool Push { get; set; }
}

internal sealed class GitHubRepository
{
    public string? DefaultBranch { get; set; }
    public string? HtmlUrl { get; set; }
    public bool Archived { get; set; }
    public GitHubRights? Permissions { get; set; }
}

internal sealed class GitHubCommit
{
    public string? Sha { get; set; }
}

internal sealed class GitHubRequiredChecks
{
    public List<string>? Contexts { get; set; }
}

internal sealed class GitHubProtection
{
    public GitHubRequiredChecks? RequiredStatusChecks { get; set; }
}

internal sealed class GitHubBranch
{
    public GitHubCommit? Commit { get; set; }
    public GitHubProtection? Protection { get; set; }
}

internal sealed class GitHubRuleCheck
{
    public string? Context { get; set; }
}

internal sealed class GitHubRuleParameters
{
    public List<GitHubRuleCheck>? RequiredStatusChecks { get; set; }
}

internal sealed class GitHubRule
{
    public string? Type { get; set; }
    public GitHubRuleParameters? Parameters { get; set; }
}

internal sealed class GitHubSide
{
    public string? Ref { get; set; }
    public string? Sha { get; set; }
}

internal sealed class GitHubPullRequest
{
    public int Number { get; set; }
    public string? NodeId { get; set; }
    public string? HtmlUrl { get; set; }
    public string? State { get; set; }
    public string? Title { get; set; }
    public string? Body { get; set; }
    public bool Draft { get; set; }
    public bool Merged { get; set; }
    public string? MergeCommitSha { get; set; }
    public bool? Mergeable { get; set; }
    public string? MergeableState { get; set; }
    public GitHubUser? MergedBy { get; set; }
    public GitHubSide? Head { get; set; }
    public GitHubSide? Base { get; set; }
    public int Additions { get; set; }
    public int Deletions { get; set; }
    public int ChangedFiles { get; set; }
    public DateTimeOffset? UpdatedAt { get; set; }
}

internal sealed class GitHubIssue
{
    public GitHubUser? ClosedBy { get; set; }
}

internal sealed class GitHubReview
{
    public long Id { get; set; }
    public GitHubUser? User { get; set; }
    public string? State { get; set; }
    public string? Body { get; set; }
    public string? CommitId { get; set; }
    public string? HtmlUrl { get; set; }
    public string? AuthorAssociation { get; set; }
    public DateTimeOffset? SubmittedAt { get; set; }
}

internal sealed class GitHubComment
{
    public long Id { get; set; }
    public GitHubUser? User { get; set; }
    public string? Body { get; set; }
    public string? HtmlUrl { get; set; }
    public string? AuthorAssociation { get; set; }
    public DateTimeOffset? CreatedAt { get; set; }

    // Of line comments only.
    public string? Path { get; set; }
    public int? Line { get; set; }
    public int? OriginalLine { get; set; }
    public string? CommitId { get; set; }
    public long? InReplyToId { get; set; }
}

internal sealed class GitHubCheckOutput
{
    public string? Title { get; set; }
    public string? Summary { get; set; }
    public string? Text { get; set; }
}

internal sealed class GitHubCheckRun
{
    public long Id { get; set; }
    public string? Name { get; set; }
    public string? Status { get; set; }
    public string? Conclusion { get; set; }
    public GitHubCheckOutput? Output { get; set; }
    public GitHubApp? App { get; set; }
}

internal sealed class GitHubCheckRuns
{
    public List<GitHubCheckRun>? CheckRuns { get; set; }
}

internal sealed class GitHubStatus
{
    public string? Context { get; set; }
    public string? State { get; set; }
    public string? Description { get; set; }
}

internal sealed class GitHubStatuses
{
    public List<GitHubStatus>? Statuses { get; set; }
}

internal sealed class GitHubMerge
{
    public string? Sha { get; set; }
    public bool Merged { get; set; }
}

internal sealed class GitHubGraphError
{
    public string? Message { get; set; }
}

internal sealed class GitHubGraph
{
    public List<GitHubGraphError>? Errors { get; set; }
}
