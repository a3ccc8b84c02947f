using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>Where a task is, for people and programs. A view of the facts, never stored.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-snapshot")]
public sealed record TaskSnapshot
{
    /// <summary>The task.</summary>
    [Id(0)]
    public required string TaskId { get; init; }

    /// <summary>Number of its last fact.</summary>
    [Id(1)]
    public long Version { get; init; }

    /// <summary>Where it is.</summary>
    [Id(2)]
    public TaskPhase Phase { get; init; }

    /// <summary>The title in force.</summary>
    [Id(3)]
    public string Title { get; init; } = "";

    /// <summary>The kind in force.</summary>
    [Id(4)]
    public TaskKind Kind { get; init; }

    /// <summary>The queue's lane.</summary>
    [Id(5)]
    public TaskPriority Priority { get; init; }

    /// <summary>Who asked.</summary>
    [Id(6)]
    public string Requester { get; init; } = "";

    /// <summary>The repository, or empty.</summary>
    [Id(7)]
    public string Repository { get; init; } = "";

    /// <summary>The turn, from 1.</summary>
    [Id(8)]
    public int Turn { get; init; }

    /// <summary>The attempt, 0 before the first.</summary>
    [Id(9)]
    public int Attempt { get; init; }

    /// <summary>Tries that counted in this turn.</summary>
    [Id(10)]
    public int Tries { get; init; }

    /// <summary>The host of the live or last attempt.</summary>
    [Id(11)]
    public string Host { get; init; } = "";

    /// <summary>The runner kind in force.</summary>
    [Id(12)]
    public string Runner { get; init; } = "";

    /// <summary>When it was accepted, UTC.</summary>
    [Id(13)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its last fact was recorded, UTC.</summary>
    [Id(14)]
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the clock moves it on, or null.</summary>
    [Id(15)]
    public DateTimeOffset? Due { get; init; }

    /// <summary>What the agent does now, while it runs.</summary>
    [Id(16)]
    public string Step { get; init; } = "";

    /// <summary>The plan in force.</summary>
    [Id(17)]
    public Plan? Plan { get; init; }

    /// <summary>The last run's end.</summary>
    [Id(18)]
    public RunResult? Result { get; init; }

    /// <summary>The last verification.</summary>
    [Id(19)]
    public VerificationReport? Verification { get; init; }

    /// <summary>The last judgement.</summary>
    [Id(20)]
    public Judgement? Judgement { get; init; }

    /// <summary>Why it failed.</summary>
    [Id(21)]
    public Failure? Failure { get; init; }

    /// <summary>Money of the whole task, US dollars.</summary>
    [Id(22)]
    public decimal CostUsd { get; init; }

    /// <summary>Tokens of the whole task, in and out.</summary>
    [Id(23)]
    public long Tokens { get; init; }

    /// <summary>True between the demand to stop and the end.</summary>
    [Id(24)]
    public bool Cancelling { get; init; }

    /// <summary>Why it waits: the pause's or approval's words; empty otherwise.</summary>
    [Id(25)]
    public string WaitingFor { get; init; } = "";

    /// <summary>The base commit of the work, or empty.</summary>
    [Id(26)]
    public string BaseCommit { get; init; } = "";

    /// <summary>The agent as people are shown it: <c>scripted agent, no AI</c> where it is one.</summary>
    [Id(27)]
    public string AgentLabel { get; init; } = "";

    /// <summary>The user's words.</summary>
    [Id(28)]
    public string Request { get; init; } = "";

    /// <summary>The last failing run's class, or none.</summary>
    [Id(29)]
    public ErrorClass ErrorClass { get; init; }

    /// <summary>Tasks that touch the same paths of its repository at the same time, or did while both ran.</summary>
    [Id(30)]
    public IReadOnlyList<Overlap> Overlaps
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>What the policy said last; null before it was asked.</summary>
    [Id(31)]
    public PolicyRuling? Policy { get; init; }

    /// <summary>Who has said yes to what is asked now.</summary>
    [Id(32)]
    public IReadOnlyList<string> ApprovedBy
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>How many different people must say yes to what is asked now; 0 when nothing is asked.</summary>
    [Id(33)]
    public int ApprovalsNeeded { get; init; }

    /// <summary>The diff that waits for approval or to be applied, or null.</summary>
    [Id(34)]
    public GuardedState? Guarded { get; init; }

    /// <summary>Where its pull request is to be: <c>github:owner/name</c>; empty = nowhere.</summary>
    [Id(35)]
    public string Remote
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>How its work stands on the remote host, or null.</summary>
    [Id(36)]
    public DeliveryState? Delivery { get; init; }

    /// <summary>Tickets that it serves.</summary>
    [Id(37)]
    public IReadOnlyList<string> Tickets
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>What must hold in every turn, in the users' words.</summary>
    [Id(38)]
    public IReadOnlyList<string> Constraints
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Replies that wait for their turn.</summary>
    [Id(39)]
    public int RepliesWaiting { get; init; }

    /// <summary>What the mediator wants to know before code is written; a reply answers.</summary>
    [Id(40)]
    public IReadOnlyList<string> Questions
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>What is assumed when nobody answers.</summary>
    [Id(41)]
    public IReadOnlyList<string> Assumptions
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Whether the last run continued the agent's own session (<c>resumed</c>) or began one primed with what is remembered (<c>primed</c>); empty before a run, and in a first one.</summary>
    [Id(42)]
    public string Session
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>Who is asked by name, after a hand-over; empty = whoever may answer.</summary>
    [Id(45)]
    public string ApprovalTo
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>The task that it was forked from, or that a file named as its parent; empty = none.</summary>
    [Id(43)]
    public string ParentTaskId
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>For a fork: the parent's turn that it begins after; 0 = it is none.</summary>
    [Id(44)]
    public int ParentTurn { get; init; }

    /// <summary>The command that a person is asked to allow; null when nothing or something else is asked.</summary>
    [Id(46)]
    public AskedCommand? Command { get; init; }

    /// <summary>What an answer to the question names, so that it counts for this one and no other, 64 hex digits; empty = the question has no hash.</summary>
    [Id(47)]
    public string ApprovalHash
    {
        get;
        init => field = value ?? "";
    } = "";
}

/// <summary>The narrow mutable row of a task: what lists, the queue and the scanner need without reading facts.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-head")]
public sealed record TaskHead
{
    /// <summary>The task.</summary>
    [Id(0)]
    public required string TaskId { get; init; }

