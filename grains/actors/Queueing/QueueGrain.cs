using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Queueing;

/// <summary>Bounds of a pool's queue.</summary>
/// <param name="SizeMax">Accepted tasks that have not reached a slot; 1 to 1,000,000.</param>
public sealed record QueueLimits(int SizeMax);

/// <summary>
/// The queue of a pool. Reentrant, because a task joins it while it offers a slot to another: what survives every await
/// is that all fields are changed without one in between.
/// </summary>
[Reentrant, KeepAlive]
public sealed partial class QueueGrain(
    ITaskIndex index,
    IJournal journal,
    QueueLimits limits,
    TimeProvider time,
    ILogger<QueueGrain> logger
) : Grain, IQueueGrain
{
    private const int RetryAfterSeconds = 5;
    private const int ReadPage = 1_000;

    private readonly FairQueue queue = new();
    private readonly HashSet<string> admitted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostCapacity> hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> slots = new(StringComparer.Ordinal);
    private long refused;
    private bool pumping;
    private bool pumpAgain;

    /// <inheritdoc />
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await ReadHeadsAsync(
            [TaskPhase.Received, TaskPhase.Mediating],
            h => admitted.Add(h.TaskId),
            cancellationToken
        );
        await ReadHeadsAsync(
            [TaskPhase.Preparing, TaskPhase.Running, TaskPhase.Validating],
            h => slots[h.TaskId] = h.Host,
            cancellationToken
        );
        await ReadHeadsAsync(
            [TaskPhase.Queued],
            h =>
            {
                admitted.Add(h.TaskId);
                if (h.Due is null)
                {
                    queue.Add(
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
        if (admitted.Contains(taskId))
        {
            return null;
        }
        if (admitted.Count < limits.SizeMax)
        {
            admitted.Add(taskId);
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
            $"The queue holds its {limits.SizeMax} tasks. Nothing was accepted: send it again in {RetryAfterSeconds} s, or raise MAX_QUEUE_SIZE.",
            "",
            RetryAfterSeconds
        );
    }

    /// <inheritdoc />
    public Task JoinAsync(QueueTicket ticket, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        admitted.Add(ticket.TaskId);
        slots.Remove(ticket.TaskId);
        queue.Add(ticket);
        StartPump();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task LeaveAsync(string taskId, CancellationToken cancellationToken)
    {
        admitted.Remove(taskId);
        queue.Remove(taskId);
        slots.Remove(taskId);
        StartPump();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task RegisterHostAsync(HostCapacity host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        hosts.TryGetValue(host.Host, out var old);
        hosts[host.Host] = host;
        if (old is null || old.Epoch < host.Epoch)
        {
            // What an earlier life of the host ran is lost; its tasks learn it now.
            var stale = slots
                .Where(s => string.Equals(s.Value, host.Host, StringComparison.OrdinalIgnoreCase))
                .Select(s => s.Key)
                .ToList();
            foreach (var taskId in stale)
            {
                await TellLostAsync(taskId, host);
            }
        }
        StartPump();
    }

    /// <inheritdoc />
    public Task<QueueStatus> GetStatusAsync(CancellationToken cancellationToken) => GetState();

    /// <inheritdoc />
    public Task<QueueStatus> GetState()
    {
        var lanes = Enum.GetValues<TaskPriority>().ToDictionary(p => LaneName(p), queue.CountOf);
        var oldest = queue.OldestSince is { } since ? (time.GetUtcNow() - since).TotalSeconds : 0;
        return Task.FromResult(
            new QueueStatus(
                queue.Count,
                lanes,
                admitted.Count,
                limits.SizeMax,
                Math.Max(0, oldest),
                hosts.Values.Sum(h => h.Slots),
                slots.Count,
                refused
            )
        );
    }

    /// <inheritdoc />
    public Task<QueueExplanation> ExplainAsync(string taskId, CancellationToken cancellationToken)
    {
        var ahead = queue.Ahead(taskId);
        if (ahead < 0)
        {
            return Task.FromResult(
                new QueueExplanation(
                    0,
                    slots.TryGetValue(taskId, out var on)
                        ? $"It holds a slot of host {on}."
                        : "It does not wait for a slot."
                )
            );
        }
        var total = hosts.Values.Sum(h => h.Slots);
        var reason =
            hosts.Count == 0
                ? "No runner host is registered. Start one ('orchestrator serve')."
                : $"{ahead} tasks are ahead of it; {slots.Count} of {total} slots are taken. It starts when one is free.";
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
        catch (Exception e)
            when (e
                    is OrleansException
                        or TimeoutException
                        or InvalidOperationException
                        or StorageException
            )
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
                foreach (var host in hosts.Values.ToList())
                {
                    await FillAsync(host);
                }
            }
        }
        finally
        {
            pumping = false;
        }
    }

    private async Task FillAsync(HostCapacity host)
    {
        while (
            slots.Values.Count(h => h == host.Host) < host.Slots
            && queue.Take(host.Labels) is { } ticket
        )
        {
            slots[ticket.TaskId] = host.Host;
            var taken = false;
            try
            {
                taken = await GrainFactory
                    .GetGrain<ITaskGrain>(ticket.TaskId)
                    .OfferSlotAsync(
                        new SlotOffer(host.Host, host.Epoch, ticket.Turn),
                        CancellationToken.None
                    );
            }
            catch (Exception e)
                when (e
                        is OrleansException
                            or TimeoutException
                            or InvalidOperationException
                            or StorageException
                )
            {
                // Its join stays owed: the task's own timer or the scanner brings it back.
                LogUntold(logger, ticket.TaskId, e);
            }
            admitted.Remove(ticket.TaskId);
            if (
                !taken
                && slots.GetValueOrDefault(ticket.TaskId) == host.Host
                && !queue.Contains(ticket.TaskId)
            )
            {
                slots.Remove(ticket.TaskId);
            }
        }
    }
}
