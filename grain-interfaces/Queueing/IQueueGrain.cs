using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.GrainInterfaces.Queueing;

/// <summary>A task that waits for a slot.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.queue-ticket")]
public sealed record QueueTicket(
    [property: Id(0)] string TaskId,
    [property: Id(1)] int Turn,
    [property: Id(2)] TaskPriority Priority,
    [property: Id(3)] string Requester,
    [property: Id(4)] string Repository,
    [property: Id(5)] DateTimeOffset Since,
    [property: Id(6)] IReadOnlyList<string> Labels
)
{
    /// <summary>The runner kind of its next run, or empty.</summary>
    [Id(7)]
    public string Runner { get; init; } = "";

    /// <summary>Paths of the repository that its work is expected to touch; empty = nobody knows.</summary>
    [Id(8)]
    public IReadOnlyList<string> Paths
    {
        get;
        init => field = value ?? [];
    } = [];
}

/// <summary>What a host can take.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.host-capacity")]
public sealed record HostCapacity(
    [property: Id(0)] string Host,
    [property: Id(1)] long Epoch,
    [property: Id(2)] int Slots,
    [property: Id(3)] IReadOnlyList<string> Labels
)
{
    /// <summary>The account that its agents use, as the host knows it; null = it does not know.</summary>
    [Id(4)]
    public UsageWindow? Usage { get; init; }

    /// <summary>How the host is; null = it does not say.</summary>
    [Id(5)]
    public HostHealth? Health { get; init; }

    /// <summary>True: it is asked which repositories it has before it is offered work on them. False (also of an earlier release): it is believed to have every one.</summary>
    [Id(6)]
    public bool TellsRepositories { get; init; }
}

/// <summary>The queue as people see it.</summary>
/// <param name="Waiting">Tasks that wait, all lanes.</param>
/// <param name="WaitingByLane">By lane name.</param>
/// <param name="Admitted">Accepted tasks that have not reached a slot yet, waiting ones included.</param>
/// <param name="SizeMax">The bound on <paramref name="Admitted"/>.</param>
/// <param name="OldestSeconds">Age of the longest wait, seconds.</param>
/// <param name="SlotsTotal">Of all hosts.</param>
/// <param name="SlotsUsed">Taken ones.</param>
/// <param name="Refused">Submissions refused since the queue's activation.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.queue-status")]
public sealed record QueueStatus(
    [property: Id(0)] int Waiting,
    [property: Id(1)] IReadOnlyDictionary<string, int> WaitingByLane,
    [property: Id(2)] int Admitted,
    [property: Id(3)] int SizeMax,
    [property: Id(4)] double OldestSeconds,
    [property: Id(5)] int SlotsTotal,
    [property: Id(6)] int SlotsUsed,
    [property: Id(7)] long Refused
)
{
    /// <summary>Age of the longest wait in each lane, seconds; 0 = nobody waits in it.</summary>
    [Id(8)]
    public IReadOnlyDictionary<string, double> OldestSecondsByLane { get; init; } =
        new Dictionary<string, double>();

    /// <summary>Hosts that get no new runs until an operator says so.</summary>
    [Id(9)]
    public IReadOnlyList<string> Drained { get; init; } = [];

    /// <summary>Seconds after which a refused caller should ask again; 0 = there is room now.</summary>
    [Id(10)]
    public int RetryAfterSeconds { get; init; }

    /// <summary>Who stopped everything, or empty.</summary>
    [Id(11)]
    public string StoppedBy { get; init; } = "";

    /// <summary>Since when an emergency stop holds all work; null = none does.</summary>
    [Id(12)]
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>The agent accounts that hosts have named; hosts of one whose usage limit is reached begin no run until it ends.</summary>
    [Id(13)]
    public IReadOnlyList<UsageWindow> Accounts { get; init; } = [];
}

/// <summary>What an emergency stop, or its end, came to.</summary>
/// <param name="Changed">False = it was so already; the hosts were told again.</param>
/// <param name="Told">Hosts that obey by now.</param>
/// <param name="Untold">Hosts that were not reached within 5 seconds: told when they register again; a host that is cut off ends its runs when its lease lapses.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.stop-answer")]
public sealed record StopAnswer(
    [property: Id(0)] bool Changed,
    [property: Id(1)] IReadOnlyList<string> Told,
    [property: Id(2)] IReadOnlyList<string> Untold
);

/// <summary>Why a task waits.</summary>
/// <param name="Position">Place in its turn order, from 1; 0 = not waiting.</param>
/// <param name="Reason">One sentence: what it waits for and what would unblock it.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.queue-explanation")]
public sealed record QueueExplanation(
    [property: Id(0)] int Position,
    [property: Id(1)] string Reason
);

#if !CLIENT_PACKAGE
/// <summary>One per pool, key = the pool's name (<c>default</c>). Rebuilt from heads at activation; never a truth of its own.</summary>
[GrainInterfaceType("queue"), Alias("orchestrator.queue")]
public interface IQueueGrain : IGrainWithStringKey
{
    /// <summary>Reserves a place for a new task; null = admitted, else the refusal with its retry time. The same task again keeps its place.</summary>
    [Alias("admit")]
    Task<Failure?> AdmitAsync(
        string taskId,
        TaskPriority priority,
        string requester,
        CancellationToken cancellationToken
    );

    /// <summary>Waits for a slot. Returns at once; the slot is offered in a later call to the task.</summary>
    [Alias("join")]
    Task JoinAsync(QueueTicket ticket, CancellationToken cancellationToken);

    /// <summary>Gives back the place or the slot of a task.</summary>
    [Alias("leave")]
    Task LeaveAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>A host offers its slots; a newer epoch replaces the older.</summary>
    [Alias("register-host")]
    Task RegisterHostAsync(HostCapacity host, CancellationToken cancellationToken);

    /// <summary>An agent account was closed by its usage limit, or is open again. An older word than the known one is ignored.</summary>
    [Alias("set-usage")]
    Task SetUsageAsync(UsageWindow window, CancellationToken cancellationToken);

    /// <summary>The host was declared dead: its slots are offered no more until it registers a newer epoch.</summary>
    [Alias("host-gone")]
    Task HostGoneAsync(string host, long epoch, CancellationToken cancellationToken);

    /// <summary>Drains a host (no new runs, running ones go on) or lifts it; durable. False = it was so already.</summary>
    [Alias("drain")]
    Task<bool> DrainAsync(string host, bool drained, CancellationToken cancellationToken);

    /// <summary>Stops everything now, or lets it go on; durable. Every run and check ends, and its turn is queued again without a counted try.</summary>
    /// <param name="stopped">True = stop, false = go on.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("stop-all")]
    Task<StopAnswer> StopAllAsync(bool stopped, string by, CancellationToken cancellationToken);

    /// <summary>The queue now.</summary>
    [Alias("status")]
    Task<QueueStatus> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>Why a task waits.</summary>
    [Alias("explain")]
    Task<QueueExplanation> ExplainAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>For the Orleans dashboard.</summary>
    [Alias("get-state")]
    Task<QueueStatus> GetState();
}
#endif
