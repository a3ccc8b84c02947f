using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Queueing;

/// <summary>
/// Who holds a place, who holds a slot, who is offered the next one. A slot whose offer got no answer stays taken until
/// somebody looked at the task: it may have begun. Not thread-safe: one grain owns it.
/// </summary>
/// <param name="rules">Its bounds.</param>
public sealed class SlotPool(SlotRules rules)
{
    private readonly FairQueue queue = new();
    private readonly HashSet<string> admitted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostCapacity> hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, SlotHolder> slots = new(StringComparer.Ordinal);
    private readonly HashSet<string> drained = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> unsure = new(StringComparer.Ordinal);

    // By account; the newest word of it counts, whichever host brought it.
    private readonly Dictionary<string, UsageWindow> usage = new(StringComparer.Ordinal);

    // Offers under way; a task that joins meanwhile is waiting still only if it says no.
    private readonly Dictionary<string, QueueTicket?> offered = new(StringComparer.Ordinal);

    /// <summary>Those who wait.</summary>
    public FairQueue Waiting => queue;

    /// <summary>Which hosts have the repositories that are waited for.</summary>
    public RepositoryPlaces Places { get; } = new();

    /// <summary>Whether the host has the ticket's repository; null = it is to be asked.</summary>
    public bool? HasRepository(HostCapacity host, QueueTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        return Places.Has(host, ticket.Repository, Now);
    }

    /// <summary>What the host said of repositories; a word of an earlier life of it is not taken.</summary>
    public void TakeRepositories(
        string host,
        long epoch,
        IReadOnlyList<GrainInterfaces.Runners.RepositoryAnswer> answers
    )
    {
        if (hosts.TryGetValue(host, out var known) && known.Epoch == epoch)
        {
            Places.Take(host, answers, Now);
        }
    }

    /// <summary>The most that may be admitted.</summary>
    public int SizeMax => rules.SizeMax;

    /// <summary>Accepted tasks that have not reached a slot, waiting ones included.</summary>
    public int Admitted => admitted.Count;

    /// <summary>Slots of all hosts.</summary>
    public int SlotsTotal => hosts.Values.Sum(h => h.Slots);

    /// <summary>Slots that are taken.</summary>
    public int SlotsUsed => slots.Count;

    /// <summary>How many hosts offered slots.</summary>
    public int Hosts => hosts.Count;

    /// <summary>Hosts that get no new runs, by name.</summary>
    public IReadOnlyList<string> Drained => [.. drained.Order(StringComparer.Ordinal)];

    /// <summary>True while an emergency stop holds everything: nobody is offered a slot.</summary>
    public bool Stopped { get; set; }

    /// <summary>The instant that usage limits are judged by; its owner sets it before it asks.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>The agent accounts that hosts have named, by name.</summary>
    public IReadOnlyList<UsageWindow> Accounts =>
        [.. usage.Values.OrderBy(w => w.Account, StringComparer.Ordinal)];

    /// <summary>Takes the word of an account's usage limit.</summary>
    public void SetUsage(UsageWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (!usage.TryGetValue(window.Account, out var known) || known.Version < window.Version)
        {
            usage[window.Account] = window;
        }
    }

    /// <summary>What keeps the host's account from being used now, or null.</summary>
    public UsageWindow? LimitOf(HostCapacity host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (host.Usage is null || usage.GetValueOrDefault(host.Usage.Account) is not { } window)
        {
            return null;
        }
        var used = hosts
            .Values.Where(h => h.Usage?.Account == window.Account)
            .Sum(h => HeldOn(h.Host).Count());
        return UsageGovernor.MayBegin(window, used, Now) ? null : window;
    }

    /// <summary>The hosts that offered slots.</summary>
    public IReadOnlyCollection<HostCapacity> Known => hosts.Values;

    /// <summary>True when the host gets no new runs.</summary>
    public bool IsDrained(string host) => drained.Contains(host);

    /// <summary>Tasks that may or may not hold the slot they were offered, with its host.</summary>
    public IReadOnlyList<(string TaskId, string Host)> Unsure =>
        [.. unsure.Select(t => (t, slots[t].Host))];

    /// <summary>The host whose slot a task holds, or null.</summary>
    public string? HostOf(string taskId) => slots.GetValueOrDefault(taskId)?.Host;

    /// <summary>The task with a slot that the ticket's would meet, with what both touch; null when it may run beside all.</summary>
    public Overlap? MetBy(QueueTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        if (
            rules.Overlap != OverlapMode.Serialise
            || ticket.Paths.Count == 0
            || ticket.Repository.Length == 0
        )
        {
            return null;
        }
        var held = slots
            .Where(s => s.Value.Repository == ticket.Repository && s.Key != ticket.TaskId)
            .Select(s => new PathClaim(s.Key, s.Value.Paths));
        return PathClaims.Met(ticket.Paths, held) is [var first, ..] ? first : null;
    }

    /// <summary>The bound on a lane's slots, when all of them are taken; else 0.</summary>
    public int LaneFull(TaskPriority lane) =>
        rules.LaneSlotsMax.GetValueOrDefault(lane) is var max
        && max > 0
        && slots.Values.Count(s => s.Priority == lane) >= max
            ? max
            : 0;

