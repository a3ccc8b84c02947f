using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Queueing;

/// <summary>Bounds of a pool's queue.</summary>
/// <param name="SizeMax">Accepted tasks that have not reached a slot; 1 to 1,000,000.</param>
public sealed record QueueLimits(int SizeMax);

/// <summary>What a queue must not forget, whatever the heads say.</summary>
[GenerateSerializer, Alias("orchestrator.queue-holds")]
public sealed class QueueHolds
{
    /// <summary>Hosts that an operator drained.</summary>
    [Id(0)]
    public IReadOnlyList<string> Drained { get; set; } = [];
}

/// <summary>
/// The queue of a pool. Reentrant, because a task joins it while it offers a slot to another: what survives every await
/// is that all fields are changed without one in between.
/// </summary>
[Reentrant, KeepAlive, OnControlSilos]
public sealed partial class QueueGrain(
    [PersistentState("holds", GrainStorageNames.Orleans)] IPersistentState<QueueHolds> holds,
    ITaskIndex index,
    IJournal journal,
    QueueLimits limits,
    TimeProvider time,
    ILogger<QueueGrain> logger
) : Grain, IQueueGrain
{
    private const int RetryAfterSeconds = 5;
    private const int ReadPage = 1_000;

    private readonly SlotPool pool = new(limits.SizeMax);
    private long refused;
    private bool pumping;
    private bool pumpAgain;

    /// <inheritdoc />
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var host in holds.State.Drained)
        {
            pool.Drain(host, on: true);
        }
        await ReadHeadsAsync(
            [TaskPhase.Received, TaskPhase.Mediating],
            h => pool.RestoreAdmitted(h.TaskId),
            cancellationToken
        );
        await ReadHeadsAsync(
            [TaskPhase.Preparing, TaskPhase.Running, TaskPhase.Validating],
            h => pool.RestoreSlot(h.TaskId, h.Host),
            cancellationToken
        );
        await ReadHeadsAsync(
            [TaskPhase.Queued],
            h =>
            {
                pool.RestoreAdmitted(h.TaskId);
                if (h.Due is null)
                {
                    pool.Join(
                        new QueueTicket(
                            h.TaskId,
                            h.Turn,
                            h.Priority,
                            h.Requester,
                            h.Repository,
                            h.UpdatedAt,
                            h.Labels
                        )
                    );
                }
            },
            cancellationToken
        );
    }

    /// <inheritdoc />
    public async Task<Failure?> AdmitAsync(
        string taskId,
        TaskPriority priority,
        string requester,
        CancellationToken cancellationToken
    )
    {
        if (pool.Admit(taskId))
        {
            return null;
        }
        refused++;
        var fact = new TaskFact.Throttled("queue_full", priority, RetryAfterSeconds, requester);
        await journal.AppendAsync(
            new AppendRequest(TaskIds.System, -1, time.GetUtcNow(), [fact], null),
            Durability.RideAlong,
            cancellationToken
        );
        return new Failure(
            FailureCodes.QueueFull,
            $"The queue holds its {pool.SizeMax} tasks. Nothing was accepted: send it again in {RetryAfterSeconds} s, or raise MAX_QUEUE_SIZE.",
            "",
            RetryAfterSeconds
        );
    }

    /// <inheritdoc />
    public Task JoinAsync(QueueTicket ticket, CancellationToken cancellationToken)
    {
        pool.Join(ticket);
        StartPump();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task LeaveAsync(string taskId, CancellationToken cancellationToken)
    {
        pool.Leave(taskId);
        StartPump();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task RegisterHostAsync(HostCapacity host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        // What an earlier life of the host ran is lost; its tasks learn it now.
        foreach (var taskId in pool.Register(host))
        {
            await TellLostAsync(taskId, host);
        }
        foreach (var (taskId, on) in pool.Unsure)
        {
            await AskAsync(taskId, on, cancellationToken);
        }
        StartPump();
    }

    /// <inheritdoc />
    public Task HostGoneAsync(string host, long epoch, CancellationToken cancellationToken)
    {
        pool.Gone(host, epoch);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task<bool> DrainAsync(
        string host,
        bool drained,
        CancellationToken cancellationToken
    )
    {
        if (!pool.Drain(host, drained))
        {
            return false;
        }
        try
        {
            holds.State.Drained = pool.Drained;
            await holds.WriteStateAsync(cancellationToken);
        }
        catch
        {
            // Not on disk, so not so: the caller is told, and nothing is believed that a restart would forget.
            pool.Drain(host, !drained);
            holds.State.Drained = pool.Drained;
            throw;
        }
        StartPump();
        return true;
    }

    /// <inheritdoc />
    public Task<QueueStatus> GetStatusAsync(CancellationToken cancellationToken) => GetState();

    /// <inheritdoc />
    public Task<QueueStatus> GetState()
    {
        var lanes = Enum.GetValues<TaskPriority>()
            .ToDictionary(p => LaneName(p), pool.Waiting.CountOf);
        var now = time.GetUtcNow();
        double Age(DateTimeOffset? since) =>
            since is { } from ? Math.Round(Math.Max(0, (now - from).TotalSeconds), 3) : 0;
        return Task.FromResult(
            new QueueStatus(
                pool.Waiting.Count,
                lanes,
                pool.Admitted,
                pool.SizeMax,
                Age(pool.Waiting.OldestSince),
                pool.SlotsTotal,
                pool.SlotsUsed,
                refused
            )
            {
                OldestSecondsByLane = Enum.GetValues<TaskPriority>()
                    .ToDictionary(p => LaneName(p), p => Age(pool.Waiting.OldestSinceOf(p))),
                Drained = pool.Drained,
                RetryAfterSeconds = pool.Admitted < pool.SizeMax ? 0 : RetryAfterSeconds,
            }
        );
    }

    /// <inheritdoc />
    public Task<QueueExplanation> ExplainAsync(string taskId, CancellationToken cancellationToken)
    {
        var ahead = pool.Waiting.Ahead(taskId);
        if (ahead < 0)
        {
            return Task.FromResult(
                new QueueExplanation(
                    0,
                    pool.HostOf(taskId) is { } on
                        ? $"It holds a slot of host {on}."
                        : "It does not wait for a slot."
                )
            );
        }
        var reason =
            pool.Hosts == 0 ? "No runner host is registered. Start one ('orchestrator serve')."
            : pool.AllDrained
                ? $"Every host is drained ({string.Join(", ", pool.Drained)}). 'orchestrator undrain' lets them take work again."
            : $"{ahead} tasks are ahead of it; {pool.SlotsUsed} of {pool.SlotsTotal} slots are taken. It starts when one is free.";
        return Task.FromResult(new QueueExplanation(ahead + 1, reason));
    }

    private static string LaneName(TaskPriority priority) =>
        priority switch
        {
            TaskPriority.High => "high",
            TaskPriority.Medium => "medium",
            _ => "low",
        };

    private async Task ReadHeadsAsync(
        IReadOnlyList<TaskPhase> phases,
        Action<TaskHead> take,
        CancellationToken cancellationToken
    )
    {
        var after = "";
        IReadOnlyList<TaskHead> page;
        do
        {
            page = await index.ListInPhasesAsync(phases, after, ReadPage, cancellationToken);
            foreach (var head in page)
            {
                take(head);
                after = head.TaskId;
            }
        } while (page.Count == ReadPage);
    }

    private async Task TellLostAsync(string taskId, HostCapacity host)
    {
        try
        {
            await GrainFactory
                .GetGrain<ITaskGrain>(taskId)
                .HostLostAsync(host.Host, host.Epoch - 1, CancellationToken.None);
        }
        catch (Exception e) when (IsUntold(e))
        {
            // The scanner wakes the task; its deadline ends the attempt at the latest.
            LogUntold(logger, taskId, e);
        }
    }

    private void StartPump()
    {
        pumpAgain = true;
        if (!pumping)
        {
            pumping = true;
            _ = FillAllAsync();
        }
    }

    private async Task FillAllAsync()
    {
        try
        {
            while (pumpAgain)
            {
                pumpAgain = false;
                while (pool.Next() is { } next)
                {
                    await OfferAsync(next.Ticket, next.Host);
                }
            }
        }
        finally
        {
            pumping = false;
        }
    }

    private async Task OfferAsync(QueueTicket ticket, HostCapacity host)
    {
        bool? taken = null;
        try
        {
            taken = await GrainFactory
                .GetGrain<ITaskGrain>(ticket.TaskId)
                .OfferSlotAsync(
                    new SlotOffer(host.Host, host.Epoch, ticket.Turn),
                    CancellationToken.None
                );
        }
        catch (Exception e) when (IsUntold(e))
        {
            // It may have begun: the slot stays taken until the task was asked.
            LogUntold(logger, ticket.TaskId, e);
        }
        pool.Settle(ticket.TaskId, host.Host, taken);
    }

    private async Task AskAsync(string taskId, string host, CancellationToken cancellationToken)
    {
        try
        {
            var task = await GrainFactory.GetGrain<ITaskGrain>(taskId).GetAsync(cancellationToken);
            pool.Confirm(
                taskId,
                task is not null
                    && task.Host == host
                    && task.Phase
                        is TaskPhase.Preparing
                            or TaskPhase.Running
                            or TaskPhase.Validating
            );
        }
        catch (Exception e) when (IsUntold(e))
        {
            LogUntold(logger, taskId, e); // asked again at the next registration
        }
    }

    private static bool IsUntold(Exception e) =>
        e is OrleansException or TimeoutException or InvalidOperationException or StorageException;
}
