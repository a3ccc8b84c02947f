using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.GrainInterfaces.Tasks;

/// <content>What people are asked, and what they say to it.</content>
public abstract partial record TaskFact
{
    /// <summary>A person is asked; the answer leads back to <see cref="ReturnTo"/>.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.approval-asked")]
    public sealed record ApprovalAsked(
        [property: Id(0)] string What,
        [property: Id(1)] TaskPhase ReturnTo,
        [property: Id(2)] DateTimeOffset Deadline
    ) : TaskFact
    {
        /// <summary>How many different people must say yes; 0 counts as 1.</summary>
        [Id(3)]
        public int Approvals { get; init; }

        /// <summary>Roles of which each must have one; empty = anybody who may approve.</summary>
        [Id(4)]
        public IReadOnlyList<string> Roles
        {
            get;
            init => field = value ?? [];
        } = [];

        /// <summary>What an answer names, 64 hex digits: SHA-256 of the patch that is asked about, or of the command with the attempt that asked for it; empty when it is neither.</summary>
        [Id(5)]
        public string Hash
        {
            get;
            init => field = value ?? "";
        } = "";

        /// <summary>What the mediator wants to know before code is written; empty = a yes or no is asked for. A reply answers; silence until the deadline lets the assumptions stand.</summary>
        [Id(6)]
        public IReadOnlyList<string> Questions
        {
            get;
            init => field = value ?? [];
        } = [];

        /// <summary>When whoever is asked is reminded, UTC; null = not.</summary>
        [Id(8)]
        public DateTimeOffset? RemindAt { get; init; }

        /// <summary>What is assumed when nobody answers, one for each question.</summary>
        [Id(7)]
        public IReadOnlyList<string> Assumptions
        {
            get;
            init => field = value ?? [];
        } = [];

        /// <summary>The command that the agent wants to run; null when it is about something else.</summary>
        [Id(9)]
        public AskedCommand? Command { get; init; }
    }

    /// <summary>Nobody has answered so far, and whoever is asked is told again.</summary>
    /// <param name="What">What is asked.</param>
    /// <param name="Deadline">When the question ends by itself, UTC.</param>
    /// <param name="To">Who is asked by name; empty = whoever may answer.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.approval-reminded")]
    public sealed record ApprovalReminded(
        [property: Id(0)] string What,
        [property: Id(1)] DateTimeOffset Deadline,
        [property: Id(2)] string To
    ) : TaskFact;

    /// <summary>Somebody who is asked hands the question to somebody else; it is theirs to answer from now on, and others who may still can.</summary>
    /// <param name="By">Who.</param>
    /// <param name="To">To whom.</param>
    /// <param name="Note">Why.</param>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.approval-handed-over")]
    public sealed record ApprovalHandedOver(
        [property: Id(0)] string By,
        [property: Id(1)] string To,
        [property: Id(2)] string Note
    ) : TaskFact;

    /// <summary>A person said yes.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.approved")]
    public sealed record Approved([property: Id(0)] string By, [property: Id(1)] string Note)
        : TaskFact
    {
        /// <summary>By which door the answer came: <c>http 127.0.0.1</c>; empty in facts of before it was kept.</summary>
        [Id(2)]
        public string From
        {
            get;
            init => field = value ?? "";
        } = "";

        /// <summary>The hash of what was approved, as the question had it; empty when it had none.</summary>
        [Id(3)]
        public string Hash
        {
            get;
            init => field = value ?? "";
        } = "";

        /// <summary>The reply that answers what was asked; empty = a plain yes.</summary>
        [Id(4)]
        public string ReplyId
        {
            get;
            init => field = value ?? "";
        } = "";
    }

    /// <summary>A person said no, or nobody answered in time.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.rejected")]
    public sealed record Rejected([property: Id(0)] string By, [property: Id(1)] string Note)
        : TaskFact;
}
