using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>A task's answer: where it is now, or why not.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-answer")]
public sealed record TaskAnswer(
    [property: Id(0)] TaskSnapshot? Snapshot,
    [property: Id(1)] Failure? Failure
)
{
    /// <summary>True when a submission met a task that was there before.</summary>
    [Id(2)]
    public bool AlreadyThere { get; init; }
}

/// <summary>A slot on a host, offered by the queue.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.slot-offer")]
public sealed record SlotOffer(
    [property: Id(0)] string Host,
    [property: Id(1)] long Epoch,
    [property: Id(2)] int Turn
);

#if !CLIENT_PACKAGE
/// <summary>One per task, key = the task's id. Thin: ask the decider, append, carry out what is newly owed.</summary>
[GrainInterfaceType("task"), Alias("orchestrator.task")]
public interface ITaskGrain : IGrainWithStringKey
{
    /// <summary>Accepts the task durably; the same submission again answers with the task that is there.</summary>
    [Alias("submit")]
    Task<TaskAnswer> SubmitAsync(TaskSpec spec, CancellationToken cancellationToken);

    /// <summary>Where the task is, or null.</summary>
    [Alias("get")]
    Task<TaskSnapshot?> GetAsync(CancellationToken cancellationToken);

    /// <summary>Takes a report of owed work; a stale one is counted and recorded nowhere.</summary>
    [Alias("report")]
    Task ReportAsync(TaskReport report, CancellationToken cancellationToken);

    /// <summary>Offers a slot; true when the task took it (its run is then committed).</summary>
    [Alias("offer-slot")]
    Task<bool> OfferSlotAsync(SlotOffer offer, CancellationToken cancellationToken);

    /// <summary>Asks for the task's stop.</summary>
    [Alias("cancel")]
    Task<TaskAnswer> CancelAsync(string by, string reason, CancellationToken cancellationToken);

    /// <summary>Starts another turn with the same request after an end.</summary>
    [Alias("retry")]
    Task<TaskAnswer> RetryAsync(string by, CancellationToken cancellationToken);

    /// <summary>Takes a reply: its turn begins at once where the task rests, else when what is under way has ended. A repeated id is a success without effect.</summary>
    [Alias("reply")]
    Task<TaskAnswer> ReplyAsync(Reply reply, CancellationToken cancellationToken);

    /// <summary>Resumes a paused task now.</summary>
    [Alias("resume")]
    Task<TaskAnswer> ResumeAsync(string by, CancellationToken cancellationToken);

    /// <summary>Answers an approval that is asked for.</summary>
    [Alias("answer")]
    Task<TaskAnswer> AnswerAsync(
        string by,
        bool yes,
        string note,
        CancellationToken cancellationToken
    );

    /// <summary>Answers what is asked, by somebody who says what they looked at.</summary>
    [Alias("decide")]
    Task<TaskAnswer> DecideAsync(ApprovalAnswer answer, CancellationToken cancellationToken);

    /// <summary>Hands what is asked to somebody else, who may answer it by the policy.</summary>
    [Alias("hand-over")]
    Task<TaskAnswer> HandOverAsync(
        string by,
        string person,
        string note,
        CancellationToken cancellationToken
    );

    /// <summary>Has the approved guarded diff applied; its end shows in the snapshot.</summary>
    [Alias("apply")]
    Task<TaskAnswer> ApplyAsync(
        string by,
        bool threeWay,
        string from,
        CancellationToken cancellationToken
    );

    /// <summary>Brings the guarded diff onto the branch as it is now, checks it again and asks again.</summary>
    [Alias("restage")]
    Task<TaskAnswer> RestageAsync(string by, CancellationToken cancellationToken);

    /// <summary>Records that the task's work was committed in its repository.</summary>
    [Alias("commit-made")]
    Task<TaskAnswer> CommitMadeAsync(
        TaskFact.CommitMade commit,
        CancellationToken cancellationToken
    );

    /// <summary>Something may be due or owed: look, and do it.</summary>
    [Alias("wake")]
    Task WakeAsync(CancellationToken cancellationToken);

    /// <summary>The host that ran an attempt is dead or began a new epoch.</summary>
    [Alias("host-lost")]
    Task HostLostAsync(string host, long epoch, CancellationToken cancellationToken);

    /// <summary>For the Orleans dashboard: the redacted snapshot; no side effects.</summary>
    [Alias("get-state")]
    Task<TaskSnapshot?> GetState();
}
#endif
