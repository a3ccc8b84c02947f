using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Simulation;

/// <summary>The real pool with a plain list beside it: what is served is held against what waited.</summary>
internal sealed class SimulatedQueue
{
    private readonly Dictionary<string, QueueTicket> waiting = [];
    private int served;
    private int lastPassed = -FairQueue.StarvationGuard;

    public SlotPool Pool { get; private set; } = new(new SlotRules(100));

    /// <summary>Born anew from the heads.</summary>
    public void Restore(IEnumerable<(TaskHead Head, QueueTicket Ticket)> tasks)
    {
        Pool = new SlotPool(new SlotRules(100));
        waiting.Clear();
        (served, lastPassed) = (0, -FairQueue.StarvationGuard);
        foreach (var (head, ticket) in tasks)
        {
            switch (head.Phase)
            {
                case TaskPhase.Received or TaskPhase.Mediating:
                    Pool.RestoreAdmitted(head.TaskId);
                    break;
                case TaskPhase.Preparing or TaskPhase.Running or TaskPhase.Validating:
                    Pool.RestoreSlot(
                        head.TaskId,
                        new SlotHolder(head.Host, head.Priority, head.Repository, head.Paths)
                    );
                    break;
                case TaskPhase.Queued when head.Due is null:
                    Join(ticket);
                    break;
                default:
                    break;
            }
        }
    }

    public void Join(QueueTicket ticket)
    {
        Pool.Join(ticket);
        Look(ticket);
    }

    public void Settle(QueueTicket ticket, string host, bool? taken)
    {
        Pool.Settle(ticket.TaskId, host, taken);
        Look(ticket);
    }

    public void Leave(string task)
    {
        Pool.Leave(task);
        waiting.Remove(task);
    }

    private void Look(QueueTicket ticket)
    {
        if (Pool.Waiting.Contains(ticket.TaskId))
        {
            waiting[ticket.TaskId] = ticket;
        }
    }

    public (QueueTicket Ticket, HostCapacity Host)? Next()
    {
        if (Pool.Next() is not { } next)
        {
            return null;
        }
        Invariants.Hold(
            waiting.Remove(next.Ticket.TaskId),
            "Only who waits is served, and once.",
            next.Ticket.TaskId
        );
        var higher = waiting.Values.Any(w =>
            w.Priority > next.Ticket.Priority && FairQueue.Matches(w.Labels, next.Host.Labels)
        );
        served++;
        Invariants.Hold(
            !higher || served - lastPassed >= FairQueue.StarvationGuard,
            "A higher lane is passed over at most once in sixteen slots."
        );
        lastPassed = higher ? served : lastPassed;
        return next;
    }
}
