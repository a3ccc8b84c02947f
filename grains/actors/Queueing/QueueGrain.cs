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
/// <param name="Slots">Of its slots.</param>
/// <param name="DefaultRunner">The runner kind of a task that names none.</param>
public sealed record QueueLimits(SlotRules Slots, string DefaultRunner);

/// <summary>What a queue must not forget, whatever the heads say.</summary>
[GenerateSerializer, Alias("orchestrator.queue-holds")]
public sealed class QueueHolds
{
    /// <summary>Hosts that an operator drained.</summary>
    [Id(0)]
    public IReadOnlyList<string> Drained { get; set; } = [];

    /// <summary>Who stopped everything, or empty.</summary>
    [Id(1)]
    public string StoppedBy { get; set; } = "";

    /// <summary>When everything was stopped.</summary>
    [Id(2)]
    public DateTimeOffset? StoppedAt { get; set; }
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
    private static readonly TaskPhase[] Holding =
    [
        TaskPhase.Preparing,
        TaskPhase.Running,
        TaskPhase.Validating,
    ];
    private static readonly TimeSpan TellMax = TimeSpan.FromSeconds(2);

    private readonly SlotPool pool = new(limits.Slots);
    private long refused;

    /// <inheritdoc />
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var host in holds.State.Drained)
        {
            pool.Drain(host, on: true);
        }
        pool.Stopped = holds.State.StoppedAt is not null;
        await ReadHeadsAsync(
            [TaskPhase.Received, TaskPhase.Mediating],
            h => pool.RestoreAdmitted(h.TaskId),
            cancellationToken
        );
        await ReadHeadsAsync(
            Holding,
            h =>
                pool.RestoreSlot(
                    h.TaskId,
                    new SlotHolder(h.Host, h.Priority, h.Repository, h.Paths)
                ),
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
                        {
                            Runner = h.Runner.Length > 0 ? h.Runner : limits.DefaultRunner,
                            Paths = h.Paths,
                        }
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
        ArgumentNullException.ThrowIfNull(ticket);
        pool.Join(ticket);
        StartPump();
        foreach (var host in pool.Known)
        {
            AskWhere(host, [ticket.Repository]);
        }
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
        var lost = pool.Register(host);
        if (limits.Slots.Overlap == OverlapMode.Serialise)
        {
            await ReadHeadsAsync(Holding, h => pool.Touched(h.TaskId, h.Paths), cancellationToken);
        }
        StartPump();
        AskWhere(host, pool.Waiting.Repositories);
        // What an earlier life of the host ran is lost; its tasks learn it now.
        await Task.WhenAll(lost.Select(taskId => TellLostAsync(taskId, host)));
        if (pool.Stopped)
        {
            // Told each time: a host that was not reached, or began anew, must not miss it, and a hold lapses.
            await HoldAsync(host.Host);
        }
        await Task.WhenAll(
            pool.Unsure.ToList().Select(u => AskAsync(u.TaskId, u.Host, cancellationToken))
        );
        StartPump();
    }

    /// <inheritdoc />
    public Task SetUsageAsync(UsageWindow window, CancellationToken cancellationToken)
    {
        pool.SetUsage(window);
        StartPump();
        return Task.CompletedTask;
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
                StoppedBy = holds.State.StoppedBy,
                Accounts = pool.Accounts,
                StoppedAt = holds.State.StoppedAt,
                RetryAfterSeconds = pool.Admitted < pool.SizeMax ? 0 : RetryAfterSeconds,
            }
        );
    }

    /// <inheritdoc />
    public async Task<QueueExplanation> ExplainAsync(
        string taskId,
        CancellationToken cancellationToken
    )
    {
        await AskedAsync(cancellationToken);
        pool.Now = time.GetUtcNow();
        return WaitExplainer.Explain(pool, taskId);
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
                .HostLostAsync(host.Host, host.Epoch - 1, CancellationToken.None)
                .WaitAsync(TellMax, time);
        }
        catch (Exception e) when (IsUntold(e))
        {
            // The scanner wakes the task; its deadline ends the attempt at the latest.
            LogUntold(logger, taskId, e);
        }
    }

    // Side by side: a task whose silo does not answer keeps one slot busy, and nobody else waiting.
    private void StartPump()
    {
        pool.Now = time.GetUtcNow();
        while (pool.Next() is { } next)
        {
            _ = OfferAsync(next.Ticket, next.Host);
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
        if (taken == false)
        {
            StartPump();
        }
    }

    private async Task AskAsync(string taskId, string host, CancellationToken cancellationToken)
    {
        try
        {
            var task = await GrainFactory
                .GetGrain<ITaskGrain>(taskId)
                .GetAsync(cancellationToken)
                .WaitAsync(TellMax, time, cancellationToken);
            var holds = task is not null && task.Host == host && Holding.Contains(task.Phase);
            pool.Confirm(taskId, holds);
            if (!holds)
            {
                // Its ticket went with the offer: only itself can join again.
                await GrainFactory
                    .GetGrain<ITaskGrain>(taskId)
                    .WakeAsync(cancellationToken)
                    .WaitAsync(TellMax, time, cancellationToken);
            }
        }
        catch (Exception e) when (IsUntold(e))
        {
            LogUntold(logger, taskId, e); // asked again at the next registration
        }
    }

    // Whatever came instead of an answer: what an activation or another silo's library throws is not to be listed, and an
    // offer that nobody settles would keep its task from ever being offered a slot again.
    private static bool IsUntold(Exception e) => e is not OutOfMemoryException;
}
