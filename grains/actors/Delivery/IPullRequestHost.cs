using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Grains.Delivery;

/// <summary>
/// A host of pull requests, behind which an adapter (GitHub first) stands. Every call looks before it acts, so that each may be
/// made again after a crash; none retries by itself beyond a few seconds. Texts arrive redacted and within the host's limits.
/// </summary>
/// <remarks>All calls throw <see cref="PullRequestHostException"/> and nothing else but cancellation.</remarks>
public interface IPullRequestHost
{
    /// <summary>The kind of <see cref="RemoteRepository"/> that it serves: <c>github</c>.</summary>
    string Kind { get; }

    /// <summary>What is known of the repository: default branch, archived, what the credential may do.</summary>
    Task<RemoteRepositoryView> RepositoryAsync(
        string repository,
        CancellationToken cancellationToken
    );

    /// <summary>Where git fetches from and pushes to, with a credential that lives minutes to an hour; never logged, never given to an agent.</summary>
    Task<PushAccess> PushAccessAsync(string repository, CancellationToken cancellationToken);

    /// <summary>The commit of a branch, or null when there is no such branch.</summary>
    Task<string?> BranchAsync(
        string repository,
        string branch,
        CancellationToken cancellationToken
    );

    /// <summary>The number of the pull request from this branch that carries the marker in its body, open or not, the newest first; null = none.</summary>
    Task<int?> FindAsync(
        string repository,
        string branch,
        string marker,
        CancellationToken cancellationToken
    );

    /// <summary>Opens a pull request; when the host says that one exists for the branch, that one's number is the answer.</summary>
    Task<int> OpenAsync(
        string repository,
        PullRequestDraft draft,
        CancellationToken cancellationToken
    );

    /// <summary>Sets title and body, and takes it out of draft when <see cref="PullRequestDraft.IsDraft"/> is false. Labels and reviewers are added, none removed; an unknown reviewer is left out.</summary>
    Task UpdateAsync(
        string repository,
        int number,
        PullRequestDraft draft,
        CancellationToken cancellationToken
    );

    /// <summary>Everything a decision needs, read anew: state, head, base, checks of the head, reviews, comments (oldest first, at most 500 of each).</summary>
    Task<PullRequestView> ViewAsync(
        string repository,
        int number,
        CancellationToken cancellationToken
    );

    /// <summary>The one comment that carries the marker is made, or edited when its text differs.</summary>
    Task StickyCommentAsync(
        string repository,
        int number,
        string marker,
        string text,
        CancellationToken cancellationToken
    );

    /// <summary>Answers where the feedback was given (its thread when it has one, else as a comment); the marker keeps it from being said twice.</summary>
    Task ReplyAsync(
        string repository,
        int number,
        string feedbackId,
        string marker,
        string text,
        CancellationToken cancellationToken
    );

    /// <summary>The commit status of a head.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="head">The commit.</param>
    /// <param name="state"><c>pending</c>, <c>success</c>, <c>failure</c>.</param>
    /// <param name="text">At most 140 characters.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task StatusAsync(
        string repository,
        string head,
        string state,
        string text,
        CancellationToken cancellationToken
    );

    /// <summary>The end of a failed check's log or its own words, at most <paramref name="charactersMax"/> characters; empty when the host keeps none.</summary>
    Task<string> CheckLogAsync(
        string repository,
        PullRequestCheck check,
        int charactersMax,
        CancellationToken cancellationToken
    );

    /// <summary>Merges with the head pinned: a head that moved is refused by the host. Merged already is a success.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="number">The pull request.</param>
    /// <param name="head">The commit that was judged.</param>
    /// <param name="method"><c>merge</c>, <c>squash</c>, <c>rebase</c>.</param>
    /// <param name="title">Of the merge commit.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The commit on the base branch.</returns>
    Task<string> MergeAsync(
        string repository,
        int number,
        string head,
        string method,
        string title,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes the branch when it still stands at the commit; gone already is a success, moved is left alone.</summary>
    Task DeleteBranchAsync(
        string repository,
        string branch,
        string head,
        CancellationToken cancellationToken
    );
}

/// <summary>A repository as its host shows it.</summary>
/// <param name="DefaultBranch">Its default branch.</param>
/// <param name="Archived">Nothing can be pushed.</param>
/// <param name="MayPush">The credential may push.</param>
/// <param name="WebAddress">For people.</param>
public sealed record RemoteRepositoryView(
    string DefaultBranch,
    bool Archived,
    bool MayPush,
    string WebAddress
);

/// <summary>How git reaches the repository.</summary>
/// <param name="Address">Without any credential in it: <c>https://github.com/owner/name.git</c>.</param>
/// <param name="User">For basic authentication: <c>x-access-token</c>.</param>
/// <param name="Secret">The credential.</param>
public sealed record PushAccess(Uri Address, string User, string Secret);

/// <summary>A pull request to open or to bring up to date.</summary>
public sealed record PullRequestDraft
{
    /// <summary>Head branch, in the same repository.</summary>
    public required string Branch { get; init; }

    /// <summary>Base branch.</summary>
    public required string Base { get; init; }

    /// <summary>One line, at most 200 characters.</summary>
    public required string Title { get; init; }

    /// <summary>Markdown, at most 60,000 characters; holds the marker.</summary>
    public required string Body { get; init; }

    /// <summary>Opened as a draft.</summary>
    public bool IsDraft { get; init; }

    /// <summary>Labels, made when missing.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Logins of people who are asked to review.</summary>
    public IReadOnlyList<string> Reviewers { get; init; } = [];
}

/// <summary>Why a host did not do it.</summary>
public enum PullRequestHostError
{
    /// <summary>Not reachable, or 5xx: try again later.</summary>
    Unavailable = 0,

    /// <summary>Asked too much: not before <see cref="PullRequestHostException.RetryAt"/>.</summary>
    RateLimited = 1,

    /// <summary>The credential is missing, wrong, expired or revoked.</summary>
    Unauthorised = 2,

    /// <summary>The credential is valid and lacks a right, or the repository is archived.</summary>
    Forbidden = 3,

    /// <summary>No such repository, pull request or branch (or hidden from the credential).</summary>
    NotFound = 4,

    /// <summary>The head moved, or the state does not allow it any more.</summary>
    Conflict = 5,

    /// <summary>The host refuses it as it stands: blocked merge, nothing to merge, invalid field.</summary>
    Refused = 6,
}

/// <summary>A host's refusal or absence.</summary>
#pragma warning disable CA1032 // without its kind nobody knows whether to try again
public sealed class PullRequestHostException : Exception
{
    /// <summary>Creates it.</summary>
    /// <param name="error">What kind.</param>
    /// <param name="message">For people, with the way out; redacted, no credential.</param>
    /// <param name="inner">What the client library threw.</param>
    public PullRequestHostException(
        PullRequestHostError error,
        string message,
        Exception? inner = null
    )
        : base(message, inner)
    {
        Error = error;
    }

    /// <summary>What kind.</summary>
    public PullRequestHostError Error { get; }

    /// <summary>Not before this instant (UTC); null when the host named none.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}
#pragma warning restore CA1032

/// <summary>Finds the adapter of a kind.</summary>
public interface IPullRequestHosts
{
    /// <summary>The adapter, or null when none is configured for the kind.</summary>
    IPullRequestHost? Find(string kind);
}
