namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>Where a task is. Each value says what it means, who moves it on, and what a crash in it does.</summary>
public enum TaskPhase
{
    /// <summary>No fact yet. Only a submission moves it; a crash leaves nothing behind.</summary>
    None = 0,

    /// <summary>Durably accepted. The screening (policy, repository) moves it on; after a crash it is screened again.</summary>
    Received = 1,

    /// <summary>The mediator reads the request. Its plan moves it on; after a crash it is asked again, which costs a model call and changes nothing.</summary>
    Mediating = 2,

    /// <summary>Waits for a slot, or for the back-off of a retry. The queue moves it on; after a crash the queue is rebuilt from heads.</summary>
    Queued = 3,

    /// <summary>A slot and an attempt number are taken; the host makes the worktree. The host's report moves it on; after a crash the same host is asked again until the deadline, and a host of a newer epoch answers that the attempt is lost.</summary>
    Preparing = 4,

    /// <summary>The agent runs. Its end, the deadline or the loss of the host moves it on; after a crash of the host the attempt is over and the turn is queued again without counting a try.</summary>
    Running = 5,

    /// <summary>The orchestrator runs the verify commands on the captured work. Their report moves it on; after a crash they are run again.</summary>
    Validating = 6,

    /// <summary>The work is accepted and handed over. With no remote delivery owed it ends in <see cref="Done"/> within the same append.</summary>
    Delivering = 7,

    /// <summary>A pull request is open; people or policy move it on. A row, nothing runs.</summary>
    InReview = 8,

    /// <summary>Ended well. A reply or retry starts the next turn.</summary>
    Done = 9,

    /// <summary>Waits for a person's yes or no; knows the phase to return to. The answer or the deadline moves it on.</summary>
    AwaitingApproval = 10,

    /// <summary>Waits for a reset time, a budget or an operator. The scanner or a person moves it on.</summary>
    Paused = 11,

    /// <summary>Ended badly; the failure says why and what would help. A reply or retry starts the next turn.</summary>
    Failed = 12,

    /// <summary>Ended on demand. A reply or retry starts the next turn.</summary>
    Cancelled = 13,
}

/// <summary>What kind of work a task is; decides the tools the agent gets.</summary>
public enum TaskKind
{
    /// <summary>Not said; the mediator decides, read-only when in doubt.</summary>
    Unknown = 0,

    /// <summary>Change files until the wish is met (file name: <c>fix</c>, also <c>bug_fix</c>).</summary>
    Fix = 1,

    /// <summary>Read and judge; writes nothing.</summary>
    CodeReview = 2,

    /// <summary>Read and summarize; writes nothing.</summary>
    Summarize = 3,

    /// <summary>Read and explain; writes nothing.</summary>
    Analyze = 4,

    /// <summary>Write documentation.</summary>
    Documentation = 5,
}

/// <summary>Lane of the queue: high overtakes medium, medium overtakes low.</summary>
public enum TaskPriority
{
    /// <summary>When nothing else waits.</summary>
    Low = 0,

    /// <summary>The default.</summary>
    Medium = 1,

    /// <summary>Before all others.</summary>
    High = 2,
}