    /// <summary>Number of the last fact.</summary>
    [Id(1)]
    public long Version { get; init; }

    /// <summary>Where it is.</summary>
    [Id(2)]
    public TaskPhase Phase { get; init; }

    /// <summary>The lane.</summary>
    [Id(3)]
    public TaskPriority Priority { get; init; }

    /// <summary>When the scanner must wake it, or null.</summary>
    [Id(4)]
    public DateTimeOffset? Due { get; init; }

    /// <summary>The host that holds its live attempt, or empty.</summary>
    [Id(5)]
    public string Host { get; init; } = "";

    /// <summary>That host's epoch.</summary>
    [Id(6)]
    public long Epoch { get; init; }

    /// <summary>The attempt.</summary>
    [Id(7)]
    public int Attempt { get; init; }

    /// <summary>The turn.</summary>
    [Id(8)]
    public int Turn { get; init; }

    /// <summary>Who asked.</summary>
    [Id(9)]
    public string Requester { get; init; } = "";

    /// <summary>The repository, or empty.</summary>
    [Id(10)]
    public string Repository { get; init; } = "";

    /// <summary>The title.</summary>
    [Id(11)]
    public string Title { get; init; } = "";

    /// <summary>The kind.</summary>
    [Id(12)]
    public TaskKind Kind { get; init; }

    /// <summary>When it was accepted, UTC.</summary>
    [Id(13)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its last fact was recorded, UTC.</summary>
    [Id(14)]
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>True while something is owed that only this task's grain can carry out: the scanner wakes it after a restart.</summary>
    [Id(15)]
    public bool Owes { get; init; }

    /// <summary>Labels a host must have.</summary>
    [Id(16)]
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The runner kind that was asked for; empty = the server's default, or a head of a release that did not keep it.</summary>
    [Id(17)]
    public string Runner
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>Paths of the repository that it touches, or is expected to; at most 50. Empty once it has ended.</summary>
    [Id(18)]
    public IReadOnlyList<string> Paths
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Name of the lane that the policy put its turn on; empty before that, or in a head of a release that did not keep it.</summary>
    [Id(19)]
    public string Lane
    {
        get;
        init => field = value ?? "";
    } = "";
}
