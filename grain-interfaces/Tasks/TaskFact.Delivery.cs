using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.GrainInterfaces.Tasks;

/// <content>What happens to work after it is accepted: pushed, shown, talked about, merged.</content>
public abstract partial record TaskFact
{
    /// <summary>A turn's work stands in the task's branch on the remote host.</summary>
    /// <param name="Turn">The turn.</param>
    /// <param name="Branch">The branch.</param>
    /// <param name="Head">Its commit.</param>
    /// <param name="BaseCommit">The commit of the base branch that the work was checked on.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.branch-pushed")]
    public sealed record BranchPushed(
        [property: Id(0)] int Turn,
        [property: Id(1)] string Branch,
        [property: Id(2)] string Head,
        [property: Id(3)] string BaseCommit
    ) : TaskFact;

    /// <summary>The task's pull request is there; people look at it.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.pull-request-opened")]
    public sealed record PullRequestOpened([property: Id(0)] PullRequestRef PullRequest) : TaskFact;

    /// <summary>People or checks said something that needs work; each item is recorded once.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.feedback-received")]
    public sealed record FeedbackReceived([property: Id(0)] IReadOnlyList<Feedback> Items)
        : TaskFact;

    /// <summary>What was said was answered where it was said.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.feedback-answered")]
    public sealed record FeedbackAnswered([property: Id(0)] IReadOnlyList<string> Ids) : TaskFact;

    /// <summary>Why the pull request is not merged by itself now; recorded when the reasons change.</summary>
    /// <param name="Head">The commit that was judged.</param>
    /// <param name="Reasons">At most 20, in words.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.merge-held")]
    public sealed record MergeHeld(
        [property: Id(0)] string Head,
        [property: Id(1)] IReadOnlyList<string> Reasons
    ) : TaskFact
    {
        /// <summary>True when the host refused the merge; it is not asked again soon.</summary>
        [Id(2)]
        public bool Refused { get; init; }
    }

    /// <summary>The merge is decided; committed before the host is asked.</summary>
    /// <param name="Head">The pinned head.</param>
    /// <param name="Method"><c>merge</c>, <c>squash</c>, <c>rebase</c>.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.merge-started")]
    public sealed record MergeStarted(
        [property: Id(0)] string Head,
        [property: Id(1)] string Method
    ) : TaskFact;

    /// <summary>The pull request is merged, by this product or by a person.</summary>
    /// <param name="Commit">On the base branch.</param>
    /// <param name="By">The host's login, or empty when it is not known.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.merged")]
    public sealed record Merged([property: Id(0)] string Commit, [property: Id(1)] string By)
        : TaskFact;

    /// <summary>The pull request was closed without a merge.</summary>
    /// <param name="By">The host's login, or empty when it is not known.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.pull-request-closed")]
    public sealed record PullRequestClosed([property: Id(0)] string By) : TaskFact;
}
