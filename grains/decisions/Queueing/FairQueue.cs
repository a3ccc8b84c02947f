using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Queueing;

/// <summary>
/// Who gets the next slot. Lanes by priority; inside a lane requesters take turns, and a requester's repositories take
/// turns; inside a repository first come, first served. So that no lane starves, every sixteenth slot goes to the
/// lowest lane that waits. Not thread-safe: one grain owns it.
/// </summary>
public sealed class FairQueue
{
    /// <summary>Every how many slots the lowest waiting lane is served, whatever waits above it.</summary>
    public const int StarvationGuard = 16;

    private readonly SortedDictionary<TaskPriority, Lane> lanes = [];
    private readonly Dictionary<string, QueueTicket> tickets = new(StringComparer.Ordinal);
    private long picks;

    /// <summary>How many wait.</summary>
    public int Count => tickets.Count;

    /// <summary>The oldest waiting since, or null.</summary>
    public DateTimeOffset? OldestSince =>
        tickets.Count == 0 ? null : tickets.Values.Min(t => t.Since);

    /// <summary>The oldest of a lane waiting since, or null.</summary>
    public DateTimeOffset? OldestSinceOf(TaskPriority priority)
    {
        var lane = tickets.Values.Where(t => t.Priority == priority).ToList();
        return lane.Count == 0 ? null : lane.Min(t => t.Since);
    }

    /// <summary>How many wait in a lane.</summary>
    public int CountOf(TaskPriority priority) => tickets.Values.Count(t => t.Priority == priority);

    /// <summary>The repositories that are waited for, each once.</summary>
    public IReadOnlyCollection<string> Repositories =>
        tickets
            .Values.Select(t => t.Repository)
            .Where(r => r.Length > 0)
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>True when the task waits.</summary>
    public bool Contains(string taskId) => tickets.ContainsKey(taskId);

    /// <summary>The ticket of a task that waits, or null.</summary>
    public QueueTicket? Find(string taskId) => tickets.GetValueOrDefault(taskId);

    /// <summary>Adds a ticket; false when the task waits already with this turn (it keeps its place).</summary>
    public bool Add(QueueTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        if (tickets.TryGetValue(ticket.TaskId, out var old))
        {
            if (old.Turn >= ticket.Turn)
            {
                return false;
            }
            Remove(ticket.TaskId);
        }
        tickets.Add(ticket.TaskId, ticket);
        if (!lanes.TryGetValue(ticket.Priority, out var lane))
        {
            lanes.Add(ticket.Priority, lane = new Lane());
        }
        lane.Add(ticket);
        return true;
    }

    /// <summary>Takes a task out of the queue; false when it did not wait.</summary>
    public bool Remove(string taskId)
    {
        if (!tickets.Remove(taskId, out var ticket))
        {
            return false;
        }
        var lane = lanes[ticket.Priority];
        lane.Remove(ticket);
        if (lane.Empty)
        {
            lanes.Remove(ticket.Priority);
        }
        return true;
    }

    /// <summary>Takes out the ticket that a host with these labels serves next, or null.</summary>
    public QueueTicket? Take(IReadOnlyList<string> hostLabels)
    {
        ArgumentNullException.ThrowIfNull(hostLabels);
        return Take(t => Matches(t.Labels, hostLabels));
    }

    /// <summary>Takes out the next ticket of those that fit, or null.</summary>
    /// <param name="fits">Whether a ticket may have the slot.</param>
    /// <param name="open">Whether a lane may have another slot; null = each may.</param>
    public QueueTicket? Take(Func<QueueTicket, bool> fits, Func<TaskPriority, bool>? open = null)
    {
        ArgumentNullException.ThrowIfNull(fits);
        var lowestFirst = (picks + 1) % StarvationGuard == 0;
        foreach (var (priority, lane) in lowestFirst ? lanes : lanes.Reverse())
        {
            if (open?.Invoke(priority) != false && lane.Peek(fits) is { } ticket)
            {
                picks++;
                lane.Served(ticket);
                Remove(ticket.TaskId);
                return ticket;
            }
        }
        return null;
    }

    /// <summary>How many would be served before the task if nothing else came; -1 when it does not wait. By lane and age: turn-taking may let it pass earlier.</summary>
    public int Ahead(string taskId)
    {
        if (!tickets.TryGetValue(taskId, out var own))
        {
            return -1;
        }
        return tickets.Values.Count(t =>
            t.Priority > own.Priority || (t.Priority == own.Priority && t.Since < own.Since)
        );
    }

    /// <summary>True when a host's labels satisfy a ticket's.</summary>
    public static bool Matches(IReadOnlyList<string> wanted, IReadOnlyList<string> offered)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(offered);
        return wanted.All(w => offered.Contains(w, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Start-time fair turn-taking: whoever was served least in virtual time is next.</summary>
    private sealed class Turns<T>
        where T : class
    {
        private readonly Dictionary<string, (T Value, long Time)> members = new(
            StringComparer.Ordinal
        );
        private long now;

        public int Count => members.Count;

        public T GetOrAdd(string key, Func<T> make)
        {
            if (!members.TryGetValue(key, out var member))
            {
                member = (make(), now);
                members.Add(key, member);
            }
            return member.Value;
        }

        public T? Find(string key) =>
            members.TryGetValue(key, out var member) ? member.Value : null;

        public void Remove(string key) => members.Remove(key);

        public void Served(string key)
        {
            if (members.TryGetValue(key, out var member))
            {
                now = Math.Max(now, member.Time);
                members[key] = (member.Value, member.Time + 1);
            }
        }

        public IEnumerable<T> InTurn() =>
            members
                .OrderBy(m => m.Value.Time)
                .ThenBy(m => m.Key, StringComparer.Ordinal)
                .Select(m => m.Value.Value);
    }

    private sealed class Lane
    {
        private readonly Turns<Turns<LinkedList<QueueTicket>>> requesters = new();

        public bool Empty => requesters.Count == 0;

        public void Add(QueueTicket ticket) =>
            requesters
                .GetOrAdd(ticket.Requester, () => new())
                .GetOrAdd(ticket.Repository, () => new())
                .AddLast(ticket);

        public void Remove(QueueTicket ticket)
        {
            var repositories = requesters.Find(ticket.Requester);
            var line = repositories?.Find(ticket.Repository);
            if (repositories is null || line is null)
            {
                return;
            }
            line.Remove(ticket);
            if (line.Count > 0)
            {
                return;
            }
            repositories.Remove(ticket.Repository);
            if (repositories.Count == 0)
            {
                requesters.Remove(ticket.Requester);
            }
        }

        public QueueTicket? Peek(Func<QueueTicket, bool> fits) =>
            requesters
                .InTurn()
                .SelectMany(r => r.InTurn())
                .Select(line => line.FirstOrDefault(fits))
                .FirstOrDefault(t => t is not null);

        public void Served(QueueTicket ticket)
        {
            requesters.Find(ticket.Requester)?.Served(ticket.Repository);
            requesters.Served(ticket.Requester);
        }
    }
}
