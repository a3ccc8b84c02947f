using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.GrainInterfaces.Runners;

/// <summary>All a host needs to run one attempt. Idempotent by (task, attempt): a repeated order is answered like the first.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.run-order")]
public sealed record RunOrder
{
    /// <summary>The task.</summary>
    [Id(0)]
    public required string TaskId { get; init; }

    /// <summary>The turn, from 1.</summary>
    [Id(1)]
    public int Turn { get; init; }

    /// <summary>The fencing number.</summary>
    [Id(2)]
    public int Attempt { get; init; }

    /// <summary>The host epoch the order was made for; another epoch refuses.</summary>
    [Id(3)]
    public long Epoch { get; init; }

    /// <summary>UTC; the host ends the run by itself at this instant.</summary>
    [Id(4)]
    public DateTimeOffset Deadline { get; init; }

    /// <summary>Longest silence of the agent, seconds.</summary>
    [Id(5)]
    public int SilenceSecondsMax { get; init; }

    /// <summary>What was asked for.</summary>
    [Id(6)]
    public required TaskSpec Spec { get; init; }

    /// <summary>The whole prompt as the agent gets it on stdin.</summary>
    [Id(7)]
    public required string Prompt { get; init; }

    /// <summary>The kind of work in force.</summary>
    [Id(8)]
    public TaskKind Kind { get; init; }

    /// <summary>True: no tool that writes is offered.</summary>
    [Id(9)]
    public bool ReadOnly { get; init; }

    /// <summary>The runner kind in force.</summary>
    [Id(10)]
    public required string Runner { get; init; }

    /// <summary>The agent session's UUID.</summary>
    [Id(11)]
    public required string SessionId { get; init; }

    /// <summary>True: continue that session.</summary>
    [Id(12)]
    public bool Resume { get; init; }

    /// <summary>Money the session has cost so far; the run's cost is what comes on top.</summary>
    [Id(13)]
    public decimal SessionCostUsd { get; init; }

    /// <summary>Blob id of the patch of the turn or attempt before, to start from; empty = the base commit alone.</summary>
    [Id(14)]
    public string StartPatchBlob { get; init; } = "";

    /// <summary>The base commit the task already works on; empty on the first attempt.</summary>
    [Id(15)]
    public string BaseCommit { get; init; } = "";

    /// <summary>What the run may cost, US dollars; 0 = no limit. An agent looks after each call: it may pass it by one.</summary>
    [Id(16)]
    public decimal CostUsdMax { get; init; }

    /// <summary>With <see cref="Resume"/>: blob id of the session as some host kept it; empty = only the host that ran it has it.</summary>
    [Id(17)]
    public string SessionBlob
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>What the policy's lane allows the run; null = an order of before policies: by kind alone.</summary>
    [Id(19)]
    public LaneRights? Lane { get; init; }

    /// <summary>True: no agent runs; the patch is brought onto the base and captured, to be checked again.</summary>
    [Id(20)]
    public bool CheckOnly { get; init; }

    /// <summary>Blob of a git bundle that brings <see cref="BaseCommit"/> to a host whose repository does not have it; empty = none is needed.</summary>
    [Id(21)]
    public string BaseBundle
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>True when the work so far was made on another base: it is merged onto this one, and what conflicts is left with its marks for the agent.</summary>
    [Id(22)]
    public bool MergeWork { get; init; }

    /// <summary>Files that users sent along: laid out beside the working directory, and named to the agent. At most 100.</summary>
    [Id(23)]
    public IReadOnlyList<Attachment> Attachments
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>What the run's lane asks of the sandbox; null = what the host's settings say.</summary>
    [Id(18)]
    public SandboxDemand? Sandbox { get; init; }

    /// <summary>Commands that people allowed in this turn, by <see cref="AskedCommand.Hash"/>: exactly these are run without being asked about again.</summary>
    [Id(24)]
    public IReadOnlyList<string> GrantedCommands
    {
        get;
        init => field = value ?? [];
    } = [];
}

/// <summary>The work to check: same fencing as the run it follows.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.verify-order")]
public sealed record VerifyOrder
{
    /// <summary>The task.</summary>
    [Id(0)]
    public required string TaskId { get; init; }

    /// <summary>The attempt whose work is checked.</summary>
    [Id(1)]
    public int Attempt { get; init; }

