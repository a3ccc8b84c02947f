using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Grains.Delivery;

/// <summary>Brings a task's captured work into its branch on the remote host, by git and in a clone of its own.</summary>
public interface IBranchPublisher
{
    /// <summary>Pushes; asked again, it finds what is there. Never overwrites a commit that it did not make.</summary>
    /// <returns>The branch's commit after it, and the base branch's commit that it holds.</returns>
    /// <exception cref="BranchPublishException">It cannot be; the remote is as it was.</exception>
    /// <exception cref="PullRequestHostException">The host gave no access.</exception>
    Task<PublishedBranch> PublishAsync(PublishOrder order, CancellationToken cancellationToken);

    /// <summary>The base branch's commit, and whether merging it into the head would conflict: the paths that would.</summary>
    Task<BaseCheck> CheckBaseAsync(
        RemoteRepository repository,
        string branch,
        string baseBranch,
        CancellationToken cancellationToken
    );

    /// <summary>Blob of a git bundle with the commits from one to another, both on the remote host; for a host whose repository lacks the second.</summary>
    /// <exception cref="BranchPublishException">One of them is not there, or the bundle is bigger than a blob may be.</exception>
    Task<string> BundleAsync(
        RemoteRepository repository,
        string oldCommit,
        string newCommit,
        CancellationToken cancellationToken
    );
}

/// <summary>What to push.</summary>
public sealed record PublishOrder
{
    /// <summary>The task; its id stands in the commit's trailers.</summary>
    public required string TaskId { get; init; }

    /// <summary>Turn and attempt of the work, for the commit's trailers.</summary>
    public int Turn { get; init; }

    /// <summary>Where to.</summary>
    public required RemoteRepository Repository { get; init; }

    /// <summary>The branch.</summary>
    public required string Branch { get; init; }

    /// <summary>The base branch; empty = the repository's default.</summary>
    public string Base { get; init; } = "";

    /// <summary>The commit that the work was made on. Must be on the remote host.</summary>
    public required string BaseCommit { get; init; }

    /// <summary>Blob of the whole captured work against <see cref="BaseCommit"/>.</summary>
    public required string PatchBlob { get; init; }

    /// <summary>The commit that an earlier turn left in the branch; empty = the first push. Another one there now is somebody else's work: it is kept, ours goes on top where it fits.</summary>
    public string LastHead { get; init; } = "";

    /// <summary>The commit's title and the kind of work.</summary>
    public string Title { get; init; } = "";

    /// <summary>The kind of work.</summary>
    public TaskKind Kind { get; init; }

    /// <summary>When the work was accepted (UTC): the commit's date, so that the same work is the same commit.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>What stands on the remote host.</summary>
/// <param name="Head">The branch's commit.</param>
/// <param name="Base">Name of the base branch.</param>
/// <param name="BaseHead">The base branch's commit at that moment.</param>
/// <param name="Others">True when commits of somebody else are in the branch.</param>
public sealed record PublishedBranch(string Head, string Base, string BaseHead, bool Others);

/// <summary>Why work was not pushed.</summary>
public enum PublishError
{
    /// <summary>Not reachable; try again later.</summary>
    Unavailable = 0,

    /// <summary>The remote host does not have the commit that the work was made on.</summary>
    BaseUnknown = 1,

    /// <summary>Somebody changed the branch so that the work does not fit any more.</summary>
    Conflict = 2,

    /// <summary>The host refuses the push: protected, archived, no right, a hook.</summary>
    Refused = 3,

    /// <summary>There is nothing to push: the work changes no file.</summary>
    Empty = 4,

    /// <summary>The branch was deleted although it was pushed before.</summary>
    BranchGone = 5,
}

#pragma warning disable CA1032 // without its kind nobody knows whether to try again
/// <summary>Work was not pushed.</summary>
public sealed class BranchPublishException : Exception
{
    /// <summary>Creates it.</summary>
    /// <param name="error">What kind.</param>
    /// <param name="message">For people, with the way out; redacted.</param>
    public BranchPublishException(PublishError error, string message)
        : base(message)
    {
        Error = error;
    }

    /// <summary>What kind.</summary>
    public PublishError Error { get; }
}
#pragma warning restore CA1032
