using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Tasks;

/// <summary>One task. Thin: ask the decider, append, fold, carry out what is newly owed.</summary>
// An ended task is looked at, committed or continued soon, or not for long.
[OnControlSilos, CollectionAgeLimit(Minutes = 2)]
public sealed partial class TaskGrain(
    IJournal journal,
    IHostRegistry hosts,
    TaskEffects effects,
    TaskLimits limits,
    TimeProvider time,
    ISpanSink spans,
    ILogger<TaskGrain> logger
) : Grain, ITaskGrain
{
    private const int ReadPage = 1_000;
    private static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryLast = TimeSpan.FromMinutes(1);

    private TaskState state = TaskState.Empty;
    private IGrainTimer? retry;
    private TimeSpan retryAfter = RetryFirst;

    private string Id => this.GetPrimaryKeyString();

    /// <inheritdoc />
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        long after = 0;
        IReadOnlyList<JournalEntry> page;
        do
        {
            page = await journal.ReadTaskAsync(Id, after, ReadPage, cancellationToken);
            foreach (var entry in page)
            {
                state = state.After(entry.Fact, entry.At);
                after = entry.Sequence;
            }
        } while (page.Count == ReadPage);
    }

    /// <inheritdoc />
    public async Task<TaskAnswer> SubmitAsync(TaskSpec spec, CancellationToken cancellationToken)
    {
        var there = state.Spec is not null;
        spec = there ? spec : effects.WithRemote(spec);
        var refusal = there ? null : await effects.AdmitAsync(Id, spec, cancellationToken);
        try
        {
            var answer = await AnswerAsync(
                new TaskInput.Submit(spec, refusal, time.GetUtcNow()),
                cancellationToken
            );
            return answer with { AlreadyThere = there && answer.Failure is null };
        }
        catch (Exception) when (state.Spec is null && refusal is null)
        {
            // Nothing was accepted: the place in the queue goes to somebody else.
            await effects.WithdrawAsync(Id, cancellationToken);
            throw;
        }
    }

    /// <inheritdoc />
    public Task<TaskSnapshot?> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(TaskView.Snapshot(Id, state));

    /// <inheritdoc />
    public async Task ReportAsync(TaskReport report, CancellationToken cancellationToken)
    {
        if (ReportFence.IsStale(state, report))
        {
            await hosts.CountFencedAsync(cancellationToken);
        }
        await TellAsync(
            new TaskInput.Reported(report, time.GetUtcNow()),
            cancellationToken,
            ReportFence.Of(report)?.Epoch ?? 0
        );
    }

    /// <inheritdoc />
    public async Task<bool> OfferSlotAsync(SlotOffer offer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offer);
        var before = state.Attempt;
        await TellAsync(
            new TaskInput.SlotOffered(offer, Guid.NewGuid().ToString(), time.GetUtcNow())
            {
                Spending = await effects.SpendingAsync(state, cancellationToken),
            },
            cancellationToken
        );
        return state.Attempt > before;
    }

    /// <inheritdoc />
    public Task<TaskAnswer> CancelAsync(
        string by,
        string reason,
        CancellationToken cancellationToken
    ) => AnswerAsync(new TaskInput.CancelAsked(by, reason, time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<TaskAnswer> RetryAsync(string by, CancellationToken cancellationToken) =>
        AnswerAsync(new TaskInput.RetryAsked(by, time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<TaskAnswer> ReplyAsync(Reply reply, CancellationToken cancellationToken) =>
        AnswerAsync(new TaskInput.Replied(reply, time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<TaskAnswer> ResumeAsync(string by, CancellationToken cancellationToken) =>
        AnswerAsync(new TaskInput.ResumeAsked(by, time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<TaskAnswer> AnswerAsync(
        string by,
        bool yes,
        string note,
        CancellationToken cancellationToken
    ) => AnswerAsync(new TaskInput.Answered(by, yes, note, time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<TaskAnswer> DecideAsync(ApprovalAnswer answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return AnswerAsync(
            new TaskInput.Answered(answer.By, answer.Yes, answer.Note, time.GetUtcNow())
            {
                Hash = answer.Hash,
                From = answer.From,
            },
            cancellationToken
        );
    }

    /// <inheritdoc />
    public Task<TaskAnswer> HandOverAsync(
        string by,
        string person,
        string note,
        CancellationToken cancellationToken
    ) =>
        AnswerAsync(
            new TaskInput.HandOverAsked(by, person, note, time.GetUtcNow()),
            cancellationToken
        );

    /// <inheritdoc />
    public Task<TaskAnswer> ApplyAsync(
        string by,
        bool threeWay,
        string from,
        CancellationToken cancellationToken
    ) =>
        AnswerAsync(
            new TaskInput.ApplyAsked(by, threeWay, from, time.GetUtcNow()),
            cancellationToken
        );

    /// <inheritdoc />
    public Task<TaskAnswer> RestageAsync(string by, CancellationToken cancellationToken) =>
        AnswerAsync(new TaskInput.RestageAsked(by, time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<TaskAnswer> CommitMadeAsync(
        TaskFact.CommitMade commit,
        CancellationToken cancellationToken
    ) => AnswerAsync(new TaskInput.Committed(commit, time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public async Task WakeAsync(CancellationToken cancellationToken)
    {
        await TellAsync(new TaskInput.Woke(time.GetUtcNow()), cancellationToken);
        await CarryOutAsync(TaskDecider.Owed(state), cancellationToken);
    }

    /// <inheritdoc />
    public Task HostLostAsync(string host, long epoch, CancellationToken cancellationToken) =>
        TellAsync(new TaskInput.HostLost(host, epoch, time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<TaskSnapshot?> GetState()
    {
        if (state.Spec is null)
        {
            DeactivateOnIdle(); // whoever asks for what is not there leaves nothing behind
        }
        return Task.FromResult(TaskView.Snapshot(Id, state));
    }

    private async Task<TaskAnswer> AnswerAsync(TaskInput told, CancellationToken cancellationToken)
    {
        var decision = await TellAsync(told, cancellationToken);
        return new TaskAnswer(TaskView.Snapshot(Id, state), decision.Refusal);
    }

    private async Task<TaskDecision> TellAsync(
        TaskInput told,
        CancellationToken cancellationToken,
        long hostEpoch = 0
    )
    {
        using var turn = spans.InTurn(Id, state.Turn);
        told = await effects.WithPolicyAsync(state, told, cancellationToken);
        told = await effects.WithOthersAsync(Id, state, told, cancellationToken);
        var before = state;
        var decision = TaskDecider.Decide(before, told, limits);
        if (decision.Stale)
        {
            LogStale(logger, Id, told.GetType().Name, state.Phase);
        }
        if (decision.Facts.Count == 0)
        {
            return decision;
        }
        if (!await RecordAsync(told, decision.Facts, hostEpoch, cancellationToken))
        {
            // The host's epoch is over, whatever it reports of it: the run is lost.
            LogFenced(logger, Id, before.Host, hostEpoch);
            var lost = new TaskInput.HostLost(before.Host, hostEpoch, time.GetUtcNow());
            await TellAsync(lost, cancellationToken);
            return TaskDecision.Echo;
        }
        var owedBefore = TaskDecider.Owed(before);
        await CarryOutAsync(
            [.. TaskDecider.Owed(state).Where(e => !owedBefore.Contains(e))],
            cancellationToken
        );
        if (
            state.Parked
            && retry is null
            && TaskDecider.Owed(state).All(e => e is TaskEffect.TendPullRequest)
        )
        {
            // It is a row until somebody wants something of it: a hundred thousand parked tasks hold no memory.
            DeactivateOnIdle();
        }
        return decision;
    }

    // False = fenced: nothing was recorded.
    private async Task<bool> RecordAsync(
        TaskInput told,
        IReadOnlyList<TaskFact> facts,
        long hostEpoch,
        CancellationToken cancellationToken
    )
    {
        var next = facts.Aggregate(state, (s, fact) => s.After(fact, told.Now));
        var durability = facts.All(f => f is TaskFact.Progressed)
            ? Durability.RideAlong
            : Durability.Wait;
        var request = new AppendRequest(
            Id,
            state.Version,
            told.Now,
            facts,
            TaskView.Head(Id, next),
            hostEpoch > 0 ? state.Host : "",
            hostEpoch
        );
        try
        {
            var outcome = await journal.AppendAsync(request, durability, cancellationToken);
            if (outcome == AppendOutcome.Fenced)
            {
                return false;
            }
            if (outcome != AppendOutcome.Appended)
            {
                // Another activation wrote: what this one believes is void.
                DeactivateOnIdle();
                throw new InvalidOperationException(
                    $"Task {Id} was written elsewhere ({outcome}); ask again."
                );
            }
        }
        catch (StorageException)
        {
            // Whether the facts stand is unknown: read again before anything else.
            DeactivateOnIdle();
            throw;
        }
        if (next.Phase != state.Phase)
        {
            using var turn = spans.InTurn(Id, next.Turn);
            LogMoved(logger, Id, next.Phase);
        }
        state = next;
        return true;
    }

    private async Task CarryOutAsync(
        IReadOnlyList<TaskEffect> owed,
        CancellationToken cancellationToken
    )
    {
        using var turn = owed.Count > 0 ? spans.InTurn(Id, state.Turn) : null;
        foreach (var effect in owed)
        {
            var carriedOut = false;
            try
            {
                var report = await effects.CarryOutAsync(Id, state, effect, cancellationToken);
                carriedOut = true;
                if (report is not null)
                {
                    await TellAsync(
                        new TaskInput.Reported(report, time.GetUtcNow()),
                        cancellationToken
                    );
                }
            }
            catch (Exception e)
                when (LoopFault.IsOutlived(e, cancellationToken)
                    && !(carriedOut && e is StorageException)
                )
            {
                // What is owed stays owed: this timer asks again while the grain lives, the scanner after that.
                LogOwed(logger, Id, effect.GetType().Name, e);
                ArmRetry();
            }
        }
    }

    private void ArmRetry()
    {
        retry?.Dispose();
        retry = this.RegisterGrainTimer(
            RetryOwedAsync,
            new GrainTimerCreationOptions(retryAfter, Timeout.InfiniteTimeSpan) { KeepAlive = true }
        );
        retryAfter = retryAfter * 2 < RetryLast ? retryAfter * 2 : RetryLast;
    }

    private async Task RetryOwedAsync(CancellationToken cancellationToken)
    {
        // Not disposed before the work: that would cancel the work's own token.
        var fired = retry;
        retry = null;
        await CarryOutAsync(TaskDecider.Owed(state), cancellationToken);
        retryAfter = retry is null ? RetryFirst : retryAfter;
        fired?.Dispose();
    }
}
