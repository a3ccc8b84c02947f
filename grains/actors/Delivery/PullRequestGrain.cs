using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Delivery;

/// <summary>
/// One task's pull request. It owns no truth: what to do follows from the task's facts and the remote host's word, both read
/// anew, so any moment may be its last. Reentrant, so that a hint gets in while it works; what survives every await is that
/// there is at most one loop.
/// </summary>
[Reentrant, OnControlSilos, CollectionAgeLimit(Minutes = 3)]
public sealed partial class PullRequestGrain(
    IJournal journal,
    PullRequestSteps steps,
    PullRequestRules rules,
    ISpanSink spans,
    TimeProvider time,
    ILogger<PullRequestGrain> logger
) : WorkLoopGrain(time, logger), IPullRequestGrain
{
    private const int ReadPage = 1_000;
    private const int StepsMax = 20;
    private static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryLast = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ScannerPeriod = TimeSpan.FromMinutes(1);

    private readonly PullRequestMemory memory = new();
    private TaskState state = TaskState.Empty;
    private bool again;
    private bool hinted;
    private long lookedVersion = -1;
    private DateTimeOffset? lookedAt;
    private DateTimeOffset? retryAt;
    private TimeSpan retryAfter = RetryFirst;
    private string problem = "";
    private IGrainTimer? retry;

    private string Id => this.GetPrimaryKeyString();

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        Tend();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task LookAsync(CancellationToken cancellationToken)
    {
        hinted = true;
        Tend();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<PullRequestStatus> GetState() =>
        Task.FromResult(new PullRequestStatus(lookedAt, problem, retryAt));

    /// <inheritdoc />
    protected override string Doing => $"Tending the pull request of {Id}";

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        retry?.Dispose();
        base.Dispose(disposing);
    }

    private void Tend()
    {
        again = true;
        // Somebody who must be left alone for a while is not asked sooner for being hinted at.
        if (!(retryAt > Time.GetUtcNow()))
        {
            Begin();
        }
    }

    /// <inheritdoc />
    protected override async Task WorkAsync()
    {
        try
        {
            for (var step = 0; again && step < StepsMax; step++)
            {
                again = false;
                await TendAsync(Stopping);
                (retryAt, problem, retryAfter) = (null, "", RetryFirst);
            }
            LookAgain();
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            // The grain goes; what is owed is asked for again.
        }
        catch (PullRequestHostException e)
        {
            Later(e.RetryAt, e.Message);
        }
        catch (BranchPublishException e)
        {
            Later(null, e.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Later(null, e.GetType().Name, e);
        }
    }

    private async Task TendAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        using var turn = spans.InTurn(Id, state.Turn);
        if (state.Spec is not { Remote.Length: > 0 })
        {
            return;
        }
        var looksDue =
            hinted
            || lookedVersion != state.Version
            || lookedAt is null
            || Time.GetUtcNow() - lookedAt >= rules.PollPeriod;
        IReadOnlyList<TaskReport> reports;
        if (state.Phase == TaskPhase.Delivering && state.DeliveryOwed)
        {
            reports = await DeliverAsync(cancellationToken);
        }
        else if (state.PullRequestOpen && looksDue)
        {
            hinted = false;
            lookedVersion = state.Version;
            lookedAt = Time.GetUtcNow();
            reports = await steps.LookAsync(Id, state, memory, cancellationToken);
        }
        else
        {
            return;
        }
        var task = GrainFactory.GetGrain<ITaskGrain>(Id);
        foreach (var report in reports)
        {
            await task.ReportAsync(report, cancellationToken);
        }
        // What was told may have changed what is owed.
        again |= reports.Count > 0;
    }

    private async Task<IReadOnlyList<TaskReport>> DeliverAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [await steps.DeliverAsync(Id, state, cancellationToken)];
        }
        catch (PullRequestHostException e)
            when (e.Error is PullRequestHostError.Unavailable or PullRequestHostError.RateLimited
                && Time.GetUtcNow() - state.UpdatedAt > rules.GiveUpAfter
            )
        {
            return [Refused(FailureCodes.Unavailable, e.Message)];
        }
        catch (PullRequestHostException e)
            when (e.Error
                    is not (PullRequestHostError.Unavailable or PullRequestHostError.RateLimited)
            )
        {
            return [Refused(FailureCodes.RepositoryUnusable, e.Message)];
        }
        catch (BranchPublishException e)
            when (e.Error != PublishError.Unavailable
                || Time.GetUtcNow() - state.UpdatedAt > rules.GiveUpAfter
            )
        {
            return
            [
                Refused(
                    e.Error == PublishError.Conflict
                        ? FailureCodes.Conflict
                        : FailureCodes.RepositoryUnusable,
                    e.Message
                ),
            ];
        }
    }

    private TaskReport.DeliveryRefused Refused(string code, string message) =>
        new(
            state.Turn,
            new Failure(
                code,
                message,
                "The work is kept. 'orchestrator retry' starts another turn on it."
            )
        );

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<JournalEntry> page;
        do
        {
            page = await journal.ReadTaskAsync(Id, state.Version, ReadPage, cancellationToken);
            state = page.Aggregate(state, (s, e) => s.After(e.Fact, e.At));
        } while (page.Count == ReadPage);
    }

    private void Later(DateTimeOffset? notBefore, string why, Exception? unforeseen = null)
    {
        using var turn = spans.InTurn(Id, state.Turn);
        var now = Time.GetUtcNow();
        var due = now + retryAfter;
        retryAt = notBefore > due ? notBefore : due;
        retryAfter = retryAfter * 2 < RetryLast ? retryAfter * 2 : RetryLast;
        problem = why;
        LogLater(Logger, Id, retryAt.Value, why);
        if (unforeseen is not null)
        {
            LogFailed(Logger, Id, retryAt.Value, unforeseen);
        }
        retry?.Dispose();
        retry = this.RegisterGrainTimer(
            RetryAsync,
            new GrainTimerCreationOptions(retryAt.Value - now, Timeout.InfiniteTimeSpan)
            {
                KeepAlive = true,
                Interleave = true,
            }
        );
    }

    // The scanner wakes an open one once a minute; who wants it looked at more often gets it while the grain lives.
    private void LookAgain()
    {
        if (state.PullRequestOpen && rules.PollPeriod < ScannerPeriod)
        {
            retry?.Dispose();
            retry = this.RegisterGrainTimer(
                RetryAsync,
                new GrainTimerCreationOptions(rules.PollPeriod, Timeout.InfiniteTimeSpan)
                {
                    Interleave = true,
                }
            );
        }
    }

    private Task RetryAsync(CancellationToken cancellationToken)
    {
        var fired = retry;
        (retry, retryAt) = (null, null);
        Tend();
        fired?.Dispose();
        return Task.CompletedTask;
    }
}
