using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.GrainInterfaces.Tasks;

/// <content>What is told about delivered work. Each carries the turn or head it belongs to, or is a word of the remote host that is true whenever it comes.</content>
public abstract partial record TaskReport
{
    /// <summary>The turn's work stands in its branch.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.branch-pushed")]
    public sealed record BranchPushed(
        [property: Id(0)] int Turn,
        [property: Id(1)] string Branch,
        [property: Id(2)] string Head,
        [property: Id(3)] string BaseCommit
    ) : TaskReport;

    /// <summary>The turn's work cannot be handed over.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.delivery-refused")]
    public sealed record DeliveryRefused(
        [property: Id(0)] int Turn,
        [property: Id(1)] Failure Failure
    ) : TaskReport;

    /// <summary>The pull request is there.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.pull-request-opened")]
    public sealed record PullRequestOpened(
        [property: Id(0)] int Turn,
        [property: Id(1)] PullRequestRef PullRequest
    ) : TaskReport;

    /// <summary>Something was said; items that were recorded before are left out by whoever decides.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.feedback-seen")]
    public sealed record FeedbackSeen([property: Id(0)] IReadOnlyList<Feedback> Items) : TaskReport
    {
        /// <summary>The base branch's commit, when the work conflicts with it; else empty.</summary>
        [Id(1)]
        public string BaseCommit { get; init; } = "";

        /// <summary>Blob that brings this commit along.</summary>
        [Id(2)]
        public string BaseBundle { get; init; } = "";
    }

    /// <summary>Answers were given.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.feedback-answered")]
    public sealed record FeedbackAnswered([property: Id(0)] IReadOnlyList<string> Ids) : TaskReport;

    /// <summary>The head may not be merged by itself.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.merge-held")]
    public sealed record MergeHeld(
        [property: Id(0)] string Head,
        [property: Id(1)] IReadOnlyList<string> Reasons,
        [property: Id(2)] bool Refused
    ) : TaskReport;

    /// <summary>Everything that is demanded for a merge holds for this head.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.merge-ready")]
    public sealed record MergeReady([property: Id(0)] string Head, [property: Id(1)] string Method)
        : TaskReport;

    /// <summary>The base branch moved since the head was checked; it must be checked again on the new one.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.base-moved")]
    public sealed record BaseMoved(
        [property: Id(0)] string Head,
        [property: Id(1)] string BaseCommit,
        [property: Id(2)] string BaseBundle
    ) : TaskReport;

    /// <summary>The pull request is merged.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.merged")]
    public sealed record Merged([property: Id(0)] string Commit, [property: Id(1)] string By)
        : TaskReport;

    /// <summary>The pull request was closed without a merge.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-report.pull-request-closed")]
    public sealed record PullRequestClosed([property: Id(0)] string By) : TaskReport;
}