    /// <summary>The host epoch; another epoch makes a worktree from base and patch again.</summary>
    [Id(2)]
    public long Epoch { get; init; }

    /// <summary>What was asked for.</summary>
    [Id(3)]
    public required TaskSpec Spec { get; init; }

    /// <summary>The commit the work started from.</summary>
    [Id(4)]
    public string BaseCommit { get; init; } = "";

    /// <summary>The captured work.</summary>
    [Id(5)]
    public required DiffSummary Diff { get; init; }

    /// <summary>What the work's lane asks of the sandbox; null = what the run's order asked for where this host has it, else the host's settings.</summary>
    [Id(6)]
    public SandboxDemand? Sandbox { get; init; }

    /// <summary>Blob of a git bundle that brings <see cref="BaseCommit"/> to a host whose repository does not have it; empty = none is needed.</summary>
    [Id(7)]
    public string BaseBundle
    {
        get;
        init => field = value ?? "";
    } = "";
}

/// <summary>A host's answer to an order: accepted at once, or why not.</summary>
/// <param name="Accepted">True: a report will come.</param>
/// <param name="Refusal">Empty, or one sentence.</param>
/// <param name="Lost">True: the attempt belongs to an earlier life of the host and is over.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.run-answer")]
public sealed record RunAnswer(
    [property: Id(0)] bool Accepted,
    [property: Id(1)] string Refusal,
    [property: Id(2)] bool Lost
);

/// <summary>A host as operators see it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.host-snapshot")]
public sealed record HostSnapshot(
    [property: Id(0)] string Host,
    [property: Id(1)] long Epoch,
    [property: Id(2)] int Slots,
    [property: Id(3)] int SlotsUsed,
    [property: Id(4)] IReadOnlyList<string> Labels,
    [property: Id(5)] IReadOnlyList<string> Runs,
    [property: Id(6)] bool Online
)
{
    /// <summary>How it is; null = not known yet.</summary>
    [Id(7)]
    public HostHealth? Health { get; init; }
}

#if !CLIENT_PACKAGE
/// <summary>One per runner host, key = the host's name. Every call returns at once; what takes time is reported to the task grain.</summary>
[GrainInterfaceType("runner"), Alias("orchestrator.runner")]
public interface IRunnerGrain : IGrainWithStringKey
{
    /// <summary>Starts an attempt, or repeats the answer of the first call.</summary>
    [Alias("start")]
    Task<RunAnswer> StartAsync(RunOrder order, CancellationToken cancellationToken);

    /// <summary>Starts the verification of an attempt's work.</summary>
    [Alias("verify")]
    Task<RunAnswer> VerifyAsync(VerifyOrder order, CancellationToken cancellationToken);

    /// <summary>Stops what runs for the task: interrupt, terminate, kill the tree. Reports the end as usual; reports <c>Released</c> when nothing ran.</summary>
    [Alias("cancel")]
    Task CancelAsync(string taskId, int attempt, CancellationToken cancellationToken);

    /// <summary>Forgets the attempt: worktree removed, slot free. Reports <c>Released</c>.</summary>
    [Alias("release")]
    Task ReleaseAsync(string taskId, int attempt, CancellationToken cancellationToken);

    /// <summary>Ends all runs and checks and begins no other for 20 seconds, or lets the host work again. Each ended one is reported as if its host went away.</summary>
    [Alias("hold")]
    Task HoldAsync(bool held, CancellationToken cancellationToken);

    /// <summary>Brings a guarded diff into a repository of this host. Reports <c>Applied</c> or <c>ApplyRefused</c>.</summary>
    [Alias("apply")]
    Task<RunAnswer> ApplyAsync(ApplyOrder order, CancellationToken cancellationToken);

    /// <summary>Whether the host has repositories, and may work in them. Looks at the first 100; answers within 10 seconds.</summary>
    /// <param name="repositories">Full paths or names.</param>
    /// <param name="baseBranch">A branch, tag or commit that each must have; empty = that is not asked.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    [Alias("look-at-repositories")]
    Task<IReadOnlyList<RepositoryAnswer>> LookAtRepositoriesAsync(
        IReadOnlyList<string> repositories,
        string baseBranch,
        CancellationToken cancellationToken
    );

    /// <summary>The host now.</summary>
    [Alias("get-state")]
    Task<HostSnapshot> GetState();
}
#endif