    /// <summary>Reserves a place; false when all are taken. The same task again keeps its place.</summary>
    public bool Admit(string taskId) =>
        admitted.Contains(taskId) || (admitted.Count < rules.SizeMax && admitted.Add(taskId));

    /// <summary>After a restart: the task was accepted before.</summary>
    public void RestoreAdmitted(string taskId) => admitted.Add(taskId);

    /// <summary>After a restart: the task runs on a host.</summary>
    public void RestoreSlot(string taskId, SlotHolder holder) => slots[taskId] = holder;

    /// <summary>Work has shown which paths a task touches; nothing when it holds no slot.</summary>
    public void Touched(string taskId, IReadOnlyList<string> paths)
    {
        if (slots.TryGetValue(taskId, out var holder))
        {
            slots[taskId] = holder with { Paths = paths };
        }
    }

    /// <summary>The task waits for a slot, and holds none.</summary>
    public void Join(QueueTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        if (offered.ContainsKey(ticket.TaskId))
        {
            offered[ticket.TaskId] = ticket;
            return;
        }
        admitted.Add(ticket.TaskId);
        Free(ticket.TaskId);
        queue.Add(ticket);
    }

    /// <summary>The task wants neither place nor slot.</summary>
    public void Leave(string taskId)
    {
        admitted.Remove(taskId);
        queue.Remove(taskId);
        Free(taskId);
    }

    /// <summary>A host offers its slots. Returns the tasks that an earlier life of it ran: they are lost.</summary>
    public IReadOnlyList<string> Register(HostCapacity host)
    {
        ArgumentNullException.ThrowIfNull(host);
        hosts.TryGetValue(host.Host, out var old);
        if (old?.Epoch > host.Epoch)
        {
            return []; // a late word of that earlier life
        }
        hosts[host.Host] = host;
        if (old?.Epoch != host.Epoch)
        {
            Places.Forget(host.Host);
        }
        if (host.Usage is not null)
        {
            SetUsage(host.Usage);
        }
        return old?.Epoch == host.Epoch ? [] : [.. HeldOn(host.Host)];
    }

    /// <summary>A host was declared dead: it is offered nothing until it registers a newer epoch.</summary>
    public void Gone(string host, long epoch)
    {
        if (hosts.TryGetValue(host, out var known) && known.Epoch <= epoch)
        {
            hosts.Remove(host);
            Places.Forget(host);
        }
    }

    /// <summary>A host gets no new runs, or gets them again; what it runs goes on. False = it was so already.</summary>
    public bool Drain(string host, bool on) => on ? drained.Add(host) : drained.Remove(host);

    /// <summary>
    /// Takes the next ticket and a free slot for it, on the host with the smallest part of its slots taken; null when
    /// nobody fits. Its offer is settled by <see cref="Settle"/>.
    /// </summary>
    public (QueueTicket Ticket, HostCapacity Host)? Next()
    {
        if (Stopped || queue.Count == 0)
        {
            return null;
        }
        var willing = hosts
            .Values.Where(h =>
                !drained.Contains(h.Host)
                && LimitOf(h) is null
                && HostFitness.Problem(h).Length == 0
            )
            .ToList();
        var free = willing
            .Select(h => (Host: h, Used: HeldOn(h.Host).Count()))
            .Where(h => h.Used < h.Host.Slots)
            .OrderBy(h => h.Used / (double)h.Host.Slots)
            .ThenBy(h => h.Host.Host, StringComparer.Ordinal);
        foreach (var (host, _) in free)
        {
            if (
                queue.Take(
                    t =>
                        HostFitness.Fits(host, t, willing, h => HasRepository(h, t) == true)
                        && MetBy(t) is null,
                    lane => LaneFull(lane) == 0
                ) is
                { } ticket
            )
            {
                slots[ticket.TaskId] = new SlotHolder(
                    host.Host,
                    ticket.Priority,
                    ticket.Repository,
                    ticket.Paths
                );
                offered[ticket.TaskId] = null;
                admitted.Remove(ticket.TaskId);
                return (ticket, host);
            }
        }
        return null;
    }

    /// <summary>What the task said of its offer; null = no answer came.</summary>
    public void Settle(string taskId, string host, bool? taken)
    {
        if (
            !offered.Remove(taskId, out var joined)
            || slots.GetValueOrDefault(taskId)?.Host != host
        )
        {
            return; // it left meanwhile
        }
        if (taken is null)
        {
            unsure.Add(taskId);
        }
        else if (taken == false)
        {
            Free(taskId);
            if (joined is not null)
            {
                Join(joined);
            }
        }
    }

    /// <summary>Somebody looked: the task holds the slot, or not.</summary>
    public void Confirm(string taskId, bool holds)
    {
        if (unsure.Remove(taskId) && !holds)
        {
            Free(taskId);
        }
    }

    private IEnumerable<string> HeldOn(string host) =>
        slots
            .Where(s => string.Equals(s.Value.Host, host, StringComparison.OrdinalIgnoreCase))
            .Select(s => s.Key);

    private void Free(string taskId)
    {
        slots.Remove(taskId);
        unsure.Remove(taskId);
        offered.Remove(taskId);
    }
}
